# report.py: a run for machines: JUnit's XML, a test record in OpenHTF's shape, the command's own JSON. Cannot fail but by OSError.
import platform
import xml.etree.ElementTree as ET

from microtill.harness.life import FAILED, PASSED, SKIPPED

_PHASE = {PASSED: "PASS", FAILED: "FAIL", SKIPPED: "SKIP"}
_UNITS = {          # unit: (name, code) of UN/CEFACT recommendation 20
    "ms": ("millisecond", "C26"), "us": ("microsecond", "B98"), "s": ("second", "SEC"), "bytes": ("byte", "AD"), "C": ("degree Celsius", "CEL"),
    "%": ("percent", "P1"), "lux": ("lux", "LUX"), "Hz": ("hertz", "HTZ"), "mV": ("millivolt", "2Z"), "V": ("volt", "VLT")}


def junit(run):
    """One suite; a case for each test, with what it printed."""
    suite = ET.Element("testsuite", name="microtill " + run.target, tests=str(len(run.results)), failures=str(run.count(FAILED)), errors="0",
                       skipped=str(run.count(SKIPPED)), time="%.3f" % (run.ended_s - run.began_s), hostname=platform.node())
    known = ET.SubElement(suite, "properties")
    for name, value in (("target", run.target), ("serial", run.serial), ("firmware", run.firmware)):
        ET.SubElement(known, "property", name=name, value=value)
    for result in run.results:
        case = ET.SubElement(suite, "testcase", classname=result.test.file.removesuffix(".py").replace("/", "."), name=result.test.name,
                             file=result.test.file, line=str(result.test.line), time="%.3f" % result.wall_s)
        said = _clean(result.said)
        if result.outcome == FAILED:
            ET.SubElement(case, "failure", message=last_line(said)).text = said
        elif result.outcome == SKIPPED:
            ET.SubElement(case, "skipped", message=said)
        if result.own:
            ET.SubElement(case, "system-out").text = _clean("\n".join(result.own))
    whole = ET.Element("testsuites")
    whole.append(suite)
    ET.indent(whole)
    return ET.tostring(whole, encoding="unicode", xml_declaration=True) + "\n"


def _clean(text):
    """Without what XML cannot hold."""
    return "".join(char if char in "\n\t" or ord(char) >= 32 and not 0xD800 <= ord(char) < 0xE000 and ord(char) < 0xFFFE else "?" for char in text)


def last_line(text):
    return (text.strip().splitlines() or [""])[-1]


def within(row):
    """Is a measurement between its limits?"""
    low, high, value = row["low"], row["high"], row["value"]
    return (low is None or value >= low) and (high is None or value <= high)


def limits(row):
    """A measurement's limits in words, "" for none."""
    low, high = row["low"], row["high"]
    if low is None and high is None:
        return ""
    return "x <= %s" % high if low is None else "%s <= x" % low if high is None else "%s <= x <= %s" % (low, high)


def record(run):
    """The run as OpenHTF writes a test record: a phase for each test, its measurements with limits and units."""
    return {
        "dut_id": run.serial, "station_id": platform.node(), "start_time_millis": _ms(run.began_s), "end_time_millis": _ms(run.ended_s),
        "outcome": "PASS" if run.well else "FAIL",
        "outcome_details": [{"code": result.id, "description": last_line(result.said)} for result in run.results if result.outcome == FAILED],
        "metadata": {"test_name": "tests/target", "test_version": run.firmware, "firmware": run.firmware, "target": run.target,
                     "passed": run.count(PASSED), "failed": run.count(FAILED), "skipped": run.count(SKIPPED)},
        "phases": [_phase(result) for result in run.results], "log_records": [],
    }


def _phase(result):
    return {
        "name": result.id, "outcome": _PHASE[result.outcome], "start_time_millis": _ms(result.began_s),
        "end_time_millis": _ms(result.began_s + result.wall_s), "codeinfo": {"name": result.test.name, "docstring": None},
        "measurements": {row["name"]: _measurement(row) for row in result.measured}, "attachments": {},
        "result": {"phase_result": _PHASE[result.outcome], "said": result.said, "target_ms": result.ms},
    }


def _measurement(row):
    name, code = _UNITS.get(row["unit"], (row["unit"], None))
    return {"name": row["name"], "outcome": "PASS" if within(row) else "FAIL", "measured_value": row["value"],
            "units": {"name": name, "code": code, "suffix": row["unit"]}, "validators": [limits(row)] if limits(row) else [],
            "limits": {"low": row["low"], "high": row["high"]}}


def _ms(seconds):
    return round(seconds * 1000)


def data(run):
    """What `microtill --json test` prints."""
    return {"target": run.target, "serial": run.serial, "firmware": run.firmware, "passed": run.count(PASSED), "failed": run.count(FAILED),
            "skipped": run.count(SKIPPED), "seconds": round(run.ended_s - run.began_s, 2),
            "tests": [{"id": result.id, "outcome": result.outcome, "said": result.said, "target_ms": result.ms, "seconds": round(result.wall_s, 3),
                       "measurements": result.measured} for result in run.results]}
