# acts.py: what can be done to a bench from outside, each checked and then done in one go. Raises session.Refused; then nothing was done.
# Every act goes through here, whether from the page, a program or a recording, and the recorder hears of each.
import datetime

from microtill.bench.acquirer import moods
from microtill.bench.bench import KEY_HOLD_US
from microtill.console.session import PACES, Refused
from microtill.device_source import settings
from microtill.settings_file import LANGUAGES, with_letters

KEYS = "0123456789ABCD*#"
NETWORK = {"good": (0, False, False), "slow": (1_500_000, False, False), "lossy": (0, True, False), "off": (0, False, True)}     # slow_us, lossy, off
BANK = {"answers": moods.HONEST, "late": moods.Mood("late", 20_000), "twice": moods.TWICE, "never": moods.NEVER, "wrong_mac": moods.WRONG_MAC,
        "wrong_amount": moods.named("wrong_amount"), "garbage": moods.named("garbage")}
PAPER = ("full", "low", "out")
SENSORS = ("gauge", "thermometer", "light", "rtc")
_LIMITS = {"battery_percent": (0, 100), "case_c": (-20, 110), "head_c": (-20, 120), "lux": (0, 100_000)}
_HOUR = 3


class Acts:
    """The acts of one session. Each is called in the bench's own thread (Session.call)."""

    def __init__(self, session):
        self.session = session
        self.network, self.bank, self.paper, self.faults = "good", "answers", "full", {}

    @property
    def bench(self):
        return self.session.bench

    def _note(self, what, **fields):
        if self.session.recorder:
            self.session.recorder.act(what, **fields)
        return {"at_ms": self.session.at_ms}

    # keys and cards
    def key(self, key, action="press", hold_ms=KEY_HOLD_US // 1000):
        """A press with its bounces, or a finger that goes down and stays, or goes up."""
        _one_of("key", key, KEYS)
        _one_of("action", action, ("press", "down", "up"))
        _between("hold_ms", hold_ms, 20, 20_000)
        done = self._note("key", key=key, action=action, hold_ms=hold_ms)
        index = self.bench.board.KEYPAD_LEGEND.index(key)
        if action == "press":
            self.bench.press(key, int(hold_ms * 1000))
        elif action == "down":
            self.bench.keypad.press(index, 3_600_000_000)
        else:
            self.bench.keypad.release(index)
        return done

    def tap(self, card, action="tap", hold_ms=1_500, pulled_at=None):
        """A card into the field for a while, to stay, or away."""
        if card not in self.bench.wallet.names():
            raise Refused("C404", "no such card: %s; see /cards" % card)
        _one_of("action", action, ("tap", "hold", "pull"))
        _between("hold_ms", hold_ms, 50, 60_000)
        if pulled_at is not None:
            _between("pulled_at", pulled_at, 1, 40)
        there = [each for each in self.bench.reader.cards if each.name == card]
        if action == "pull":
            if not there:
                raise Refused("C409", "%s is not in the field" % card)
        elif there:
            raise Refused("C409", "%s is in the field already" % card)
        elif len(self.bench.reader.cards) >= 2:
            raise Refused("C409", "two cards are in the field: pull one first")
        done = self._note("tap", card=card, action=action, hold_ms=hold_ms, pulled_at=pulled_at)
        if action == "pull":
            self._pull(there[0])
        else:
            held = self.bench.wallet.card(card, pulled_at)
            held.name = card
            self.bench.story.act("card %s in the field" % card)
            self.bench.tap(held)
            if action == "tap":
                self.bench.later(int(hold_ms * 1000), self._pull, held)
        self.tell_field()
        return {**done, "in_field": self.in_field()}

    def _pull(self, card):
        if card in self.bench.reader.cards:
            self.bench.pull(card)
        self.tell_field()

    def in_field(self):
        return [each.name for each in self.bench.reader.cards]

    def tell_field(self):
        self.session.hear({"event": "field", "in_field": self.in_field()})

    # faults
    def fault(self, fault, **more):
        act = getattr(self, "_fault_" + fault, None) if isinstance(fault, str) else None
        if act is None:
            raise Refused("C422", "no such fault; there are: " + ", ".join(sorted(name[7:] for name in dir(self) if name.startswith("_fault_"))))
        try:
            act(**more)
        except TypeError as bad:
            raise Refused("C422", "%s takes other details: %s" % (fault, str(bad).partition(") ")[2])) from bad
        done = self._note("fault", fault=fault, **more)
        self.bench.story.act("fault: %s" % " ".join([fault, *("%s=%s" % pair for pair in sorted(more.items()))]))
        return done

    def _fault_power_off(self):
        self.session.power_off()

    def _fault_power_on(self):
        self.session.power_on()

    def _fault_power_at_flash(self, share=0.5):
        _one_of("share", share, (0, 0.5, 1))
        self.bench.flash.reset_counts()
        self.bench.flash.cut = (1, float(share))

    def _fault_reader_deaf(self, remedy="reset"):
        _one_of("remedy", remedy, ("wake", "reset", "power", "dead"))
        self.bench.reader.deaf = remedy

    def _fault_reader_well(self):
        self.bench.reader.deaf = None

    def _fault_key_stuck(self, key):
        _one_of("key", key, KEYS)
        self.bench.keypad.stuck(self.bench.board.KEYPAD_LEGEND.index(key))

    def _fault_key_free(self):
        self.bench.keypad.release_all()

    def _fault_garbled_byte(self, line="reader"):
        _one_of("line", line, ("reader",))
        self.bench.reader.garble_next = True

    def _fault_printer_silent(self, on=True):
        if on not in (True, False):
            raise Refused("C422", "on must be true or false")
        self.bench.printer.deaf = on

    def _fault_sensor(self, sensor, how=None):
        _one_of("sensor", sensor, SENSORS)
        _one_of("how", how, (None, "dead", "stuck", "mad"))
        getattr(self.bench.senses, sensor).fault = how
        self.faults[sensor] = how

    # surroundings
    def environment(self, **wanted):
        checks = {"mains": _flag, "case_open": _flag, "network": lambda n, v: _one_of(n, v, NETWORK), "paper": lambda n, v: _one_of(n, v, PAPER),
                  "bank": lambda n, v: _one_of(n, v, (*BANK, "down")), **{name: _limited for name in _LIMITS}}
        if not wanted:
            raise Refused("C422", "nothing to change; there are: " + ", ".join(sorted(checks)))
        for name, value in wanted.items():
            if name not in checks:
                raise Refused("C422", "no such surroundings: %s" % name)
            checks[name](name, value)
        self._note("environment", **wanted)
        for name, value in wanted.items():
            getattr(self, "_set_" + name, None) and getattr(self, "_set_" + name)(value) or self._set_around(name, value)
        self.bench.story.act(", ".join("%s = %s" % pair for pair in wanted.items()))
        now = self.now()
        self.session.hear({"event": "environment", "environment": now})
        return now

    def _set_around(self, name, value):
        if name in ("mains", "battery_percent", "case_c", "lux", "case_open"):
            setattr(self.bench.surroundings, name, value)

    def _set_head_c(self, value):
        self.bench.surroundings.head.celsius = value

    def _set_network(self, name):
        network, self.network = self.bench.network, name
        network.slow_us, network.lossy, network.off = NETWORK[name]

    def _set_bank(self, name):
        self.bank, self.bench.network.refuse = name, name == "down"
        self.bench.bank.usual = BANK.get(name, moods.HONEST)

    def _set_paper(self, name):
        printer, self.paper = self.bench.printer, name
        {"full": printer.reload, "low": printer.near_end, "out": printer.paper_out}[name]()

    def now(self):
        """The surroundings as they are."""
        around = self.bench.surroundings
        return {"mains": around.mains, "battery_percent": round(around.battery_percent, 1), "case_c": around.case_c,
                "head_c": round(around.head.celsius, 1), "lux": around.lux, "case_open": around.case_open, "paper": self.paper,
                "network": self.network, "bank": self.bank}

    # time
    def time(self, pace=None, step_ms=None, to=None):
        """One of: a pace; so many milliseconds, as fast as they go; to the next trigger, or to tomorrow at three."""
        if sum(each is not None for each in (pace, step_ms, to)) != 1:
            raise Refused("C422", "one of pace, step_ms, to")
        session = self.session
        if pace is not None:
            _one_of("pace", pace, PACES)
            session.set_pace(pace)
        elif step_ms is not None:
            _between("step_ms", step_ms, 1, 60_000)
            session.jump(self.bench.world.now + int(step_ms * 1000))
        else:
            _one_of("to", to, ("next_event", "tomorrow_0300"))
            if not session.powered and to == "next_event":
                raise Refused("C409", "a terminal without power has no next event")
            now = self.bench.now()
            three = (now + datetime.timedelta(days=1)).replace(hour=_HOUR, minute=0, second=0, microsecond=0)
            day = now + datetime.timedelta(days=1)
            until = three if to == "tomorrow_0300" else day
            session.jump(self.bench.world.now + int((until - now).total_seconds() * 1e6), to == "next_event")
        return {"pace": session.pace, "at_ms": session.at_ms, "at": self.bench.now().isoformat(timespec="milliseconds")}


def _one_of(name, value, choices):
    if not (isinstance(value, (str, int, float)) or value is None) or isinstance(value, bool) or value not in choices \
            or isinstance(choices, str) and len(value) != 1:
        raise Refused("C422", "%s must be one of: %s" % (name, ", ".join(str(each) for each in choices)))


def _between(name, value, least, most):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise Refused("C422", "%s must be %s to %s" % (name, least, most))


def _limited(name, value):
    _between(name, value, *_LIMITS[name])


def _flag(name, value):
    if value not in (True, False) or not isinstance(value, bool):
        raise Refused("C422", "%s must be true or false" % name)
