# customer.py: a person at the terminal, scripted: reads the display, keys, taps, enters the PIN, takes the paper. Does what the screen asks.
from microtill import reading
from microtill.bench.bench import KEY_GAP_US, KEY_HOLD_US

THINK_US = 400_000              # before an act, once a screen asks for it
_ENDINGS = {"approved": "Approved", "declined": "Declined", "cancelled": "Cancelled", "unknown": "No answer", "refused": "Not now"}
ENTER, CANCEL, MENU = "D", "A", "C"


class Customer:
    """Pays `minor` (minor units) with `card` (a card object or None), PIN `pin` (digits) where asked. One act for each screen that is new."""

    def __init__(self, bench, minor, card, pin=None, retap=False):
        self.bench, self.minor, self.card, self.pin, self.retap = bench, minor, card, pin, retap
        self.started = self.tapped = self.finished = False
        self.ending = ""
        self._busy_until = 0
        bench.on_screen = self._see

    def begin(self):
        """Key the amount: the first digit wakes the sale. At a kiosk with one price, tap; at one with a list, choose the first."""
        self.started = True
        screen = reading.name(self.bench.shown)
        if screen == "ready_fixed":
            self._tap()
        else:
            self.keys("1" if screen == "choose" else str(self.minor) + ENTER)

    def keys(self, text):
        at = max(self.bench.world.now + THINK_US, self._busy_until)
        for label in text:
            self.bench.world.at(at, self.bench.press, label)
            at += KEY_HOLD_US + KEY_GAP_US
        self._busy_until = at

    def _see(self, text):
        if not self.started:
            return
        screen = reading.name(text)
        act = {"tap": self._tap, "again": self._tap_again, "see_phone": self._tap_again, "pin": self._enter_pin, "any_digits": self._enter_pin,
               "paper_out": self._leave, "printer_silent": self._leave, "head_hot": self._leave, "receipt": self._yes, "tip": self._yes,
               "confirm": self._yes}.get(screen)
        if act:
            act()
        elif screen in _ENDINGS:
            self.ending = _ENDINGS[screen]
        elif screen in reading.AT_REST and self.ending:
            self.finished = True

    def _tap(self):
        if self.card and not (self.tapped and not self.retap):
            self.tapped = True
            self.bench.world.after(THINK_US, self._hold)
        elif self.tapped:
            self.keys(CANCEL)

    def _hold(self):
        self.bench.story.act("card tapped")
        self.bench.tap(self.card)
        self.bench.world.after(1_500_000, self.bench.pull, self.card)

    def _tap_again(self):
        if self.retap:
            self._tap()
        else:
            self.keys(CANCEL)

    def _enter_pin(self):
        if self.pin and self._busy_until <= self.bench.world.now:
            self.bench.story.act("PIN entered")
            self.keys(self.pin + ENTER)

    def _leave(self):
        self.keys(CANCEL)

    def _yes(self):
        self.keys(ENTER)
