# test_drivers_senses.py: the drivers of a terminal's senses on their chips' models: what they read, and that no fault is taken for a value.
import pytest
from driver_rig import FIRST_SECOND, SENSES, DriverRig

from microtill.bench.chips.power import PowerLost
from microtill.bench.firmware import ROOT

FAULTS = ("dead", "stuck", "mad")


def run(lines, rig=None, seed=1, **when):
    """What these lines of a main() say."""
    rig = rig or DriverRig(seed)
    for words, act in when.items():
        rig.when(words, lambda act=act: act(rig))
    body = "".join("    %s\n" % line for line in lines.strip().split("\n"))
    return rig.run(SENSES, "async def main():\n" + body, within_s=4000), rig


def read(make, waits=False):
    """Lines that read twice, with a fault coming in between, and once more when it has gone."""
    call = "await tried(chip.read())" if waits else "await tried(plain())"
    return """
chip = board.%s()
async def plain():
    return chip.read()
say(%s)
say("break")
say(%s)
say("mend")
say(%s)
""" % (make, call, call, call)


@pytest.mark.parametrize("make, attribute, waits, value", [
    ("gauge", "gauge", False, "80"), ("case_thermometer", "thermometer", True, "2400"), ("light", "light", True, "300"),
    ("rtc", "rtc", False, str(FIRST_SECOND)),
], ids=["gauge", "thermometer", "light", "clock"])
@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("seed", range(3))
def test_a_broken_sensor_on_i2c_is_never_a_value(make, attribute, waits, value, fault, seed):
    said, rig = run(read(make, waits), seed=seed, **{"break": lambda rig: setattr(getattr(rig.senses, attribute), "fault", fault),
                                                     "mend": lambda rig: setattr(getattr(rig.senses, attribute), "fault", None)})
    good, wrong, again = [word for word in said if word not in ("break", "mend")]
    assert good == again == value
    assert wrong in (("!absent",) if fault == "dead" else ("!nonsense", "!stale", "!stopped"))
    assert rig.held_us < 10_000


@pytest.mark.parametrize("percent", [0, 0.4, 5, 49.9, 80, 99.6, 100])
def test_the_gauge_tells_whole_percents_and_the_cells_voltage(percent):
    rig = DriverRig()
    rig.around.battery_percent = percent
    said, _ = run("gauge = board.gauge()\nsay(gauge.read(), gauge.millivolts(), gauge.rate())", rig)
    soc, mv, rate = (int(word) for word in said[0].split())
    assert soc == int(percent) and abs(mv - rig.senses.gauge.millivolts) < 2 and rate == 0


def test_the_gauge_tells_how_fast_it_drains_and_raises_its_alert():
    rig = DriverRig()
    rig.around.mains, rig.around.drain_per_hour = False, 20
    said, _ = run("""
gauge = board.gauge()
gauge.alert_below(10)
watching.cancel()
say(gauge.rate(), gauge.alert())
await asyncio.sleep(3600)
say(gauge.read(), gauge.alert())
say("low")
say(gauge.read(), gauge.alert())
""", rig, low=lambda rig: setattr(rig.around, "battery_percent", 9.5))
    assert said == ["-19968 False", "59 False", "low", "9 True"]         # a moment over an hour


def test_a_cell_that_runs_empty_takes_the_terminal_down():
    rig = DriverRig()
    rig.around.mains, rig.around.battery_percent, rig.around.drain_per_hour = False, 1, 60
    with pytest.raises(PowerLost, match="battery empty"):
        run("await asyncio.sleep(600)", rig)
    assert rig.world.now == pytest.approx(60e6, rel=0.01)


@pytest.mark.parametrize("celsius, centi", [(-40, -4000), (-0.5, -50), (0, 0), (24.3, 2430), (85.25, 8525)])
def test_the_thermometer_from_frost_to_heat(celsius, centi):
    rig = DriverRig()
    rig.around.case_c = celsius
    said, rig = run("say(await board.case_thermometer().read())", rig)
    assert abs(int(said[0]) - centi) <= 1 and rig.senses.thermometer.mode == 1


def test_a_frozen_converter_is_stale_and_not_the_temperature_of_yesterday():
    rig = DriverRig()
    said, _ = run(read("case_thermometer", True), rig, **{"break": lambda rig: setattr(rig.senses.thermometer, "frozen", True),
                                                          "mend": lambda rig: setattr(rig.senses.thermometer, "frozen", False)})
    assert said == ["2400", "break", "!stale", "mend", "2400"]


def test_another_chip_at_the_address_is_not_believed():
    rig = DriverRig()
    rig.senses.thermometer.word = lambda pointer: 0x0116 if pointer == 0x0F else 0x0C80
    rig.senses.gauge.word = lambda pointer: 0x0340
    said, _ = run("async def plain(): return board.gauge().read()\nsay(await tried(board.case_thermometer().read()))\n"
                  "say(await tried(plain()))", rig)
    assert said == ["!nonsense", "!nonsense"]


@pytest.mark.parametrize("lux", [0, 1, 20, 300, 10_000, 54_000, 100_000])
def test_light_is_told_in_whole_lux(lux):
    rig = DriverRig()
    rig.around.lux = lux
    said, rig = run("say(await board.light().read())", rig)
    assert abs(int(said[0]) - min(lux, 54_612)) <= 1 and not rig.senses.light.awake


@pytest.mark.parametrize("celsius", [-20, 0, 25, 45, 65, 100, 120])
def test_the_head_is_read_to_half_a_degree(celsius):
    rig = DriverRig()
    rig.around.head.held_c = celsius
    said, _ = run("say(board.head_thermometer().read())", rig)
    assert abs(int(said[0]) - celsius * 100) <= 50


HEAD = """
head = board.head_thermometer()
async def plain(): return head.read()
say(await tried(plain()))
"""


@pytest.mark.parametrize("line", ["open", "short"])
def test_a_broken_wire_at_the_head_is_no_temperature(line):
    rig = DriverRig()
    rig.around.head.line = line
    assert run(HEAD, rig)[0] == ["!" + line]


def test_a_dead_input_is_an_open_line_and_a_rattling_one_is_nonsense():
    rig = DriverRig()
    rig.senses.head_input.fault = "dead"
    assert run(HEAD, rig)[0] == ["!open"]
    said = []
    for seed in range(20):
        rig = DriverRig(seed)
        rig.senses.head_input.fault = "mad"
        said += run(HEAD, rig)[0]
    assert said.count("!nonsense") >= 18


CLOCK = """
clock = board.rtc()
async def plain(): return clock.read()
async def put(unix): return clock.set(unix)
"""


@pytest.mark.parametrize("unix", [946684810, 951782399, 951782400, 1583020799, 1709164800, 1767225599, 4102444799])
def test_the_clock_is_set_and_read_to_the_second(unix):
    said, rig = run(CLOCK + "await put(%d)\nsay(await tried(plain()))\nawait put(%d)\nawait asyncio.sleep(10)\nsay(await tried(plain()))"
                    % (unix, unix - 10))
    assert said == [str(unix), str(unix)] and int(rig.senses.rtc.time.timestamp()) == unix


def test_a_stopped_oscillator_is_told_until_the_time_is_set_again():
    said, _ = run(CLOCK + 'say("stop")\nsay(await tried(plain()))\nsay("go")\nsay(await tried(plain()))\nawait put(1767600123)\n'
                  'say(await tried(plain()))', stop=lambda rig: rig.senses.rtc.stop(), go=lambda rig: rig.senses.rtc.run())
    assert said == ["stop", "!stopped", "go", "!stopped", "1767600123"]


def test_a_coin_cell_keeps_the_time_over_a_cut_and_an_empty_one_does_not():
    rig = DriverRig()
    rig.senses.rtc.jump(3600)
    assert run(CLOCK + "say(await tried(plain()))", rig)[0] == [str(FIRST_SECOND + 3600)]
    rig.senses.rtc.cell_out = True
    assert run(CLOCK + "say(await tried(plain()))", rig)[0] == ["!stopped"]


def test_the_fan_turns_as_it_is_told_and_stands_where_it_is_blocked():
    said, rig = run("""
fan = board.fan()
say(await fan.rpm())
fan.want(100)
await asyncio.sleep(2)
say(await fan.rpm())
fan.want(50)
await asyncio.sleep(2)
say(await fan.rpm())
fan.want(10)
await asyncio.sleep(3)
say(await fan.rpm())
fan.want(60)
await asyncio.sleep(2)
say("block")
say(await fan.rpm())
say("free")
await asyncio.sleep(2)
say(await fan.rpm())
""", block=lambda rig: setattr(rig.senses.fan, "stalled", True), free=lambda rig: setattr(rig.senses.fan, "stalled", False))
    rpm = [int(word) for word in said if word not in ("block", "free")]
    for found, wanted in zip(rpm, (0, 5000, 2500, 0, 0, 3000), strict=True):
        assert abs(found - wanted) <= 60
    assert rig.held_us < 10_000


def test_a_turning_fan_wakes_nobody_unless_it_is_counted():
    rig, before = DriverRig(), {}
    run("fan = board.fan()\nfan.want(100)\nwatching.cancel()\nsay('turns')\nawait asyncio.sleep(3000)\nsay('done')", rig,
        turns=lambda rig: before.update(trips=rig.rig.trips), done=lambda rig: before.update(spent=rig.rig.trips - before["trips"]))
    assert before["spent"] < 20 and rig.senses.fan.rpm == pytest.approx(5000)


def test_tones_and_pulses_are_what_was_asked_for():
    said, rig = run("""
piezo, motor = board.piezo(), board.motor()
async def shrill(): return piezo.tone(50_000)
piezo.tone(2700)
motor(1)
await asyncio.sleep_ms(30)
piezo.tone(1800)
motor(0)
await asyncio.sleep_ms(50)
piezo.off()
say(await tried(shrill()))
""")
    assert said == ["!range"]
    assert [(hertz, round(us / 1000)) for _, hertz, us in rig.senses.piezo.tones] == [(2700, 30), (1800, 50)]
    assert [round(us / 1000) for _, us in rig.senses.motor.pulses] == [30]


def test_mains_charge_and_case_come_by_their_pins():
    said, rig = run("""
charger, case = board.charger(), board.case_switch()
async def charging(): return charger.charging()
charger.on_change(lambda pin: say("edge"))
case.irq(lambda pin: say("case", case()))
say(charger.mains(), charger.charging(), case())
say("full")
say(charger.mains(), charger.charging())
say("cut")
say(charger.mains(), charger.charging())
say("crossed")
say(await tried(charging()))
say("open")
await asyncio.sleep_ms(1)
""", full=lambda rig: setattr(rig.around, "battery_percent", 100), cut=lambda rig: setattr(rig.around, "mains", False),
                    crossed=lambda rig: setattr(rig.senses.charger, "level", lambda pin: pin == rig.senses.charger.good_pin),
                    open=lambda rig: setattr(rig.around, "case_open", True))
    assert [word for word in said if word != "edge"] == ["True True 0", "full", "True False", "cut", "False False", "crossed", "!nonsense",
                                                         "open", "case 1"]
    assert said.count("edge") >= 2


def test_letting_go_of_the_latch_ends_it_there():
    rig = DriverRig()
    with pytest.raises(PowerLost, match="switched off"):
        run("hold = board.hold()\nsay('held')\nhold(0)\nsay('never')", rig)
    assert rig.rig.notes == ["held"]


@pytest.mark.parametrize("depth, by", [("wake", "await reader.wake()"), ("reset", "reset(0)\nawait asyncio.sleep_ms(2)\nreset(1)"),
                                       ("power", "supply(0)\nawait asyncio.sleep_ms(100)\nsupply(1)")])
def test_a_deaf_reader_hears_again_after_its_remedy(depth, by):
    remedies = {"wake": "await reader.wake()", "reset": "reset(0)\nawait asyncio.sleep_ms(2)\nreset(1)",
                "power": "supply(0)\nawait asyncio.sleep_ms(100)\nsupply(1)"}
    weaker = [remedies[name] for name in list(remedies)[:list(remedies).index(depth)]]
    lines = "reader, reset, supply = board.reader(), board.reader_reset(), board.reader_supply()\nawait reader.configure()\nsay('numb')\n"
    for remedy in [*weaker, by]:
        lines += "say(await tried(reader.configure()))\n" + remedy + "\n"
    said, _ = run(lines + "say(await tried(reader.configure()))", numb=lambda rig: setattr(rig.reader, "deaf", depth))
    assert said == ["numb"] + ["!deaf"] * (len(weaker) + 1) + ["None"]


def test_a_supply_off_for_too_short_is_no_remedy():
    said, _ = run("reader, supply = board.reader(), board.reader_supply()\nsay('numb')\nsupply(0)\nawait asyncio.sleep_ms(20)\nsupply(1)\n"
                  "say(await tried(reader.configure()))", numb=lambda rig: setattr(rig.reader, "deaf", "power"))
    assert said == ["numb", "!deaf"]


EXAMPLES = {"max17048": ["80 % 4000 mV 0 %/h"], "tmp117": ["2400"], "bh1750": ["300"], "ds3231": ["1767600000"], "thermistor": ["2400"],
            "piezo": [], "bq24074": ["mains charging"]}


@pytest.mark.parametrize("name", [*EXAMPLES, "fan"])
def test_an_example_runs_as_it_is_printed(name):
    rig = DriverRig()
    said = rig.run_alone((ROOT / "drivers" / name / "example.py").read_text())
    if name == "fan":
        assert abs(int(said[0]) - 2500) <= 60
    elif name == "thermistor":
        assert abs(int(said[0]) - 2400) <= 50
    else:
        assert said == EXAMPLES[name]
