# people.py: somebody on an errand at the terminal: keys, taps and answers what the display asks, and remembers what it said. Cannot fail.
from microtill import reading
from microtill.bench.bench import KEY_GAP_US, KEY_HOLD_US

THINK_US, HOLD_US = 400_000, 1_500_000
ENTER, CANCEL, MENU = "D", "A", "C"
GOOD, BAD, OPEN = ("approved", "done", "settled"), ("declined", "cancelled", "refused", "not_settled"), ("unknown",)
_TAPS, _YES, _LEAVES = ("tap", "again", "see_phone"), ("receipt", "tip"), ("paper_out", "printer_silent", "head_hot")


class Person:
    """`begin`: keys at the ready screen, "" for a tap there; `answers`: {screen: keys}; `taps`: how often a card that moved is tried.
    `touched()` hears of each key before it goes down. `said`: names of the screens since the errand began."""

    def __init__(self, bench, begin, answers, card=None, pin=None, taps=2):
        self.bench, self.begin_keys, self.answers, self.card, self.pin, self.taps = bench, begin, answers, card, pin, taps
        self.said, self.finished, self.touched = [], False, None
        self.busy_until, self._left = 0, taps
        bench.on_screen = self._see

    def begin(self):
        self.said.append("begun")
        if self.begin_keys:
            self.keys(self.begin_keys)
        else:
            self._tap()

    def keys(self, text):
        at = max(self.bench.world.now + THINK_US, self.busy_until)
        for label in text:
            self.bench.world.at(at, self._press, label)
            at += KEY_HOLD_US + KEY_GAP_US
        self.busy_until = at

    def _press(self, label):
        if self.touched:
            self.touched()
        self.bench.press(label)

    def _see(self, text):
        if not self.said:
            return
        screen = reading.name(text)
        at_rest = screen in reading.AT_REST
        if at_rest and any(name in GOOD + BAD + OPEN for name in self.said):
            self.finished = True
        if screen == self.said[-1]:
            return                          # the same with another digit
        self.said.append(screen)
        if screen in self.answers:
            self.keys(self.answers[screen])
        elif screen in _TAPS:
            self._tap()
        elif screen in ("pin", "any_digits") and self.pin:
            self.keys(self.pin + ENTER)
        elif screen in _YES:
            self.keys(ENTER)
        elif screen in _LEAVES:
            self.keys(CANCEL)

    def taps_left(self, count):
        """This card is tried so many times more; then it is put away for good."""
        self._left = count

    def _tap(self):
        if self.card is None or not self._left:
            self.keys(CANCEL)
            return
        self._left -= 1
        self.bench.world.after(THINK_US, self._hold)

    def _hold(self):
        self.bench.tap(self.card)
        self.bench.later(HOLD_US, self._away)       # a hand moves on, whatever becomes of the supply

    def _away(self):
        if self.card in self.bench.reader.cards:
            self.bench.pull(self.card)
