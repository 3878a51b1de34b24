# day.py: a day in a shop around one terminal, judged at its end. Ends 0 where everything is reconciled, 1 where not.
import time

from microtill import day, day_chart, day_report, sweep
from microtill.bench.bench import Bench
from microtill.terminal import provision_demo


class NotNew(Exception):
    code = "U14"


def run(state=None, seed=1, customers=400, picture=None):
    """The report of one day (day_report.of). `state`: a new folder that keeps it all, or None; `picture`: where a PNG is written."""
    if state and (state / "flash.bin").exists():
        raise NotNew("a day begins with a new folder: %s holds a terminal" % state)
    if state:
        provision_demo(state, seed)
    bench = Bench(state, seed=seed)
    if not state:
        bench.flash.data[:] = sweep.keyed_image(seed)
    try:
        with day.one_core():
            whole = day.Day(bench, seed, customers).run()
        report = day_report.of(whole)
        if picture:
            day_chart.png(whole, report, picture)
        return report
    finally:
        bench.close()


def command(out, state, seed, customers, picture):
    """`microtill day`: (status, report). How long it took is told to people alone: the report of a seed is always the same."""
    out.say("24 hours with %d customers; about a minute" % customers)
    begin_s = time.monotonic()
    report = run(state, seed, customers, picture)
    for line in day_report.lines(report, time.monotonic() - begin_s):
        out.say(line)
    if picture:
        out.say("picture: %s" % picture)
    return (0 if report["reconciled"] else 1), report
