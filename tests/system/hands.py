# hands.py: a terminal in a test's hands: keys, taps, waits for words on the display, and reads both books at the end.
from microtill import books
from microtill.bench.bench import KEY_GAP_US, KEY_HOLD_US, Bench
from microtill.verbs.pay import plain


class Hands:
    """A keyed terminal on a bench that forgets. Every wait is in stepped time."""

    def __init__(self, image, seed=1, setup=None):
        self.bench = Bench(None, seed=seed)
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

    def pays(self, minor="1250", card="visa"):
        """A whole sale without a PIN, up to the ready screen."""
        self.ready().keys(minor + "D").sees("Tap a card").taps(card).sees("Approved").ready()
        return self

    # what was left behind
    def events(self, kind):
        return [row for row in self.bench.story.rows if row["kind"] == kind]

    def refusals(self):
        return [(row["name"], row["reason"]) for row in self.events("trigger") if row["end"] == "refused"]

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
