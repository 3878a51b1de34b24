# scene.py: one flow on a bench of its own: what went before, the errand with its points told as they come, and the way back to quiet.
# Raises NotReady where the terminal does not even get through what goes before the errand.
import random

from microtill import reading
from microtill.bench.bench import Bench
from microtill.bench.targets import Gone
from microtill.torture import faults, journal, judge
from microtill.torture.flows import NEXT, NEXT_TAP, SCENES, STAN
from microtill.torture.people import Person

_READY_MS, _ERRAND_MS, _REST_MS, _AWHILE_MS = 400_000, 300_000, 900_000, 5_000
OPEN_STATES = ("owed", "reversal due")
_HANDS_MS, _MOST_DEATHS = 3_000, 3     # a card that lay there when the power went is taken away
_TRIED_MS = 15_000                     # flash that took no record is tried again, and the terminal starts afresh
_FALLS_US = 1_000                       # after the question has left: before it has arrived
_TRIES = 200                            # looks at a debt that is not paid yet, 5 s apart: its longest pause is 300 s


class NotReady(Exception):
    code = "U16"


class Scene:
    """`name` of flows.SCENES, or any with a `flow` of one's own; `image`: the flash of a keyed terminal; `target`: where the firmware runs.
    `hear(kind, size)` is called at each point of the errand, from the moment that it begins, through every life. `points` counts them by kind."""

    def __init__(self, name, image, seed=1, target=None, flow=None):
        self.name, self.flow, self.hear = name, flow or SCENES[name], None
        self.points = dict.fromkeys(faults.KINDS, 0)
        self.bench = self._bench(seed, target)
        self.bench.flash.data[:] = image
        self.card = self.person = self.next = self.errand_ends = None
        self._loses = self.flow.loses
        self.counting, self.resolved, self.papers, self.deaths = False, True, 0, 0

    def _bench(self, seed, target):
        return Bench(None, seed=seed, target=target)

    def close(self):
        self.bench.close()

    def verdict(self):
        """Of all that there is to look at, once `quiet` has ended."""
        return judge.verdict(self)

    # before the errand
    def prepare(self):
        """Power on, and all that went before, up to a terminal at rest whose next act is the errand. Returns itself."""
        bench = self.bench
        bench.start()
        self._need(lambda: self.at_rest and any(row["kind"] == "signed_on" for row in bench.story.rows), "at rest")
        if self.flow.owner:
            bench.console.ask({"op": "stage", "owner": self.flow.owner})
            self._need(lambda: any(row["kind"] == "settings" for row in bench.story.rows), "settings")
        for errand in self.flow.before:
            self.send(errand)
            self.person.begin()
            self._need(lambda: self.person.finished, errand.keys)
        bench.run(_never, 500)
        self.before = {(row["stan"], row["field7"]) for row in journal.payments(bench.flash.data)}
        self.balances = {name: bench.bank.balance_minor(name) for name in bench.wallet.names()}
        if self.flow.spoiled:
            bench.bank.spoil_batch()
        return self

    def _need(self, until, what):
        if not self.bench.run(until, _READY_MS):
            raise NotReady("%s: %s; the display says %r" % (self.name, what, self.bench.shown))

    def send(self, errand):
        """Somebody comes with this errand."""
        bench = self.bench
        answers = {screen: self._keys(keys) for screen, keys in errand.answers.items()}
        self.card = bench.wallet.card(errand.card) if errand.card else None
        self.person = Person(bench, self._keys(errand.keys), answers, self.card, bench.wallet.person(errand.card).pin if errand.card else None)
        if errand.mood:
            bench.bank.moods.append(errand.mood)

    def _keys(self, text):
        if STAN not in text:
            return text
        return text.replace(STAN, str(journal.payments(self.bench.flash.data)[0]["stan"]))

    # the errand
    def play(self):
        """The errand, up to the terminal at rest, a power cut, or five minutes. Points are told from its first moment."""
        bench = self.bench
        self.send(self.flow.errand)
        self._listen()
        lives = bench.lives
        bench.world.after(1_000, self.begin)
        self.run(lambda: self.person.finished or bench.lives > lives, _ERRAND_MS)
        return self

    def run(self, until, within_ms):
        """As Bench.run; a firmware that ends by itself is switched off and on again, and `deaths` counts that."""
        while True:
            try:
                return self.bench.run(until, within_ms)
            except Gone:
                self.deaths += 1
                if self.deaths > _MOST_DEATHS:
                    return False
                self.bench.start()

    def begin(self):
        bench = self.bench
        bench.flash.reset_counts()
        bench.network.reset_counts()
        bench.bank.refusals = []
        self.papers, self._mark, self.counting = len(bench.printer.receipts), len(bench.story.rows), True
        self.person.begin()

    def _listen_to_flash(self):
        told = self.bench.flash.on_operation

        def operation(kind, address, size, at_us):
            told(kind, address, size, at_us)
            self._point(faults.FLASH, size)
        self.bench.flash.on_operation = operation

    def _listen(self):
        bench = self.bench
        self._listen_to_flash()
        bench.network.on_burst = self._burst
        self.person.touched = lambda: self._point(faults.KEY, 0)
        if self.card:
            answer = self.card.apdu

            def apdu(command):
                self._point(faults.APDU, len(command))
                return answer(command)
            self.card.apdu = apdu

    def _burst(self, direction, _number, size):
        if self.counting and self._loses and direction == faults.TO_HOST:
            self._loses = False
            self.bench.later(_FALLS_US, self.bench.network.fall, 0)
        self._point(direction, size)

    def _point(self, kind, size):
        if self.counting:
            self.points[kind] += 1
            if self.hear:
                self.hear(kind, size)

    def chips(self):
        """What the chips themselves have counted since the errand began, in one life."""
        apdus = sum(row["kind"] == "apdu" for row in self.bench.story.rows[self._mark:])
        return {faults.FLASH: self.bench.flash.operations, **self.bench.network.bursts, faults.APDU: apdus}

    # the way back
    @property
    def at_rest(self):
        """Does the terminal's own word say that it waits for a customer?"""
        for row in reversed(self.bench.story.rows):
            if row["kind"] == "screen":
                return row["name"] in reading.AT_REST
            if row["kind"] == "power":
                return False
        return False

    def owing(self):
        return any(row["state"] in OPEN_STATES for row in journal.payments(self.bench.flash.data))

    def quiet(self):
        """Mend everything; then wait until the terminal is at rest and owes nothing, once with the power off and on. Sets `resolved`."""
        self.counting, taken = False, not self.bench.flash.read_only
        faults.heal(self.bench)
        if not taken:
            self.run(_never, _TRIED_MS)
        self.resolved = self.rests()
        if not self.resolved:
            self.bench.cut()
            self.bench.start()
            self.resolved = self.rests()
        if self.resolved and self.flow.settles:
            self.settle_again()
        if self.resolved and self.bench.lives > 1:
            self.life_goes_on()
        if self.resolved:
            self.run(_never, 1_000)
        return self

    def rests(self):
        for _ in range(_TRIES):
            if not self.run(lambda: self.at_rest, _REST_MS):
                return False
            if not self.owing():
                return True
            self.run(_never, _AWHILE_MS)
        return False

    def life_goes_on(self):
        """After a cut: the next customer pays 1.00 (a tap where the kiosk has one price), and is approved."""
        errand, self.errand_ends = self.person, len(journal.payments(self.bench.flash.data))
        self.run(_never, _HANDS_MS)
        self.send(NEXT_TAP if "kiosk" in self.flow.owner else NEXT)
        self.person.begin()
        self.resolved = self.run(lambda: self.person.finished, _ERRAND_MS)
        self.next, self.person = self.person, errand

    def settle_again(self):
        """What is still in an open batch is settled by the next person who tries."""
        if any(journal.sums(self.bench.flash.data)["batch_%s_count" % kind] for kind in ("sale", "refund", "void")):
            self.run(_never, _AWHILE_MS)           # a key that was stuck is free once the terminal has seen it
            self.send(self.flow.errand)
            self.person.begin()
            self.resolved = self.run(lambda: self.person.finished, _ERRAND_MS)


def _never():
    return False


def chance(*parts):
    """A source of numbers that depends on these alone."""
    return random.Random(repr(parts))
