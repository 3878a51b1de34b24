# soak.py: payments by the thousand at terminals that never get a day off, in stepped time, with something going wrong every few of them; an
# auditor at the end. A module to run: python -m microtill.torture.soak [N]; ends 1 where books differ, memory grows or one sector wears out.
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from microtill import sweep
from microtill.bench.bench import Bench
from microtill.bench.chips.nor import PowerCut
from microtill.day import one_core
from microtill.torture import faults, journal
from microtill.torture.people import MENU, Person
from microtill.torture.scene import OPEN_STATES, chance

CARDS = ("visa", "mc", "phone")
_SETTLE_EACH, _LOOK_EACH = 250, 100     # payments between settlements, and between two readings of the journal (it is a ring that forgets)
_TROUBLE = 0.04                         # of all payments
_WITHIN_MS, _REST_MS = 240_000, 900_000
_HEAP_GROWS, _WEAR = 4_096, 1.5         # bytes between the second and the last quarter of a life; times the mean of the journal's sectors
_LONG = 1_000                           # taps in a life whose memory is compared: what is met for the first time has been met by then
_JOURNAL = slice(journal.FIRST // journal.SECTOR, journal.FIRST // journal.SECTOR + journal.SECTORS)
_CUTS = ("plug", "flash")
_TROUBLES = ("line", "hush", "bank", "bank", "bank", "card", "reader", "printer", "sensors", "paper")
_MOODS = ("never", "late 31000", "late 3000", "twice", "wrong_mac", "garbage", "wrong_amount", "wrong_stan", "partial", "crash_before", "crash_after")


class Soak:
    """One terminal and its bank; `cut`: does its power go now and then? Memory is judged on one whose power never does. `heap`: {life: [bytes
    at each tap]}; `lines`: the journal's records as JSON by number; `repeated`: {sector: erases of what was blank already}: each start makes
    the next sector blank anew, since it cannot know whether an erase was cut."""

    def __init__(self, seed, payments, cut=True):
        self.seed, self.payments, self.chance, self.cut = seed, payments, chance("soak", seed), cut
        self.bench = Bench(None, seed=seed)
        self.bench.flash.data[:] = sweep.keyed_image()
        self.lines, self.heap, self.troubles, self.stuck = {}, {}, 0, 0
        self._screen, self._blank, self.repeated = "", set(), dict.fromkeys(range(journal.SECTORS), 0)
        self.bench.story.listeners.append(self._hear)

    def _hear(self, row):
        if row["kind"] == "screen":
            self._screen = row["name"]
        elif row["kind"] == "power":
            self._screen = ""
        elif row["kind"] == "memory" and row["point"] == "tap begins":
            self.heap.setdefault(row["life"], []).append(int(row["bytes"]))
        elif row["kind"] == "flash":
            self._wears((row["address"] - journal.FIRST) // journal.SECTOR, row["operation"])

    def _wears(self, sector, operation):
        if operation == "erase" and sector in self._blank and sector in self.repeated:
            self.repeated[sector] += 1
        (self._blank.add if operation == "erase" else self._blank.discard)(sector)

    def _at_rest(self):
        return self._screen == "ready"      # a terminal that sick sensors have closed opens again once they are well

    # what goes wrong
    def _trouble(self, card):
        """Something, now or soon."""
        bench, by, network = self.bench, self.chance, self.bench.network
        self.troubles += 1
        what = by.choice(_CUTS + _TROUBLES if self.cut else _TROUBLES)
        soon = by.randrange(100_000, 8_000_000)
        if what == "plug":
            bench.later(soon, _plug)
        elif what == "flash":
            bench.flash.reset_counts()
            bench.flash.cut = (by.randint(1, 6), by.random())
        elif what == "line":
            network.reset_counts()
            network.cut_at = (by.choice(faults.BURSTS), 1, by.randint(0, 400))
        elif what == "hush":
            bench.later(soon, setattr, network, "off", True)
        elif what == "bank":
            bench.bank.moods.append(by.choice(_MOODS))
        elif what == "card":
            card.pulled_at = by.randint(1, 3)
        elif what == "reader":
            bench.later(soon, setattr, bench.reader, "deaf", by.choice(("wake", "reset", "power")))
        elif what == "printer":
            bench.later(soon, setattr, bench.printer, "deaf", True)
        elif what == "sensors":
            bench.senses.gauge.fault = bench.senses.thermometer.fault = by.choice(("dead", "mad"))
        else:
            bench.printer.paper_out()

    def _mend(self):
        faults.heal(self.bench)
        self.bench.printer.reload()

    # the run
    def _pay(self):
        bench, by = self.bench, self.chance
        card = bench.wallet.card(by.choice(CARDS))
        person = Person(bench, "%dD" % by.randint(100, 500), {}, card, card.pin)
        lives = bench.lives
        if by.random() < _TROUBLE:
            self._trouble(card)
        person.begin()
        bench.run(lambda: person.finished or bench.lives > lives, _WITHIN_MS)
        self._rest()

    def _rest(self):
        """Mended, and a terminal that waits for the next one."""
        self._mend()
        if not self.bench.run(self._at_rest, _REST_MS):
            self.stuck += 1
            self.bench.cut()
            self.bench.start()
            self.bench.run(self._at_rest, _REST_MS)

    def _settle(self):
        person = Person(self.bench, MENU, {"menu": "6"})
        person.begin()
        self.bench.run(lambda: person.finished, _WITHIN_MS)
        self._rest()

    def _look(self):
        bench = self.bench
        self.lines.update((row["number"], json.dumps(row)) for row in journal.rows(bench.flash.data))
        for grown in (bench.story.rows, bench.screens, bench.rig.notes, bench.printer.receipts):
            grown.clear()

    def run(self):
        """All payments, then quiet. Returns itself."""
        bench = self.bench
        bench.start()
        bench.run(lambda: self._at_rest() and any(row["kind"] == "signed_on" for row in bench.story.rows), _REST_MS)
        for number in range(1, self.payments + 1):
            self._pay()
            if number % _SETTLE_EACH == 0:
                self._settle()
            if number % _LOOK_EACH == 0:
                self._look()
        for _ in range(200):
            self._rest()
            if not any(row["state"] in OPEN_STATES for row in journal.payments(bench.flash.data)):
                break
            bench.run(_never, 5_000)
        self._settle()
        self._look()
        return self

    def report(self, folder):
        """Writes journal.jsonl and bank.sqlite there and asks the auditor, in a process of its own. {"audit", "heap", "wear", ...}."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "journal.jsonl").write_text("".join(line + "\n" for _number, line in sorted(self.lines.items())))
        (folder / "bank.sqlite").unlink(missing_ok=True)
        self.bench.bank._ledger._db.execute("VACUUM INTO ?", (str(folder / "bank.sqlite"),))
        done = subprocess.run([sys.executable, str(Path(__file__).with_name("audit.py")), str(folder / "journal.jsonl"), str(folder / "bank.sqlite")],
                              capture_output=True, text=True)
        wear = self.bench.flash.wear[_JOURNAL]
        used = [erases - self.repeated[sector] for sector, erases in enumerate(wear)]
        growth = [_growth(taps) for taps in self.heap.values() if len(taps) >= _LONG]
        return {"seed": self.seed, "cut": self.cut, "payments": self.payments, "troubles": self.troubles, "lives": self.bench.lives,
                "stuck": self.stuck,
                "audit": json.loads(done.stdout), "audit_status": done.returncode, "heap_growth_bytes": max(growth, default=None),
                "wear_most": max(wear), "wear_mean": statistics.mean(wear), "wear_repeated": sum(self.repeated.values()), "used_most": max(used),
                "used_mean": statistics.mean(used)}


def _growth(taps):
    """Bytes that a life's taps took more in its last quarter than in its second, at the least of each; in the first one much is met for the
    first time."""
    quarter = len(taps) // 4
    return min(taps[-quarter:]) - min(taps[quarter:2 * quarter])


def _plug():
    raise PowerCut


def _never():
    return False


def good(report):
    """Books to the cent, memory flat where it can be judged, no sector written much more often than the mean. Erases that starts repeat are
    told, and not judged: they go by the number of cuts."""
    return report["audit_status"] == 0 and report["stuck"] == 0 and (report["heap_growth_bytes"] or 0) <= _HEAP_GROWS \
        and report["used_most"] <= max(2, _WEAR * report["used_mean"])


def _one(seed, payments, folder, cut):
    """A worker's own process."""
    soak = Soak(seed, payments, cut)
    with one_core():
        report = soak.run().report(folder)
    soak.bench.close()
    (folder / "report.json").write_text(json.dumps(report))
    return 0 if good(report) else 1


def soak(payments, jobs=2, folder=None, seed=1):
    """`payments` shared by `jobs` terminals, a process each; power is cut at every other one. Returns (all good?, reports)."""
    folder = Path(folder or tempfile.mkdtemp(prefix="soak-"))
    pids = {}
    for number in range(jobs):
        where = folder / str(number + 1)
        where.mkdir(parents=True, exist_ok=True)
        (where / "report.json").unlink(missing_ok=True)
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            status = 2
            try:
                status = _one(seed + number, payments // jobs + (number < payments % jobs), where, number % 2 == 0)
            finally:
                os._exit(status)
        pids[pid] = where
    ends = [os.waitpid(pid, 0)[1] for pid in pids]
    reports = [json.loads((where / "report.json").read_text()) for where in pids.values() if (where / "report.json").exists()]
    return not any(ends), reports


def main():
    words = argparse.ArgumentParser(description="Payments by the thousand, with faults; then an audit.")
    words.add_argument("payments", type=int, nargs="?", default=10_000)
    words.add_argument("--jobs", type=int, default=2)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--out", type=Path, default=Path("build") / "soak")
    given = words.parse_args()
    begin_s = time.monotonic()
    fine, reports = soak(given.payments, given.jobs, given.out, given.seed)
    for report in reports:
        print(json.dumps(report))
    print("%d payments in %.0f s: %s" % (given.payments, time.monotonic() - begin_s, "good" if fine else "not good"))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
