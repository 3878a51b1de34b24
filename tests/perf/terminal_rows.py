# terminal_rows.py: figures of a whole sale, counted on the bench: flash operations, heap, garbage, round trips. Nothing here is timed.
import tempfile
from pathlib import Path

from microtill import sweep
from microtill.bench.bench import Bench
from microtill.bench.customer import Customer
from microtill.bench.targets import Sim

HEAP_KIB = 896                      # room enough that what loading leaves in pieces is not what is measured
GOAL_PEAK = 56 * 1024


class Sale:
    """One sale with a PIN on a heap of `heap_kib`, of which `ballast_kib` are taken away once the terminal is at rest and signed on."""

    def __init__(self, image, heap_kib=2048, ballast_kib=0, card="visa-pin"):
        bench = self.bench = Bench(None, target=Sim(heap="%dk" % heap_kib, console=str(Path(tempfile.gettempdir()) / "microtill-perf.log")))
        bench.flash.data[:] = image
        self.idle = self.free = 0
        try:
            person = Customer(bench, 1250, bench.wallet.card(card), bench.wallet.person(card).pin)
            bench.start()
            assert bench.run(lambda: any(row["kind"] == "signed_on" for row in bench.story.rows), 60_000)
            bench.run(lambda: False, 2_000)
            bench.console.ask({"op": "ballast", "kib": ballast_kib})
            bench.run(bench.console.answered, 10_000)
            if bench.console.last and bench.console.last["ok"]:
                self.idle, self.free = bench.console.rows[0]["alloc"], bench.console.rows[0]["free"]
            bench.flash.reset_counts()
            self.mark, self.operations, trips = len(bench.story.rows), [], bench.rig.trips
            person.begin()
            self.passed = bench.run(lambda: person.finished, 120_000) and person.ending == "Approved" and self.free > 0
            self.rows = bench.story.rows[self.mark:]
            self.programs, self.erases, self.trips = bench.flash.programs, bench.flash.erases, bench.rig.trips - trips
            self.died = [row for row in self.rows if row["kind"] == "died"]
        finally:
            bench.close()

    def between(self, first, last, kind):
        """Rows of one kind between two memory points."""
        at = [n for n, row in enumerate(self.rows) if row["kind"] == "memory" and row["point"] in (first, last)]
        return [row for row in self.rows[at[0]:at[1]] if row["kind"] == kind]

    def taken(self, point):
        return next(int(row["bytes"]) for row in self.rows if row["kind"] == "memory" and row["point"] == point)


def peak_over_idle(image):
    """Bytes: the least free heap at rest with which a sale still passes, found by bisection with ballast."""
    enough, too_much = 0, HEAP_KIB
    while too_much - enough > 1:
        middle = (enough + too_much) // 2
        sale = Sale(image, HEAP_KIB, middle)
        if sale.passed and not sale.died:
            enough, best = middle, sale
        else:
            too_much = middle
    return best.free


def rows():
    image = sweep.keyed_image()
    sale = Sale(image)
    tap_erases = [row for row in sale.between("tap begins", "tap ends", "flash") if row["operation"] != "program"]
    grown = sale.taken("tap ends") - sale.taken("tap begins")
    small = Sale(image, HEAP_KIB, 0)
    same = small.taken("tap ends") - small.taken("tap begins")
    tap_ms = sum(row["took_us"] for row in sale.rows if row["kind"] == "apdu") / 1000
    span = [row["t_us"] for row in sale.rows if row["kind"] == "tap"]
    peak = peak_over_idle(image)
    return [
        _row("flash erases in a tap", len(tap_erases), "erases", 0),
        _row("flash erases in a sale", sale.erases, "erases", 0),
        _row("flash programs in a sale", sale.programs, "programs", None),
        _row("garbage of a tap, 64-bit", grown, "bytes", None),
        _row("collections in a tap (heap that grew by another sum)", int(grown <= 0 or abs(grown - same) > 512), "collections", 0),
        _row("peak heap of a sale over idle, 64-bit", peak, "bytes", GOAL_PEAK),
        _row("heap at idle, 64-bit, modules in RAM", sale.idle, "bytes", None),
        _row("a tap beyond card and radio, wire", round((span[-1] - span[0]) / 1000 - tap_ms, 2), "ms", 40),
        _row("round trips of a sale", sale.trips, "trips", None),
    ]


def _row(name, ours, unit, goal):
    return {"name": name, "ours": ours, "peer": None, "ratio": None, "unit": unit, "goal": goal, "met": None if goal is None else ours <= goal}
