# test.py: tests/target on the target, told line by line, and written down as asked. Raises NoSuchTest, BadWords, NoTarget, BoardError, OSError.
import json
import os
import shutil

from microtill.harness import collect, page, report
from microtill.harness.life import FAILED, PASSED, SKIPPED
from microtill.harness.runner import Target, run_all
from microtill.rig import joined

_WORDS = {PASSED: "PASSED", FAILED: "FAILED", SKIPPED: "SKIPPED"}


class NothingMeant(Exception):
    """No test is meant by these words."""
    code = "U24"


def command(out, target, places, words, hung_s, junit, html, record, rig=None):
    """`rig`: the file of a rig at the board's wires."""
    tests = collect.find(places, words)
    if not tests:
        raise NothingMeant("no test's id has: %s" % words)

    playing = joined.Running(joined.read(rig)) if rig else None
    try:
        return _run(out, Target(target, hung_s, playing), tests, junit, html, record)
    finally:
        if playing:
            playing.close()


def _run(out, there, tests, junit, html, record):
    named = there.name if there.serial == there.name else "%s, %s" % (there.name, there.serial)
    out.say("%s, firmware %s, %d tests" % (named, there.firmware, len(tests)))
    run = run_all(there, tests, lambda result: out.say(line(result)))
    for result in run.results:
        if result.outcome == FAILED:
            out.say("\n%s\n%s" % (("_ %s " % result.id).ljust(_columns(), "_"), result.said))
            for own in result.own:
                out.say("| " + own)
    _write(run, junit, html, record)
    out.say("%s in %.1f s" % (run.line, run.ended_s - run.began_s))
    return (0 if run.well else 1), report.data(run)


def line(result):
    """tests/target/test_tlv.py::test_x PASSED, with what was measured, or why it was left out."""
    more = ["%s %s %s%s" % (row["name"], row["value"], row["unit"], " (%s)" % report.limits(row) if report.limits(row) else "")
            for row in result.measured]
    if result.outcome == SKIPPED:
        more.append(result.said)
    return "%s %s%s" % (result.id, _WORDS[result.outcome], "  " + "; ".join(more) if more else "")


def _columns():
    return min(120, shutil.get_terminal_size().columns)


def _write(run, junit, html, record):
    for path, text in ((junit, lambda: report.junit(run)), (html, lambda: page.html(run)),
                       (record, lambda: json.dumps(report.record(run), indent=1, ensure_ascii=False) + "\n")):
        if path:
            os.makedirs(path.parent, exist_ok=True)
            path.write_text(text(), encoding="utf-8")
