# acts.py: what can be done to a bench from outside, each checked and then done in one go. Raises session.Refused; then nothing was done.
# Every act goes through here, whether from the page, a program or a recording, and the recorder hears of each.
import datetime
import functools
import inspect
import json

from microtill import glyphs
from microtill.bench.acquirer import moods
from microtill.bench.bench import KEY_GAP_US, KEY_HOLD_US
from microtill.console.session import PACES, Refused
from microtill.settings_file import with_letters

KEYS = "0123456789ABCD*#"
NETWORK = {"good": (0, False, False, ()), "slow": (1_500_000, False, False, ()), "lossy": (0, True, False, ()), "off": (0, False, True, ()),
           "first_off": (0, False, False, (0,)), "second_off": (0, False, False, (1,))}     # slow_us, lossy, off, ways that are down
BANK = {"answers": moods.HONEST, "late": moods.Mood("late", 20_000), "twice": moods.TWICE, "never": moods.NEVER, "wrong_mac": moods.WRONG_MAC,
        "wrong_amount": moods.named("wrong_amount"), "garbage": moods.named("garbage")}
PAPER = ("full", "low", "out")
SENSORS = ("gauge", "thermometer", "light", "rtc")
HOW = (None, "dead", "stuck", "mad")
REMEDIES = ("wake", "reset", "power", "dead")
FAULTS = ("power_off", "power_on", "power_at_flash", "reader_deaf", "reader_well", "key_stuck", "key_free", "garbled_byte", "printer_silent",
          "sensor")
_LIMITS = {"battery_percent": (0, 100), "case_c": (-20, 110), "head_c": (-20, 120), "lux": (0, 100_000), "hole_lux": (0, 100_000),
           "cell_mv": (0, 4_500)}
_HOUR = 3
_HELD_US, _WAITING_US = 3_600_000_000, 60_000_000       # a finger that stays; how far ahead keys may be asked for
_DOWN_US, _UP_US = 60_000, 40_000       # the least a finger stays down, and up: shorter ones are bounces to the keypad's debounce


class Acts:
    """The acts of one session. Each is called in the bench's own thread (Session.call)."""

    def __init__(self, session):
        self.session = session
        self.network, self.bank, self.paper, self._asked = "good", "answers", "full", False
        self._queue_us, self._free_us, self._down_us = 0, 0, {}     # the last key act; when the next may go down; since when keys are down

    @property
    def bench(self):
        return self.session.bench

    def _note(self, what, **fields):
        if self.session.recorder:
            self.session.recorder.act(what, **fields)
        return {"at_ms": self.session.at_ms}

    # keys and cards
    def key(self, key, action="press", hold_ms=KEY_HOLD_US // 1000):
        """A press with its bounces; or a finger that goes down and stays, or goes up. In the world's time each comes after what was asked
        before it: a finger goes up 60 ms after it went down at the earliest, and the next goes down 40 ms after that."""
        self._check_key(key, action, hold_ms)
        now, at_us = self.bench.world.now, self._earliest(key, action)
        if at_us - now > _WAITING_US and action != "up":
            raise Refused("C409", "more keys wait than a finger can press: the terminal is still at the earlier ones")
        self._queue_us = at_us
        if action == "down":
            self._down_us[key] = at_us
        else:
            self._down_us.pop(key, None)
            self._free_us = at_us + (_UP_US if action == "up" else int(hold_ms * 1000) + KEY_GAP_US)
        if at_us > now:
            self.session.at((at_us, 0), functools.partial(self._press, key, action, hold_ms))
        else:
            self._press(key, action, hold_ms)
        return {"at_ms": at_us // 1000}

    def _earliest(self, key, action):
        """The world's time at which this may happen, in us: the order in which keys were asked for is kept."""
        free_us = self._down_us.get(key, -_DOWN_US) + _DOWN_US if action == "up" else self._free_us
        return max(self.bench.world.now, self._queue_us, free_us)

    def key_again(self, key, action="press", hold_ms=KEY_HOLD_US // 1000):
        """A key at this very moment: a recording has the moments at which keys were pressed, not those at which they were asked for."""
        self._check_key(key, action, hold_ms)
        self._press(key, action, hold_ms)

    @staticmethod
    def _check_key(key, action, hold_ms):
        _one_of("key", key, KEYS)
        _one_of("action", action, ("press", "down", "up"))
        _between("hold_ms", hold_ms, 20, 20_000)

    def _press(self, key, action, hold_ms):
        self._note("key", key=key, action=action, hold_ms=hold_ms)
        index = self.bench.board.KEYPAD_LEGEND.index(key)
        if action == "press":
            self.bench.press(key, int(hold_ms * 1000))
        elif action == "down":
            self.bench.keypad.press(index, _HELD_US)
        else:
            self.bench.keypad.release(index)

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
        return {**done, "in_field": self.in_field()}

    def _pull(self, card):
        if card in self.bench.reader.cards:
            self.bench.pull(card)

    def in_field(self):
        return self.session.watch.field()

    # faults
    def fault(self, fault, **more):
        """One of FAULTS, with its details."""
        act = getattr(self, "_fault_" + fault, None) if fault in FAULTS else None
        if act is None:
            raise Refused("C422", "no such fault; there are: " + ", ".join(FAULTS))
        try:
            inspect.signature(act).bind(**more)
        except TypeError as bad:
            raise Refused("C422", "%s: %s" % (fault, bad)) from bad
        act(**more)
        done = self._note("fault", fault=fault, **more)
        self.bench.story.act("fault: %s" % " ".join([fault, *("%s=%s" % pair for pair in sorted(more.items()) if pair[0] != "key")]))
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
        _one_of("remedy", remedy, REMEDIES)
        self.bench.reader.deaf = remedy

    def _fault_reader_well(self):
        self.bench.reader.deaf = None

    def _fault_key_stuck(self, key):
        _one_of("key", key, KEYS)
        self.bench.keypad.stuck(self.bench.board.KEYPAD_LEGEND.index(key))

    def _fault_key_free(self):
        self.bench.keypad.release_all()

    def _fault_garbled_byte(self, line="reader"):
        _one_of("line", line, ("reader", "printer"))
        {"reader": self.bench.reader, "printer": self.bench.printer}[line].garble_next = True

    def _fault_printer_silent(self, on=True):
        _flag("on", on)
        self.bench.printer.deaf = on

    def _fault_sensor(self, sensor, how=None):
        _one_of("sensor", sensor, SENSORS)
        _one_of("how", how, HOW)
        getattr(self.bench.senses, sensor).fault = how

    def faults(self):
        """What is broken now, in words."""
        bench = self.bench
        found = ["reader_deaf: %s" % bench.reader.deaf] if bench.reader.deaf else []
        found += ["key_stuck"] * bench.keypad.is_stuck + ["printer_silent"] * bench.printer.deaf + ["power_at_flash"] * (bench.flash.cut is not None)
        return found + ["sensor: %s %s" % (name, chip.fault) for name in SENSORS if (chip := getattr(bench.senses, name)).fault]

    # surroundings
    def environment(self, **wanted):
        """Some of the surroundings, all at once or none."""
        if not wanted:
            raise Refused("C422", "nothing to change; there are: " + ", ".join(AROUND))
        for name, value in wanted.items():
            if name not in AROUND:
                raise Refused("C422", "no such surroundings: %s; there are: %s" % (name, ", ".join(AROUND)))
            AROUND[name](name, value)
        self._note("environment", **wanted)
        for name, value in wanted.items():
            setting = getattr(self, "_set_" + name, None)
            setting(value) if setting else setattr(self.bench.surroundings, name, value)
        self.bench.story.act(", ".join("%s = %s" % pair for pair in wanted.items()))
        now = self.now()
        self.session.hear({"event": "environment", "environment": now})
        return now

    def _set_head_c(self, value):
        self.bench.surroundings.head.celsius = value

    def _set_cell_mv(self, value):
        self.bench.surroundings.cell_mv = value or None

    def _set_network(self, name):
        network, self.network = self.bench.network, name
        network.slow_us, network.lossy, network.off, down = NETWORK[name]
        network.down = set(down)

    def _set_bank(self, name):
        self.bank, self.bench.network.refuse = name, name == "down"
        self.bench.bank.usual = BANK.get(name, moods.HONEST)
        if name == "down":
            self.bench.network.hang_up()

    def _set_paper(self, name):
        printer, self.paper = self.bench.printer, name
        {"full": printer.reload, "low": printer.near_end, "out": printer.paper_out}[name]()

    def now(self):
        """The surroundings as they are."""
        around = self.bench.surroundings
        return {"mains": around.mains, "battery_percent": round(around.battery_percent, 1), "case_c": around.case_c,
                "head_c": round(around.head.celsius, 1), "lux": around.lux,
                "hole_lux": around.hole_lux, "cell_mv": around.cell_mv or 0, "case_open": around.case_open, "paper": self.paper,
                "network": self.network, "bank": self.bank}

    # paper and settings
    def tear(self):
        """Tear off what hangs out of the printer."""
        if not self.bench.printer.sheet.rows:
            raise Refused("C409", "no paper hangs out of the printer")
        self._note("tear")
        self.bench.tear()
        return {"papers": self.session.watch.papers}

    def settings(self, owner):
        """Hand an owner's settings to the terminal, which answers on its admin line: see `answer`. They count from its next quiet moment."""
        if not self.session.powered or not self.bench.console.ready:
            raise Refused("C409", "the terminal is off, or has not started yet")
        if self._asked and self.bench.console.last is None:
            raise Refused("C409", "the terminal is still thinking about other settings")
        try:
            request = {"op": "stage", "owner": with_letters(owner)}
            json.dumps(request).encode()
        except (ValueError, TypeError, AttributeError, glyphs.BadGlyph) as bad:
            raise Refused("C422", "these are no settings: %s" % bad) from bad
        self._asked = True
        self._note("settings", owner=owner)
        self.bench.story.act("settings handed over")
        self.bench.console.ask(request)

    def answered(self):
        return self.bench.console.last is not None or not self.session.powered

    def answer(self):
        """[(section, setting, reason)] of what the terminal did not like."""
        if self.bench.console.last is None:
            raise Refused("C409", "the power went before the terminal answered")
        if not self.bench.console.last["ok"] or not self.bench.console.rows:
            raise Refused("C422", "the terminal refuses: %s" % self.bench.console.last.get("word", "no reason given"))
        return self.bench.console.rows[0]["problems"]

    # time
    def time(self, pace=None, step_ms=None, to=None):
        """One of: a pace; so many milliseconds, as fast as they go; to the next trigger (a day at most), or to tomorrow at three."""
        if sum(each is not None for each in (pace, step_ms, to)) != 1:
            raise Refused("C422", "one of pace, step_ms, to")
        session, world, day = self.session, self.bench.world, datetime.timedelta(days=1)
        if pace is not None:
            _one_of("pace", pace, PACES)
            session.set_pace(pace)
        elif step_ms is not None:
            _between("step_ms", step_ms, 1, 60_000)
            session.jump(world.now + int(step_ms * 1000))
        else:
            _one_of("to", to, ("next_event", "tomorrow_0300"))
            if to == "next_event" and not session.powered:
                raise Refused("C409", "a terminal without power has no next event")
            now = self.bench.now()
            until = (now + day).replace(hour=_HOUR, minute=0, second=0, microsecond=0) if to == "tomorrow_0300" else now + day
            session.jump(world.now + (until - now) // datetime.timedelta(microseconds=1), to == "next_event")


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


AROUND = {"mains": _flag, "case_open": _flag, "network": lambda name, value: _one_of(name, value, NETWORK),
          "paper": lambda name, value: _one_of(name, value, PAPER), "bank": lambda name, value: _one_of(name, value, (*BANK, "down")),
          **{name: _limited for name in _LIMITS}}
