# hands.py: a terminal in a test's hands: keys, taps, settings, a hand at its sensors; waits for words on the display, reads both books at the end.
# What does not come about in stepped time is an AssertionError with what the display says instead.
from microtill import books
from microtill.bench.bench import KEY_GAP_US, KEY_HOLD_US, Bench
from microtill.verbs.pay import plain


class Hands:
    """A keyed terminal on a bench that forgets. Every wait is in stepped time."""

    def __init__(self, image, seed=1, setup=None, target=None):
        self.bench = Bench(None, seed=seed, target=target)
        self.bench.flash.data[:] = image
        if setup:
            setup(self.bench)
        self.bench.start()

    def close(self):
        self.bench.close()

    @property
    def screen(self):
        return plain(self.bench.shown)

    @property
    def screens(self):
        return [plain(text) for text in self.bench.screens]

    def sees(self, words, within_ms=60_000):
        """Wait until the display says this; fails with what it says instead."""
        found = self.bench.run(lambda: words in plain(self.bench.shown), within_ms)
        assert found, "waited for %r, the display says %r after %r; %r" % (words, self.screen, self.screens[-4:], self.traces())
        return self

    def ready(self):
        return self.sees("Key an amount", 400_000)

    def waits(self, ms):
        self.bench.run(lambda: False, ms)
        return self

    def keys(self, text):
        at = self.bench.world.now + 50_000
        for label in text:
            self.bench.world.at(at, self.bench.press, label)
            at += KEY_HOLD_US + KEY_GAP_US
        return self.waits((at - self.bench.world.now) // 1000)

    def taps(self, card, hold_ms=1_500, **more):
        """Bring a card (name or object) to the reader and take it away again."""
        card = self.bench.wallet.card(card, **more) if isinstance(card, str) else card
        self.bench.tap(card)
        self.bench.world.after(hold_ms * 1000, self.bench.pull, card)
        return self

    def holds(self, told, what, within_ms=10_000):
        """Wait until `told()` is true; fails with `what`, in a person's words."""
        assert self.bench.run(told, within_ms), "%s: not so; the display says %r, lights %r; %r" % (what, self.screen, self.lights, self.traces())
        return self

    def menu(self, digit):
        """From the ready screen to what the menu has under this digit."""
        return self.ready().keys("C").sees("Menu").keys(digit)

    def pays(self, minor="1250", card="visa"):
        """A whole sale without a PIN, up to the ready screen."""
        self.ready().keys(minor + "D").sees("Tap a card").taps(card).sees("Approved").ready()
        return self

    def long_without_a_bank(self):
        """A payment that the bank never answered, and then no bank for some minutes."""
        self.ready().waits(500).keys("1250D").sees("Tap a card")
        self.bench.bank.moods.append("never")
        self.taps("visa").sees("Asking")
        self.bench.network.refuse = True
        return self.sees("No answer", 40_000).ready().waits(700_000)

    # what its owner does
    def ask(self, op, **more):
        """The rows that its console answers."""
        console = self.bench.console
        self.holds(lambda: console.ready, "the console is up")
        console.ask({"op": op, **more})
        self.holds(console.answered, "the console answers %s" % op)
        assert console.last["ok"], console.last
        return list(console.rows)

    def settings(self, **sections):
        """Load an owner's settings, all of them, and wait until they count."""
        count = len(self.events("settings"))
        return self.stages(**sections).holds(lambda: len(self.events("settings")) > count, "the settings count", 5_000)

    def stages(self, **sections):
        """Hand settings over; the terminal takes them when it is quiet."""
        answer, = self.ask("stage", owner=sections)
        assert answer["ok"], answer["problems"]
        return self

    # what it feels
    @property
    def around(self):
        return self.bench.surroundings

    @property
    def senses(self):
        return self.bench.senses

    @property
    def lights(self):
        """Names of those that are on."""
        return {name for name, on in self.bench.lights.state.items() if on}

    @property
    def bright(self):
        """Contrast of the display: 207 by day, 8 in the dark."""
        return self.bench.screen.contrast

    def heard(self, since=0):
        """Hertz of every tone since so many were heard."""
        return [hertz for _at, hertz, _us in self.senses.piezo.tones[since:]]

    def facts(self):
        """What the guards know; None is unknown."""
        return self.ask("facts")[0]

    # what was left behind
    def events(self, kind):
        return [row for row in self.bench.story.rows if row["kind"] == kind]

    def refusals(self):
        return [(row["name"], row["reason"]) for row in self.events("trigger") if row["end"] == "refused"]

    def records(self, kind):
        """Its journal's records of one kind ("alarm", "changed", "refused", "closing", "owed" ...), oldest first."""
        return [row for row in self.ask("journal") if row["record"] == kind]

    def alarms(self):
        """(source, word) of the alarms on record, as they began and ended."""
        return [(row["source"], row["code"]) for row in self.records("alarm")]

    def notes(self):
        """(what changed, before, after) of the changes on record."""
        return [(row["setting"], row["before"], row["after"]) for row in self.records("changed")]

    def journal(self):
        return books.terminal(self.bench)

    def effects(self):
        """(terminal's, bank's) number of payments that stand."""
        return (sum(row["effects"] for row in self.journal()), sum(row["effects"] for row in self.bench.bank.records()))

    def agree(self):
        """Both books hold the same, and nothing is open."""
        matched, differences = books.compare(self.journal(), self.bench.bank.records())
        assert differences == []
        return matched

    def papers(self):
        return [paper.text for paper in self.bench.printer.receipts]

    def traces(self):
        """Where anything died, for a test that fails."""
        return [row for row in self.bench.story.rows if row["kind"] in ("trace", "died", "link", "flow")]
