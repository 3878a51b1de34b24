# clock.py: `microtill clock`: what time it is at a terminal and here. `--set` puts the terminal right over its admin line: on its audit, and it
# starts afresh with it. Ends 1 where the two differ afterwards, or the terminal's is not known.
import datetime
from pathlib import Path

from microtill.bench.bench import Bench
from microtill.terminal import NoAnswer, ask
from microtill.verbs.books import needed

_WITHIN_MS, _SETTLES_MS = 300_000, 3_000
_MOST_S = 2                             # the chip counts whole seconds, and the line takes its time


def clock(out, state, set_it=False, setup=None):
    """`setup(bench)` once it runs, for tests."""
    needed(Path(state))
    bench = Bench(state, bank=False, keep=set_it)
    try:
        bench.start()
        _ready(bench)
        if setup:
            setup(bench)
        was = None
        if set_it:
            was = ask(bench, _WITHIN_MS, op="set_clock", unix=bench.unix_time())[0]["was"]
            bench.console.ready = False
            _ready(bench)
        row = ask(bench, _WITHIN_MS, op="clock")[0]
        here = bench.unix_time()
    finally:
        bench.close()
    off = None if row["chip"] is None else row["chip"] - here
    if set_it:
        out.say("before    %s" % _words(was))
    out.say("terminal  %s" % _words(row["chip"]))
    out.say("here      %s" % _words(here))
    out.say("%s" % ("the terminal's clock is not known" if off is None else "the same" if abs(off) <= _MOST_S else _apart(off)))
    data = {"terminal": row["chip"], "counts": row["unix"], "good": row["good"], "host": here, "difference_s": off, "set": set_it, "was": was}
    return (0 if off is not None and abs(off) <= _MOST_S else 1), data


def _ready(bench):
    if not bench.run(lambda: bench.console.ready, _WITHIN_MS):
        raise NoAnswer("console")
    bench.run(lambda: False, _SETTLES_MS)


def _words(unix):
    return "unknown" if unix is None else datetime.datetime.fromtimestamp(unix, datetime.UTC).isoformat(sep=" ", timespec="seconds")[:19] + " UTC"


def _apart(off):
    return "the terminal is %d s %s: microtill clock --set" % (abs(off), "ahead" if off > 0 else "behind")
