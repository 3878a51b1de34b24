# faults.py: what can go wrong at a point of a scene: a table by sweep and kind of point, and the act itself. A fault is a tuple of plain values.
import datetime
import random

from microtill.bench.chips.nor import PowerCut
from microtill.bench.network import TO_HOST, TO_TERMINAL

FLASH, APDU, KEY, LINE = "flash", "apdu", "key", "line"        # LINE: a byte of the admin line, or a word on the display
BURSTS = (TO_HOST, TO_TERMINAL)
KINDS = (FLASH, *BURSTS, APDU, KEY, LINE)
SWEEPS = ("power", "link", "card", "health", "line")
SHARES = (0.0, 0.5, 0.97, 1.0)          # of a flash operation's bits: none, torn, nearly all, all but not yet told
AWAY_US = 20_000_000                    # how long a line stays away
_SENSORS = ("gauge", "thermometer", "light", "rtc", "head_input")
_SICK = (("reader", "reset"), ("reader", "dead"), ("printer",), ("screen",), ("key", "D"), ("sensors", "mad"), ("sensors", "dead"), ("memory",))


def of(sweep, kind, size, seed):
    """Every fault of one sweep at a point of this kind; `size` is a burst's, `seed` tears at random."""
    if "line" in (sweep, kind):
        return [("plug",)] if sweep == kind else []
    if sweep == "power":
        if kind == FLASH:
            return [("flash", share, seed) for share in (*SHARES, random.Random(seed).random())]
        return [("plug",)]
    if sweep == "link":
        if kind in BURSTS:
            return [("cut", at) for at in range(size + 1)] + [("hush",)]
        return [("fall",), ("hush",)]
    if sweep == "card":
        return [("pulled", taps) for taps in (1, 2)] if kind == APDU else []
    return list(_SICK)


def counted(sweep, kind):
    """Is a point of this kind one of this sweep's own, which its chip has counted?"""
    if "line" in (sweep, kind):
        return sweep == kind
    return {"power": kind == FLASH, "link": kind in BURSTS, "card": kind == APDU}.get(sweep, True)


def any_of(sweeps, kind, size, chance):
    """One fault by chance."""
    some = [sweep for sweep in sweeps if of(sweep, kind, size, 0)]
    sweep = chance.choice(some) if some else "line" if kind == LINE else "power"
    if sweep == "link" and kind in BURSTS:
        return ("cut", chance.randint(0, size))
    return chance.choice(of(sweep, kind, size, chance.randrange(1 << 30)))


def do(scene, fault, kind):
    """Let it happen now, at a point of this kind. Raises PowerCut for the plug."""
    bench, name = scene.bench, fault[0]
    if name == "flash":
        bench.flash.random = random.Random(fault[2])
        bench.flash.cut = (bench.flash.operations, fault[1])
    elif name == "plug":
        raise PowerCut
    elif name == "cut":
        bench.network.cut_at = (kind, bench.network.bursts[kind], fault[1])
    elif name == "fall":
        bench.network.fall()
        bench.later(AWAY_US, _back, bench.network)
    elif name == "hush":
        bench.network.off = True
        bench.later(AWAY_US, _back, bench.network)
    elif name == "pulled":
        scene.card.pulled_at = scene.card.heard + 1
        scene.person.taps_left(fault[1] - 1)
    else:
        _sick(bench, *fault)


def _back(network):
    network.off = False


def _sick(bench, part, how=None):
    if part == "reader":
        bench.reader.deaf = how
    elif part == "printer":
        bench.printer.deaf = True
    elif part == "screen":
        bench.screen.fault = "dead"
    elif part == "memory":
        bench.flash.read_only = True
    elif part == "key":
        bench.keypad.stuck(bench.board.KEYPAD_LEGEND.index(how))
    else:
        for name in _SENSORS:
            getattr(bench.senses, name).fault = how


def heal(bench):
    """Everything is mended: line, reader, printer, display, keys, sensors, the bank's mood."""
    senses = bench.senses
    bench.flash.cut = bench.network.cut_at = None
    bench.network.off = bench.printer.deaf = bench.flash.read_only = False
    bench.reader.deaf = bench.screen.fault = None
    if bench.keypad.is_stuck:
        bench.keypad.release_all()
    for name in _SENSORS:
        getattr(senses, name).fault = None
    senses.rtc.run()
    senses.rtc.cell_out = senses.rtc.osf = False
    senses.rtc.offset = datetime.timedelta()
    bench.bank.moods.clear()
    bench.network.down.clear()
    bench.bank.restart()
