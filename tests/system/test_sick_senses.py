# test_sick_senses.py: a terminal whose sensors are dead, stuck or mad, from power-on or of a sudden: what it knows, what it says, and that it pays.
import datetime
import random

import pytest
from hands import Hands

WHOLE = {"battery": 80, "battery_level": "fine", "case_c": 2400, "case_level": "cool", "head_level": "cool", "lux": 300, "light_level": "bright",
         "clock_good": True, "mains": True, "charging": True, "case_open": False, "fan": "off"}
FACTS = {"gauge": ("battery", "battery_level"), "thermometer": ("case_c", "case_level"), "head_input": ("head_c", "head_level"),
         "light": ("lux", "light_level"), "rtc": ("clock_good",)}
NAMES = {"gauge": "battery", "thermometer": "case", "head_input": "head", "light": "light", "rtc": "rtc"}

# What each sickness must lead to: facts that become unknown (None), and the alarms that begin. Everything else stays as it is in WHOLE.
#   a chip on the bus: dead gives no acknowledge; stuck repeats one answer, which is no identity and no cleared result; mad is neither for long
#   the head's line: dead is an open one; mad disagrees with itself; one that is stuck after it was well looks just like a head that keeps its heat
LOST = {(sensor, fault, when): (FACTS[sensor], ["sense_lost " + NAMES[sensor]])
        for sensor in FACTS for fault in ("dead", "stuck", "mad") for when in ("from power-on", "of a sudden")}
LOST["head_input", "stuck", "of a sudden"] = ((), [])           # nobody can tell: docs/senses.md
LOST["thermometer", "frozen", "of a sudden"] = (FACTS["thermometer"], ["sense_lost case"])
LOST["head_input", "short", "of a sudden"] = (FACTS["head_input"], ["sense_lost head"])
LOST["rtc", "stopped", "of a sudden"] = (FACTS["rtc"], ["sense_lost rtc"])
LOST["rtc", "cell out", "from power-on"] = (FACTS["rtc"], ["sense_lost rtc"])
LONGEST_MS = 300_000                    # three looks at the clock, and one until the first


def sicken(bench, sensor, fault):
    """One of bench.senses falls sick, or is well again (None): then its clock has been set, too."""
    part = getattr(bench.senses, sensor)
    part.fault = fault if fault in ("dead", "stuck", "mad") else None
    if sensor == "thermometer":
        part.frozen = fault == "frozen"
    elif sensor == "head_input":
        bench.surroundings.head.line = "short" if fault == "short" else None
    elif sensor == "rtc":
        part.cell_out = fault == "cell out"
        if fault == "stopped":
            part.stop()
        elif fault is None:
            part.run()
            part.osf, part.offset = False, datetime.timedelta()


def nothing_false(till):
    """No sale was refused, nothing locked, switched off or held for an attack."""
    bad = [row for row in till.events("trigger") if row["origin"] == "security" or row["name"] in ("safe_stop", "battery_critical", "case_too_hot")]
    assert (bad, till.refusals(), till.records("refused"), till.bench.dark) == ([], [], [], False)


def knows(till, unknown):
    """The facts are whole but for these, which are None: never 0, never an old value."""
    facts = till.facts()
    assert {name: facts[name] for name in unknown} == dict.fromkeys(unknown)
    whole = {name: value for name, value in WHOLE.items() if name not in unknown}
    assert {name: facts[name] for name in whole} == whole
    return facts


@pytest.fixture
def sick(image):
    """sick(sensor, fault, when, seed): a ready terminal with this sickness."""
    made = []

    def make(sensor, fault, when, seed=1):
        at_once = when == "from power-on"
        till = Hands(image, seed=seed, setup=lambda bench: at_once and sicken(bench, sensor, fault))
        made.append(till)
        till.ready()
        if not at_once:
            till.waits(65_000)
            assert till.facts()["alarms"] == {}
            sicken(till.bench, sensor, fault)
        return till
    yield make
    for till in made:
        till.close()


@pytest.mark.parametrize("sensor, fault, when", LOST, ids=["%s-%s-%s" % key for key in LOST])
def test_a_sick_sensor_is_unknown_and_told_and_a_sale_goes_on(sick, sensor, fault, when):
    unknown, alarms = LOST[sensor, fault, when]
    till = sick(sensor, fault, when)
    if alarms:
        till.sees("A sensor is mute", LONGEST_MS)
    else:
        till.waits(LONGEST_MS)
    assert sorted(knows(till, unknown)["alarms"]) == alarms
    till.pays()
    assert till.effects() == (1, 1)
    sicken(till.bench, sensor, None)
    till.holds(lambda: "A sensor is mute" not in till.screen, "the alarm has ended", LONGEST_MS)
    assert knows(till, ())["alarms"] == {}
    assert till.alarms() == [row for alarm in alarms for row in ((alarm, "notice"), (alarm, "ended"))]
    nothing_false(till)


@pytest.mark.parametrize("seed", range(1, 6))
def test_all_senses_mad_at_once_sell_for_an_hour_and_refuse_nothing(sick, seed):
    till = sick("rtc", "mad", "of a sudden", seed)
    for sensor in FACTS:
        sicken(till.bench, sensor, "mad")
    for _ in range(12):
        till.waits(300_000).pays()
    facts = till.facts()
    assert [facts[name] for sensor in FACTS for name in FACTS[sensor]] == [None] * 9
    assert till.effects() == (12, 12)
    nothing_false(till)


# Lines that are no chips: a pin has two levels, and each of them means something.
class Rattle:
    """A part whose pins take random levels at random moments, from a seed, until `ends`."""

    def __init__(self, bench, part, seed):
        self.bench, self.part, self.random, self.on = bench, part, random.Random(seed), True
        self._levels = {}
        part.level = lambda pin: self._levels.get(pin, 1)
        self._turn()

    def _turn(self):
        if self.on:
            self._levels = {pin: self.random.randrange(2) for pin in self.part.pins}
            self.part.wires.changed()
            self.bench.world.after(self.random.randrange(2_000, 200_000), self._turn)

    def ends(self):
        self.on = False
        del self.part.level
        self.part.wires.changed()


def holds_line(part, level):
    """All lines of a part stay at this level (1: as an open one does, by its pull-up); None: they are well again."""
    if level is None:
        del part.level
    else:
        part.level = lambda pin: level
    part.wires.changed()


def test_a_charger_with_open_lines_is_no_mains_and_the_battery_pays(till):
    till.ready()
    holds_line(till.senses.charger, 1)
    till.sees("On battery", 2_000)
    facts = till.facts()
    assert (facts["mains"], facts["charging"]) == (False, False)
    till.pays()
    holds_line(till.senses.charger, None)
    till.holds(lambda: "On battery" not in till.screen, "the alarm has ended", 5_000)
    assert knows(till, ())["alarms"] == {} and till.effects() == (1, 1)
    nothing_false(till)


def test_a_charge_line_that_contradicts_the_mains_is_unknown(till):
    till.ready()
    charger = till.senses.charger
    charger.level = lambda pin: int(pin == charger.good_pin)        # charging without mains: no such thing
    charger.wires.changed()
    till.waits(1_000)
    assert till.facts()["charging"] is None
    till.pays()
    nothing_false(till)


@pytest.mark.parametrize("seed", range(1, 4))
def test_rattling_mains_neither_refuse_a_sale_nor_fill_the_journal(till, seed):
    till.ready()
    rattle = Rattle(till.bench, till.senses.charger, seed)
    till.waits(60_000).keys("1250D").sees("Tap a card").taps("visa").sees("Approved").ready()
    assert len(till.records("alarm")) < 20 and till.effects() == (1, 1)
    rattle.ends()
    till.holds(lambda: "On battery" not in till.screen, "the alarm has ended", 5_000)
    assert knows(till, ())["alarms"] == {}
    nothing_false(till)


def test_an_open_line_of_the_case_switch_is_an_open_case(till):
    till.ready().settings(tamper={"case": "alarm"})
    holds_line(till.senses.case, 1)
    till.sees("Case is open", 2_000).pays()
    holds_line(till.senses.case, None)
    till.holds(lambda: "Case is open" not in till.screen, "the alarm has ended", 5_000)
    assert till.alarms() == [("case_opened", "critical"), ("case_opened", "ended")] and till.effects() == (1, 1)


@pytest.mark.parametrize("seed", range(1, 4))
def test_a_rattling_case_switch_is_one_alarm_and_does_not_fill_the_journal(till, seed):
    till.ready().settings(tamper={"case": "alarm"})
    rattle = Rattle(till.bench, till.senses.case, seed)
    till.sees("Case is open", 10_000).waits(60_000).keys("1250D").sees("Tap a card").taps("visa").sees("Approved").ready()
    assert len(till.records("alarm")) < 20 and till.refusals() == [] and till.effects() == (1, 1)
    rattle.ends()
    till.holds(lambda: "Case is open" not in till.screen, "the alarm has ended", 5_000)
    assert knows(till, ())["alarms"] == {} and till.alarms()[-1] == ("case_opened", "ended")


@pytest.mark.parametrize("level", [0, 1])
def test_a_tachometer_that_says_nothing_is_a_fan_that_stands_still(till, level):
    till.ready()
    holds_line(till.senses.fan, level)
    till.around.case_c = 47
    till.sees("Fan stands still", 45_000).pays()
    assert till.facts()["fan"] == "stalled"
    holds_line(till.senses.fan, None)
    till.sees("Fan is on", 70_000)
    assert till.facts()["fan"] == "on" and till.effects() == (1, 1)
    nothing_false(till)


def test_a_tachometer_that_rattles_faster_than_any_fan_is_unknown(till):
    till.ready()
    fan, bench = till.senses.fan, till.bench
    fan.level = lambda pin: bench.world.now // 500 & 1

    def tick():
        fan.wires.changed()
        bench.world.after(500, tick)
    till.around.case_c = 47
    till.sees("Fan is on", 40_000).waits(1_000)
    tick()
    till.waits(3_000)
    assert till.facts()["fan"] is None and list(till.facts()["alarms"]) == ["case_warm"]
    nothing_false(till)
