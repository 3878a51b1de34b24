# day.py: a day in a shop, in stepped time: its people, its weather and its bad luck around one terminal, from six in the morning to six.
# Nothing goes past the terminal: whoever pays keys, taps and reads the display. It never raises for what happens; day_report.py judges it.
import contextlib
import datetime
import math
import os
import random

from microtill import settings_file
from microtill.bench.acquirer import messages
from microtill.bench.bench import KEY_GAP_US, KEY_HOLD_US
from microtill.terminal import beside
from microtill.verbs import params
from microtill.verbs.pay import plain

BEGIN = datetime.datetime(2026, 6, 3, 6, 0, tzinfo=datetime.UTC)       # a Wednesday; Thursday is Corpus Christi
HOURS, OPEN_H, CLOSE_H = 24, 7, 21
SETTINGS = """
[shop]
name = "Corner Shop"
address = "1 Bench Street"

[sale]
tip = "off"
receipts = "always"

[hours]
mon = "07:00-21:00"
tue = "07:00-21:00"
wed = "07:00-21:00"
thu = "05:00-21:00"     # market day
fri = "07:00-21:00"
sat = "07:00-21:00"
sun = "07:00-21:00"

[closed]
holidays = ["2026-06-04"]

[settlement]
at = "22:30"

[battery]
low = 15
critical = 5

[case]
warm = 45
hot = 60

[light]
dim = 20
"""

# --- people

PEOPLE = (
    # who, of a thousand, cards in turn, PINs in turn, what becomes of it: pays, cancels, walks (goes away); is it dear?
    ("visa", 380, ("visa",), (), "pays", False),
    ("mastercard", 230, ("mc",), (), "pays", False),
    ("phone", 180, ("phone",), (), "pays", False),
    ("visa with PIN", 70, ("visa-pin",), ("1234",), "pays", False),
    ("dear, with PIN", 15, ("mc-pin",), ("2468",), "pays", True),
    ("empty account", 20, ("no-funds",), (), "pays", False),
    ("changes his mind", 20, (), (), "cancels", False),
    ("walks away", 15, (), (), "walks", False),
    ("wrong PIN, then right", 15, ("visa-pin", "visa-pin"), ("4321", "1234"), "pays", False),
    ("moves the card, tries again", 15, ("pulled", "visa"), (), "pays", False),
    ("moves the card, gives up", 10, ("pulled",), (), "pays", False),
    ("expired", 10, ("expired",), (), "pays", False),
    ("wrong PIN, gives up", 8, ("visa-pin",), ("4321",), "pays", False),
    ("blocked", 5, ("blocked",), (), "pays", False),
    ("another scheme", 5, ("other-scheme",), (), "pays", False),
    ("stolen", 1, ("stolen",), (), "pays", False),
    ("copy of a card", 1, ("clone",), (), "pays", False),
)
_RUSH = (       # hour of the day from which, how many come compared with other hours
    (7.0, 2), (7.5, 6), (9.0, 4), (10.0, 3), (11.0, 4), (12.0, 9), (12.5, 13), (13.5, 8), (14.0, 4), (15.0, 3), (16.0, 4), (17.0, 8), (19.0, 5),
    (20.0, 3), (20.9, 0))
_EARLY, _LATE, _OUTSIDE = (6.6, 6.95), (21.2, 21.7), 100        # before and after hours: one in a hundred each, one at least
_HOLIDAY_H = 29.7                                               # somebody tries the door on the holiday
_TYPICAL_MINOR, _SPREAD, _LEAST, _MOST = 950, 0.55, 80, 4_900
_DEAR = (5_200, 9_500)
THINK_US, HOLD_US = 500_000, 1_500_000
_RELOAD_US, _AGAIN_US = 9_000_000, 3_000_000            # the assistant finds a new roll, then presses "print again"
ENTER, CANCEL, MENU, Z = "D", "A", "C", "5"
ENDINGS = {"Approved": "approved", "Declined": "declined", "Cancelled": "cancelled", "No answer": "no answer", "Not now": "refused"}
AT_REST = ("Microtill", "Not in service")


class Guest:
    """Somebody who comes at `at_s` seconds into the day to pay `minor`. `outcome` (a value of ENDINGS), `said` (what was read) and
    `trigger` are known once `finished`."""

    def __init__(self, at_s, person, minor):
        self.at_s, self.minor = at_s, minor
        self.who, _share, self.cards, self.pins, self.does, _dear = person
        self.outcome = self.said = self.reason = self.trigger = ""
        self.begin_s = self.end_s = None
        self.finished = False


def people(seed, customers):
    """The day's guests in the order in which they come. Rare ones come too, where there is room for one of each."""
    chance = random.Random(seed << 8 ^ customers)
    counts = [max(1, share * customers // 1000) for _who, share, *_rest in PEOPLE]
    counts[0] += max(0, customers - sum(counts))
    outside = max(1, customers // _OUTSIDE)
    closed = [chance.uniform(*_EARLY) for _ in range(outside)] + [chance.uniform(*_LATE) for _ in range(outside)] + [_HOLIDAY_H]
    kinds = [person for person, count in zip(PEOPLE, counts) for _ in range(count)][len(closed):][:max(0, customers - len(closed))]
    chance.shuffle(kinds)
    coming = [(hour, PEOPLE[0]) for hour in closed] + [(_in_the_rush(chance), person) for person in kinds]
    coming.sort(key=lambda each: each[0])
    return [Guest(int(3600 * (hour - BEGIN.hour)), person, _price(chance, person[5])) for hour, person in coming]


def _in_the_rush(chance):
    """An hour of the day, as likely as _RUSH has it."""
    spans = [(first, last, (last - first) * weight) for (first, weight), (last, _weight) in zip(_RUSH, _RUSH[1:])]
    at = chance.uniform(0, sum(share for _first, _last, share in spans))
    for first, last, share in spans:
        if at <= share:
            return first + (last - first) * at / share
        at -= share
    return _RUSH[-1][0]


def _price(chance, dear):
    """Minor units, in steps of five."""
    if dear:
        return chance.randrange(*_DEAR, 5)
    minor = round(math.exp(chance.gauss(math.log(_TYPICAL_MINOR), _SPREAD)) / 5) * 5
    return min(_MOST, max(_LEAST, minor))


class AtTheTerminal:
    """One guest before the display: one act for each screen that is new. The shop's assistant helps where paper is out."""

    def __init__(self, bench, guest):
        self.bench, self.guest = bench, guest
        self.cards, self.pins, self.ending = list(guest.cards), list(guest.pins), ""
        self._acts = {"Tap a card": self._tap, "Tap again": self._tap, "See phone": self._look_and_tap, "Enter PIN": self._pin,
                      "Paper is out": self._new_roll}

    def begin(self):
        self.bench.on_screen = self.see
        closed = title(self.bench.shown) == AT_REST[1]
        self.keys(str(self.guest.minor)[:1] if closed else str(self.guest.minor) + ENTER)

    def keys(self, text, after_us=THINK_US):
        at = self.bench.world.now + after_us
        for label in text:
            self.bench.world.at(at, self.bench.press, label)
            at += KEY_HOLD_US + KEY_GAP_US

    def see(self, text):
        name = title(text)
        if name in self._acts:
            self._acts[name]()
        elif name in ENDINGS:
            self.ending, self.guest.said = ENDINGS[name], _said(text)
        elif name in AT_REST and self.ending:
            self.guest.outcome, self.guest.finished = self.ending, True

    def _tap(self):
        if self.cards:
            self.bench.world.after(THINK_US, self._hold, self.bench.wallet.card(self.cards.pop(0)))
        elif self.guest.does != "walks":
            self.keys(CANCEL, 2 * THINK_US)

    def _look_and_tap(self):
        self.cards.append(self.guest.cards[-1])
        self._tap()

    def _hold(self, card):
        self.bench.story.act("card tapped")
        self.bench.tap(card)
        self.bench.world.after(HOLD_US, self.bench.pull, card)

    def _pin(self):
        if "*" not in self.bench.shown:
            self.bench.story.act("PIN entered")
            self.keys(self.pins.pop(0) + ENTER if self.pins else CANCEL)

    def _new_roll(self):
        self.bench.story.act("a new roll of paper")
        self.bench.world.after(_RELOAD_US, self.bench.printer.reload)
        self.keys(ENTER, _RELOAD_US + _AGAIN_US)


def _said(text):
    """The rows under the bar up to the first empty one that follows words."""
    rows = [row.strip() for row in text.split("\n")[1:]]
    while rows and not rows[0]:
        rows.pop(0)
    return " ".join(rows[:rows.index("")] if "" in rows else rows)


def title(text):
    """A screen's bar."""
    return text.split("\n")[0].strip()


# --- the world around

CASE_C = ((6, 22), (9, 26), (11, 35), (12.5, 44), (13.5, 49), (14.5, 48), (16, 41), (18, 35), (21, 28), (30, 22))     # by hour of the day
LUX = ((6, 8), (6.6, 60), (8, 300), (12, 900), (16, 600), (20, 250), (21.5, 150), (21.75, 4), (29.6, 4), (30, 12))
_EACH_S = 300                               # between two looks at the curves
_FULL_BY_PER_HOUR, _OLD_CELL_PER_HOUR = 25, 59      # per cent: a charger that takes its time, and a cell that has seen better days
_ROLL_H, _ROLL_MM = 17.1, 300                       # from when so much paper is left: a customer's and a merchant's receipt take 220
OUTAGES = ((10.3, 9, "silent"), (12.67, 25, "down"))        # hour, minutes, how: nothing passes, or the line is broken
MAINS = (15.0, 90)
_SULK_H, _Z_H = 17.4, 21.1
_AUDIT_EACH = 150                                   # guests and other acts between two readings of the journal
_GLANCE_S, _DIM_UNDER = 20, 0x40                    # SSD1306 10.1.7: contrast, 00h to FFh


def on_curve(points, hour):
    """Between two points of a curve, in a straight line."""
    for (first, low), (last, high) in zip(points, points[1:]):
        if hour <= last:
            return low + (high - low) * max(0.0, hour - first) / (last - first)
    return points[-1][1]


class Day:
    """Everything that happens to `bench` (not started yet, keyed) in 24 hours. `diary`: [(seconds, words)]; `samples`: [(seconds, per cent,
    case in degrees, revolutions of the fan)]; `bands`: [(kind, from, to)] in seconds; `journal`: {number: record}."""

    def __init__(self, bench, seed=1, customers=400):
        self.bench, self.seed = bench, seed
        self.guests = people(seed, customers)
        self.diary, self.samples, self.bands, self.journal, self.last_screen = [], [], [], {}, ""
        self._sulks = self._dim = False
        bench.begin_at(BEGIN)
        self._around()

    def _around(self):
        bench, around = self.bench, self.bench.surroundings
        around.battery_percent, around.charge_per_hour, around.drain_per_hour = 93, _FULL_BY_PER_HOUR, _OLD_CELL_PER_HOUR
        bench.bank.wire.append(self._at_the_bank)
        self._weather()
        first_h, minutes = MAINS
        bench.later(self._us(first_h), self._mains, False)
        bench.later(self._us(first_h + minutes / 60), self._mains, True)
        self.bands.append(("mains", self._s(first_h), self._s(first_h) + minutes * 60))

    @staticmethod
    def _s(hour):
        return int((hour - BEGIN.hour) * 3600)

    def _us(self, hour):
        return self._s(hour) * 1_000_000

    @property
    def now_s(self):
        return self.bench.world.now // 1_000_000

    def note(self, words):
        self.diary.append((self.now_s, words))

    def _weather(self):
        around, hour = self.bench.surroundings, BEGIN.hour + self.now_s / 3600
        around.case_c, around.lux = on_curve(CASE_C, hour), on_curve(LUX, hour)
        self.samples.append((self.now_s, around.battery_percent, around.case_c, self.bench.senses.fan.rpm))
        self._glance()
        self.bench.later(_EACH_S * 1_000_000, self._weather)

    def _glance(self):
        """Is the display as bright as it was?"""
        dim = self.bench.screen.contrast < _DIM_UNDER
        if dim != self._dim:
            self._dim = dim
            self.note("the display is dim" if dim else "the display is bright")

    def _mains(self, on):
        self.bench.surroundings.mains = on
        self.note("mains are back" if on else "mains fail; the terminal goes on from its cell")
        self.bench.later(_GLANCE_S * 1_000_000, self._glance)

    def _at_the_bank(self, direction, raw):
        """A bank that is in a mood answers one payment never."""
        if self._sulks and direction == "request" and messages.decode(raw).mti == "0200":
            self._sulks = False
            self.bench.bank.moods.append("never")
            self.note("the bank takes a payment and never answers")

    # what is done between two guests
    def _outage(self, minutes, how):
        network = self.bench.network
        if how == "down":
            network.fall()
        network.off = True
        self.bands.append(("network", self.now_s, self.now_s + minutes * 60))
        self.note("the network falls silent" if how == "silent" else "the line to the bank breaks")
        self.bench.later(minutes * 60_000_000, self._online)

    def _online(self):
        self.bench.network.off = False
        self.note("the network is back")

    def _sulk(self):
        self._sulks = True

    def _z_report(self):
        """The operator's menu, then Z; done once the paper is out and the terminal is at rest."""
        bench, done = self.bench, []
        operator = AtTheTerminal(bench, Guest(0, PEOPLE[0], 0))
        bench.on_screen = lambda text: done.append(text) if title(text) in AT_REST and "Z TOTALS" in map(title, bench.screens[-3:]) \
            else operator.see(text)
        operator.keys(MENU)
        self._wait(lambda: title(bench.shown) == "Menu", 60)
        operator.keys(Z)
        self._wait(lambda: done, 300)
        self.note("closing time: the operator makes a Z report")

    # the run
    def _wait(self, until, within_s):
        return self.bench.run(until, within_s * 1000)

    def _until(self, at_s):
        if at_s > self.now_s:
            self.bench.run(_never, (at_s - self.now_s) * 1000)

    def _serve(self, guest):
        bench = self.bench
        self._wait(lambda: title(bench.shown) in AT_REST, 900)
        bench.screens.clear()
        mark, guest.begin_s = len(bench.story.rows), self.now_s
        AtTheTerminal(bench, guest).begin()
        self._wait(lambda: guest.finished, 900)
        guest.end_s, bench.on_screen = self.now_s, None
        for row in bench.story.rows[mark:]:
            if row["kind"] == "outcome" or row["kind"] == "trigger" and row["origin"] == "customer" and row["end"] == "refused":
                guest.trigger, guest.reason = row["trigger"], row["reason"]

    def run(self):
        """From power on to 06:00. Returns itself."""
        owner, _errors = settings_file.check(SETTINGS)
        self.bench.start()
        self.note("power on; the owner's settings are loaded")
        params.into(self.bench, owner)
        acts = [(self._s(hour), self._outage, (minutes, how)) for hour, minutes, how in OUTAGES]
        acts += [(self._s(_ROLL_H), self.bench.printer.set_roll, (_ROLL_MM,)), (self._s(_SULK_H), self._sulk, ()),
                 (self._s(_Z_H), self._z_report, ())]
        acts += [(guest.at_s, self._serve, (guest,)) for guest in self.guests]
        for number, (at_s, act, arguments) in enumerate(sorted(acts, key=lambda each: each[0]), 1):
            self._until(at_s)
            act(*arguments)
            if number % _AUDIT_EACH == 0:
                self._audit()
        self._until(HOURS * 3600)
        self.last_screen = plain(self.bench.shown)
        self._audit()
        return self

    def _audit(self):
        """Read the terminal's flash as it stands. Its journal is a ring that forgets, so an auditor comes more than once on a busy day."""
        with beside(self.bench) as service:
            self.journal.update((row["number"], row) for row in service.ask("journal"))


def _never():
    return False


@contextlib.contextmanager
def one_core():
    """Bench and terminal take strict turns: on one core they hand over twice as fast. Left as it was afterwards; where it cannot be, nothing."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {sorted(before)[os.getpid() % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
