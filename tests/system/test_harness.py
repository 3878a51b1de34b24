# test_harness.py: the harness's own behaviour: whatever a test on the target does, it is told by name, and the next one runs.
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from microtill.bench.firmware import ROOT
from microtill.harness import collect, life, page, report
from microtill.harness.runner import Target, run_all

sys.path[:0] = [str(ROOT / "tests" / "boards"), str(ROOT / "tests" / "chips")]

MICROTILL = Path(sys.executable).parent / "microtill"
WILD = '''# test_wild.py: one of each that goes wrong.
from check import ask, measure, skip

needs = ("printer",)
not_on = {"sim": {"test_left_out": "the sim has no such thing"}, "qemu-stm32": {"test_left_out": "neither has the emulator"}}
within_s = {"test_late": 5}
kept = []


def test_well():
    measure("voltage", 3.3, "V", 3.0, 3.6)


def test_differs():
    assert [1, 2] == [1, 3]


def test_off_limits():
    measure("voltage", 2.5, "V", 3.0, 3.6)


def test_for_ever():
    while True:
        pass


async def test_late():
    import asyncio
    await asyncio.sleep(60)


def test_resets():
    try:
        import umachine
        umachine.reset()
    except (ImportError, AttributeError):           # the sim's own way to end at once
        import link
        link._io.close()
        import bus
        bus.idle(1, 0)


def test_leaves():
    raise SystemExit


def test_eats_the_heap():
    while True:
        kept.append(bytearray(100))


def test_garbage():
    print("\\x01{\\"ended\\": \\"passed\\"}", "\\x01nonsense", "\\x02\\x00\\xff <&> \\x1b[31m")
    raise ValueError("\\x00]]>")


def test_pretends():
    print("\\x01{\\"ended\\": \\"perhaps\\"}")
    print("\\x01{\\"ended\\": \\"failed\\"}")


def test_asks_too_much():
    ask("make coffee")


def test_has_no_part():
    import board
    board.flash().program(0, b"x")


def test_left_out():
    assert False


def test_skips_itself():
    skip("no littlefs here")


def test_after_all_that():
    assert ask("printer reads").strip() == ""
'''
ENDS = {
    "well": ("passed", ""), "differs": ("failed", r"\[1, 2\] is not \[1, 3\]"), "off_limits": ("failed", "voltage is 2.5 V"),
    "for_ever": ("failed", "hangs: no word for 2 s"), "late": ("failed", "hangs: not done within 5 s of the target's time"),
    "resets": ("failed", "reset or died|OSError|ValueError"), "leaves": ("failed", "SystemExit"),
    "eats_the_heap": ("failed", "MemoryError|reset or died"),
    "garbage": ("failed", "ValueError"), "pretends": ("passed", ""), "asks_too_much": ("failed", "the bench cannot: make coffee"),
    "has_no_part": ("failed", "OSError"), "left_out": ("skipped", "has no such thing|neither has"), "skips_itself": ("skipped", "no littlefs here"),
    "after_all_that": ("passed", ""),
}


@pytest.fixture(scope="module")
def wild(tmp_path_factory):
    path = tmp_path_factory.mktemp("wild") / "test_wild.py"
    path.write_text(WILD)
    return path


@pytest.fixture(scope="module", params=life.names())
def run(request, wild):
    """Everything that goes wrong, on one target."""
    heard = []
    try:
        target = Target(request.param, hung_s=2)
    except life.NoTarget as error:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(str(error))
    run = run_all(target, collect.find([wild]), lambda result: heard.append(result.id))
    assert heard == [result.id for result in run.results]           # told as they ended
    return run


@pytest.mark.parametrize("name", sorted(ENDS))
def test_whatever_a_test_does_is_told_by_its_name(run, name):
    outcome, words = ENDS[name]
    [result] = [result for result in run.results if result.test.name == "test_" + name]
    assert result.outcome == outcome, result.said
    assert re.search(words, result.said) if words else result.said == ""


def test_every_test_of_a_wild_file_has_its_end(run):
    assert run.line == "3 passed, 10 failed, 2 skipped" and not run.well
    assert len(run.results) == len(ENDS)


def test_a_failure_shows_its_line_and_none_of_the_harness(run):
    [said] = [result.said for result in run.results if result.test.name == "test_differs"]
    assert said.split("\n")[1:] == ['  File "test_wild.py", line 15, in test_differs', "    assert [1, 2] == [1, 3]",
                                    "AssertionError: [1, 2] is not [1, 3]"]


def test_junit_can_be_read_whatever_was_printed(run):
    suite = ET.fromstring(report.junit(run))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("15", "10", "2")
    assert {case.get("name") for case in suite.iter("testcase")} == {"test_" + name for name in ENDS}
    assert all(failure.get("message") for failure in suite.iter("failure"))


def test_the_record_has_figures_with_limits_and_units(run):
    record = json.loads(json.dumps(report.record(run)))
    assert record["outcome"] == "FAIL" and record["dut_id"] == run.serial and record["metadata"]["firmware"] == run.firmware
    assert record["start_time_millis"] <= record["end_time_millis"]
    phases = {phase["name"].split("::test_")[1]: phase for phase in record["phases"]}
    good, off = (phases[name]["measurements"]["voltage"] for name in ("well", "off_limits"))
    assert good == {"name": "voltage", "outcome": "PASS", "measured_value": pytest.approx(3.3, abs=1e-6), "units": {"name": "volt", "code": "VLT",
                    "suffix": "V"}, "validators": ["3.0 <= x <= 3.6"], "limits": {"low": 3.0, "high": pytest.approx(3.6, abs=1e-6)}}
    assert off["outcome"] == "FAIL" and phases["left_out"]["outcome"] == "SKIP"


def test_the_page_needs_nothing_from_elsewhere(run):
    text = page.html(run)
    assert "http" not in text and "src=" not in text and "<link" not in text
    assert text.count('class="lamp failed"') == 1 and text.count("<tr>") == len(ENDS) + 1
    assert "&lt;&amp;&gt;" in text and "<&>" not in text


def test_the_same_tests_end_the_same_on_both_targets():
    """The whole of tests/target is run on each by pytest itself; here: what is left out on one is named."""
    tests = collect.find()
    assert len({test.id for test in tests}) == len(tests) >= 60
    assert all(set(dict(test.not_on)) <= set(life.names()) and all(dict(test.not_on).values()) for test in tests)


def test_the_command_tells_lines_a_count_and_json(tmp_path, wild):
    plain = subprocess.run([MICROTILL, "test", wild, "-k", "well or differs", "--junit", tmp_path / "a" / "j.xml", "--html", tmp_path / "p.html",
                            "--record", tmp_path / "r.json"], capture_output=True, text=True, cwd=wild.parent)
    assert plain.returncode == 1 and plain.stderr == ""
    lines = plain.stdout.splitlines()
    assert "test_wild.py::test_well PASSED  voltage 3.3 V (3.0 <= x <= 3.6)" in lines and "test_wild.py::test_differs FAILED" in lines
    assert lines[-1].startswith("1 passed, 1 failed, 0 skipped in ")
    assert ET.parse(tmp_path / "a" / "j.xml") and json.loads((tmp_path / "r.json").read_text()) and (tmp_path / "p.html").exists()
    asked = subprocess.run([MICROTILL, "--json", "test", str(wild) + "::test_well"], capture_output=True, text=True, cwd=wild.parent)
    said = json.loads(asked.stdout)
    assert asked.returncode == 0 and (said["passed"], said["failed"], said["skipped"]) == (1, 0, 0)
    assert said["serial"] == "sim" and re.fullmatch("[0-9a-f]{16}", said["firmware"])
    assert [(test["id"], test["outcome"]) for test in said["tests"]] == [("test_wild.py::test_well", "passed")]


@pytest.mark.parametrize("arguments, code", [(["-k", "nothing_like_it"], "U24"), (["-k", "a b"], "U22"), (["/nowhere"], "U21")])
def test_nothing_to_run_is_a_usage_error(wild, arguments, code):
    done = subprocess.run([MICROTILL, "test", *arguments], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("microtill: " + code)


def test_no_such_device_is_a_usage_error():
    done = subprocess.run([MICROTILL, "--target", "/dev/nothing", "test"], capture_output=True, text=True)
    assert done.returncode == 2 and "no such target" in done.stderr + done.stdout


def test_words_choose_as_in_pytest():
    holds = collect.meant("journal and not (torn or full)")
    assert holds("test_journal.py::test_whole") and not holds("test_journal.py::test_torn") and not holds("test_tlv.py::test_whole")


def test_a_file_that_is_no_python_is_a_failure(tmp_path):
    (tmp_path / "test_broken.py").write_text("def test_x(:\n")
    run = run_all(Target("sim"), collect.find([tmp_path]))
    assert run.line == "0 passed, 1 failed, 0 skipped" and "SyntaxError" in run.results[0].said


def test_pytest_collects_them_as_items_of_its_own(tmp_path, wild):
    shutil.copy(wild, tmp_path / "test_wild.py")
    shutil.copy(ROOT / "tests" / "target" / "conftest.py", tmp_path / "conftest.py")
    done = subprocess.run([sys.executable, "-m", "pytest", "--target", "sim", "-q", "-p", "no:cacheprovider", "-k", "well or differs or left_out",
                           "."], capture_output=True, text=True, cwd=tmp_path)
    assert "1 failed, 1 passed, 1 skipped" in done.stdout, done.stdout + done.stderr
    assert "AssertionError: [1, 2] is not [1, 3]" in done.stdout and "line 15, in test_differs" in done.stdout


def test_a_board_at_a_port_runs_the_same_files(tmp_path):
    from board_rig import PtyBoard, chips
    board = PtyBoard(tmp_path, chips())
    try:
        target = Target(board.port, hung_s=10)
        file = tmp_path / "test_port.py"
        file.write_text(WILD.replace('needs = ("printer",)\n', "").replace("test_for_ever", "test_endless"))
        run = run_all(target, collect.find([file], "well or differs or garbage or asks"))
        [needy] = run_all(target, collect.find([ROOT / "tests" / "target" / "test_printer.py"])[:1]).results
        hanging = run_all(Target(board.port, hung_s=2), collect.find([file], "endless or after"))
    finally:
        board.close()
    assert [(result.test.name, result.outcome) for result in run.results] == [
        ("test_well", "passed"), ("test_differs", "failed"), ("test_garbage", "failed"), ("test_asks_too_much", "skipped")]
    assert run.results[0].measured[0]["value"] == 3.3 and "[1, 2] is not [1, 3]" in run.results[1].said
    assert [(result.outcome, result.said[:16]) for result in hanging.results] == [("failed", "the board hangs,"), ("failed", "not run: the boa")]
    assert needy.outcome == "skipped" and "printer" in needy.said
