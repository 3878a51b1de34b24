# sweep.py: one sale with one fault, run to its very end, and the verdict: the same effects on both sides, at most one, and nothing left open.
from dataclasses import dataclass, field

from microtill import books
from microtill.bench.bench import Bench
from microtill.bench.chips.nor import PowerCut
from microtill.bench.customer import Customer
from microtill.terminal import Service, install_demo

SHARES = (0.0, 0.5, 1.0)                # of a flash operation's bits: none, torn, all but not yet told
_IDLE_MS, _SETTLE_MS = 300_000, 900_000


@dataclass
class Verdict:
    fault: tuple
    lives: int
    outcome: str
    terminal: int
    bank: int
    open: int
    operations: int
    bursts: dict = field(default_factory=dict)
    screens: list = field(default_factory=list)

    @property
    def one_effect(self):
        """Both sides agree, there is at most one effect, what the person read is what happened, and nothing is left owing."""
        promised = self.outcome != "Approved" or self.terminal == 1
        return self.terminal == self.bank <= 1 and self.open == 0 and promised


def keyed_image(seed=1):
    """The flash of a freshly keyed terminal, as bytes."""
    service = Service(None, seed=seed)
    with service:
        install_demo(service)
        return bytes(service.bench.flash.data)


def sale_cut_at(image, at_ms, **more):
    """One sale whose power goes `at_ms` after the customer begins, wherever the firmware is."""
    def setup(bench):
        bench.world.after(at_ms * 1000, _pull_the_plug)
    return sale(image, ("plug", at_ms), setup=setup, **more)


def _pull_the_plug():
    raise PowerCut


def sale(image, fault=None, card="visa-pin", minor=1250, seed=1, setup=None, target=None):
    """One sale on a terminal with this flash. `fault`: None, ("power", operation, share) or ("link", direction, burst), both counted from
    the moment the customer begins. `target`: where it runs, or the chosen one. Returns the Verdict."""
    bench = Bench(None, seed=seed, target=target)
    bench.flash.data[:] = image
    try:
        person = Customer(bench, minor, bench.wallet.card(card), bench.wallet.person(card).pin)
        bench.start()
        assert bench.run(lambda: _idle(bench) and bench.network.bursts["to_terminal"] > 0, _IDLE_MS), "never ready"
        bench.flash.reset_counts()
        bench.network.reset_counts()
        if setup:
            setup(bench)
        if fault and fault[0] == "power":
            bench.flash.cut = fault[1:]
        elif fault and fault[0] == "link":
            bench.network.cut_at = fault[1:]
        person.begin()
        lives = bench.lives
        bench.run(lambda: person.finished or bench.lives > lives, _IDLE_MS)
        operations, bursts = bench.flash.operations, dict(bench.network.bursts)
        bench.flash.cut = bench.network.cut_at = None
        return _verdict(bench, person, fault, operations, bursts)
    finally:
        bench.close()


def _verdict(bench, person, fault, operations, bursts):
    bench.run(lambda: _idle(bench) and not _owing(bench), _SETTLE_MS)
    bench.run(lambda: False, 3_000)
    mine = books.terminal(bench)
    bank = sum(row["effects"] for row in bench.bank.records())
    return Verdict(fault or (), bench.lives, person.ending, sum(row["effects"] for row in mine), bank,
                   sum(row["state"] in ("owed", "reversal due") for row in mine), operations, bursts, list(bench.screens))


def _idle(bench):
    return "Key an amount" in bench.shown


def _owing(bench):
    """Does the terminal's own word say that something is still owed?"""
    last = {}
    for row in bench.story.rows:
        if row["kind"] == "money":
            last[row["stan"]] = row["state"]
    return any(state in ("owed", "reversal due") for state in last.values())
