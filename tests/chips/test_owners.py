# test_owners.py: the owners of the senses, of fan, sounder and reader, on their drivers, on the chips' models: what the terminal comes to know.
import pytest
from driver_rig import DriverRig

OWNERS = """
import board
from till.devices.fan import Fan
from till.devices.reader import Reader
from till.devices.senses import Senses
from till.devices.sounder import TONES, Sounder
from till.devices.switches import Switches

class Facts:
    reader_hears = None

facts = Facts()
parameters = {"battery": {"low": 15, "critical": 5, "hysteresis": 3}, "case": {"warm": 45, "hot": 60, "too_hot": 70, "hysteresis": 3},
              "head": {"hot": 60, "too_hot": 70, "hysteresis": 5}, "light": {"dim": 20, "hysteresis": 10}, "clock": {"jump_s": 5},
              "people": {"tones": True, "haptic": True}}

def offer(origin, name, data=None):
    say(origin, name, data.uid.hex() if hasattr(data, "uid") else data)

def start(make):
    watching.cancel()
    return asyncio.create_task(make.run())

def senses():
    chips = {"battery": board.gauge(), "case": board.case_thermometer(), "head": board.head_thermometer(), "light": board.light(),
             "rtc": board.rtc()}
    return Senses(chips, board.sense_errors, facts, offer, parameters)

def known():
    say(facts.battery, facts.battery_level, facts.case_c, facts.case_level, facts.head_c, facts.head_level, facts.lux, facts.light_level,
        facts.clock_good)
"""


def run(lines, rig=None, within_s=4000, **when):
    """What these lines of a main() say; `when` maps its words to acts on the rig."""
    rig = rig or DriverRig()
    for words, act in when.items():
        rig.when(words, lambda act=act: act(rig))
    body = "".join("    %s\n" % line for line in lines.strip().split("\n"))
    return rig.run(OWNERS, "async def main():\n" + body, within_s), rig


def put(**values):
    """An act: so is it around the terminal from now on."""
    def act(rig):
        for name, value in values.items():
            setattr(rig.around, name, value)
    return act


def fault(chip, kind):
    return lambda rig: setattr(getattr(rig.senses, chip), "fault", kind)


# --- senses

def test_a_calm_terminal_knows_everything_and_says_nothing():
    said, rig = run("""
owner = senses()
known()
start(owner)
await asyncio.sleep(1)
known()
await asyncio.sleep(300)
known()
""")
    assert said[0] == " ".join(["None"] * 9)
    assert said[1] == said[2] == "80 fine 2400 cool 2400 cool 300 bright True"


def test_the_watch_over_a_quiet_hour_wakes_the_terminal_a_little_and_a_slow_one_less():
    idles = []
    for slow in ("False", "True"):
        rig, before = DriverRig(), {}
        run("owner = senses()\nowner.slow = %s\nstart(owner)\nawait asyncio.sleep(1)\nsay('go')\nawait asyncio.sleep(3600)\nsay('end')" % slow, rig,
            go=lambda rig, b=before: b.update(idles=rig.rig.idles), end=lambda rig, b=before: b.update(idles=rig.rig.idles - b["idles"]))
        idles.append(before["idles"])
    assert idles[0] <= 360 * 4 + 20 and idles[1] <= 90 * 4 + 20


@pytest.mark.parametrize("attribute, values, told", [
    ("battery_percent", (14, 17, 5, 9, 40), ["health battery_low 14", "health battery_critical 5", "health battery_low 9", "health battery_fine 40"]),
    ("case_c", (46, 43, 41, 61, 70, 30), ["health case_warm 4600", "health case_cool 4100", "health case_hot 6100", "health case_too_hot 7000",
                                          "health case_cool 3000"]),
    ("lux", (15, 5, 19, 25), ["health dark 5", "health bright 25"]),
], ids=["battery", "case", "light"])
def test_each_change_of_a_level_is_told_once(attribute, values, told):
    rig = DriverRig()
    lines = "start(senses())\nawait asyncio.sleep(1)\n"
    for value in values:
        rig.when("set %s" % value, lambda value=value: setattr(rig.around, attribute, value))
        lines += "say('set %s')\nawait asyncio.sleep(65)\n" % value
    rig.around.ambient_c = 24
    said, _ = run(lines, rig)
    assert [word for word in said if not word.startswith("set")] == told


def test_a_terminal_that_boots_into_heat_says_so_and_one_that_boots_cool_does_not():
    rig = DriverRig()
    rig.around.case_c, rig.around.ambient_c, rig.around.battery_percent, rig.around.lux = 65, 24, 3, 5
    assert run("start(senses())\nawait asyncio.sleep(1)", rig)[0] == ["health battery_critical 3", "health case_hot 6500", "health dark 5"]


def test_printing_heats_the_head_and_it_is_looked_at_more_often_meanwhile():
    rig = DriverRig()
    said, _ = run("""
owner = senses()
start(owner)
await asyncio.sleep(1)
owner.printing = True
await asyncio.sleep(1)
say("print")
await asyncio.sleep_ms(2500)
say(facts.head_level)
owner.printing = False
say("cool")
await asyncio.sleep(40)
say(facts.head_level)
""", rig, print=lambda rig: (setattr(rig.around.head, "celsius", 58.5), rig.around.head.heat(1800)),
                  cool=lambda rig: setattr(rig.around.head, "celsius", 30))
    assert said[0] == "print" and said[1].startswith("health head_hot 6") and said[2] == "hot" and said[3] == "cool"
    assert said[4].startswith("health head_cool") and said[5] == "cool"


@pytest.mark.parametrize("kind", ["dead", "stuck", "mad"])
@pytest.mark.parametrize("chip, name, fact", [("gauge", "battery", "battery"), ("thermometer", "case", "case_level"), ("light", "light", "lux"),
                                              ("rtc", "rtc", "clock_good")])
def test_a_broken_sensor_is_unknown_and_told_once_and_so_is_its_return(chip, name, fact, kind):
    said, _ = run("""
start(senses())
await asyncio.sleep(1)
say("break")
await asyncio.sleep(700)
say(facts.%s)
say("mend")
await asyncio.sleep(200)
say(facts.%s is None)
""" % (fact, fact), **{"break": fault(chip, kind), "mend": fault(chip, None)})
    assert said == ["break", "health sense_lost " + name, "None", "mend", "health sense_back " + name, "False"]


@pytest.mark.parametrize("kind", ["dead", "mad"])
@pytest.mark.parametrize("seed", range(4))
def test_a_broken_head_sensor_is_unknown(kind, seed):
    rig = DriverRig(seed)
    said, _ = run("start(senses())\nawait asyncio.sleep(1)\nsay('break')\nawait asyncio.sleep(100)\nsay(facts.head_c, facts.head_level)", rig,
                  **{"break": fault("head_input", kind)})
    assert said == ["break", "health sense_lost head", "None None"]


def test_a_sensor_that_was_never_there_is_lost_not_zero():
    rig = DriverRig()
    rig.senses.gauge.fault = "dead"
    assert run("start(senses())\nawait asyncio.sleep(200)\nsay(facts.battery, facts.battery_level)", rig)[0] == [
        "health sense_lost battery", "None None"]


def test_what_was_told_before_a_sensor_was_lost_is_taken_back_when_it_is_back():
    said, _ = run("""
start(senses())
await asyncio.sleep(1)
say("hot")
await asyncio.sleep(30)
say("break")
await asyncio.sleep(60)
say("cool")
say("mend")
await asyncio.sleep(60)
""", hot=put(case_c=50, ambient_c=24), cool=put(case_c=24), **{"break": fault("thermometer", "dead"), "mend": fault("thermometer", None)})
    assert said == ["hot", "health case_warm 5000", "break", "health sense_lost case", "cool", "mend", "health sense_back case",
                    "health case_cool 2400"]


def test_one_wild_reading_is_not_believed():
    rig = DriverRig()
    said, _ = run("""
start(senses())
await asyncio.sleep(1)
say("wild")
await asyncio.sleep(10)
say(facts.case_c)
say("calm")
await asyncio.sleep(30)
say(facts.case_c)
""", rig, wild=put(case_c=90), calm=put(case_c=25))
    assert said == ["wild", "2400", "calm", "2500"]


def test_new_settings_hold_from_the_next_look_on():
    said, _ = run("start(senses())\nawait asyncio.sleep(1)\nparameters['case'] = {'warm': 20, 'hot': 60, 'too_hot': 70, 'hysteresis': 3}\n"
                  "await asyncio.sleep(10)")
    assert said == ["health case_warm 2400"]


def test_a_clock_that_jumps_is_told_with_how_far_and_so_is_its_way_back():
    said, _ = run("""
start(senses())
await asyncio.sleep(130)
say("jump")
await asyncio.sleep(130)
say(facts.clock_good)
say("back")
await asyncio.sleep(70)
say(facts.clock_good)
say("little")
await asyncio.sleep(70)
say(facts.clock_good)
""", jump=lambda rig: rig.senses.rtc.jump(-3600), back=lambda rig: rig.senses.rtc.jump(3600), little=lambda rig: rig.senses.rtc.jump(3))
    assert said == ["jump", "security clock_jumped -3600", "False", "back", "security clock_back 3600", "True", "little", "True"]


def test_a_clock_that_stopped_is_unknown_and_off_when_it_goes_again():
    said, _ = run("""
start(senses())
await asyncio.sleep(70)
say("stop")
await asyncio.sleep(200)
say(facts.clock_good)
say("mend")
await asyncio.sleep(130)
say(facts.clock_good)
""", stop=lambda rig: rig.senses.rtc.stop(), mend=lambda rig: (rig.senses.rtc.run(), setattr(rig.senses.rtc, "osf", False)))
    assert said[:4] == ["stop", "health sense_lost rtc", "None", "mend"] and said[4].startswith("health sense_back rtc")
    assert said[5].startswith("security clock_jumped -2") and said[6] == "False"


# --- switches

SWITCHES = "start(Switches(board.charger(), board.case_switch(), facts, offer, board.sense_errors))\nawait asyncio.sleep(1)\n"


def test_a_boot_on_mains_with_a_closed_case_says_nothing():
    assert run(SWITCHES + "say(facts.mains, facts.charging, facts.case_open)")[0] == ["True True False"]


def test_a_boot_without_mains_and_with_an_open_case_says_both():
    rig = DriverRig()
    rig.around.mains, rig.around.case_open = False, True
    assert run(SWITCHES + "say(facts.mains, facts.charging, facts.case_open)", rig)[0] == [
        "health mains_lost None", "security case_opened None", "False False True"]


def test_mains_that_bounce_are_told_once():
    def bounce(rig):
        for n in range(9):
            rig.world.after(1000 * n * n, put(mains=n % 2 == 1), rig)
    said, rig = run(SWITCHES + """
say("bounce")
await asyncio.sleep(1)
say(facts.mains)
say("back")
await asyncio.sleep(1)
say("open")
await asyncio.sleep(1)
say("close")
await asyncio.sleep(1)
""", bounce=bounce, back=put(mains=True), open=put(case_open=True), close=put(case_open=False))
    assert said == ["bounce", "health mains_lost None", "False", "back", "health mains_back None", "open", "security case_opened None",
                    "close", "security case_closed None"]


def test_pins_that_rest_wake_nobody():
    rig, before = DriverRig(), {}
    run(SWITCHES + "say('go')\nawait asyncio.sleep(3000)\nsay('end')", rig, go=lambda rig: before.update(n=rig.rig.trips),
        end=lambda rig: before.update(n=rig.rig.trips - before["n"]))
    assert before["n"] < 15


def test_a_charger_that_contradicts_itself_is_unknown():
    rig = DriverRig()
    rig.senses.charger.level = lambda pin: pin == rig.senses.charger.good_pin
    assert run(SWITCHES + "say(facts.mains, facts.charging)", rig)[0] == ["health mains_lost None", "False None"]


# --- fan

def test_a_fan_is_seen_turning_stalled_and_turning_again():
    said, _ = run("""
fan = Fan(board.fan(), facts, offer, board.sense_errors)
start(fan)
say(facts.fan)
fan.want(60)
say(facts.fan)
await asyncio.sleep(3)
say(facts.fan)
say("block")
await asyncio.sleep(65)
say(facts.fan)
say("free")
await asyncio.sleep(65)
fan.want(100)
say(facts.fan)
await asyncio.sleep(4)
fan.want(0)
say(facts.fan)
""", block=lambda rig: setattr(rig.senses.fan, "stalled", True), free=lambda rig: setattr(rig.senses.fan, "stalled", False))
    assert said == ["off", "None", "on", "block", "health fan_stalled None", "stalled", "free", "health fan_turns None", "on", "off"]


def test_a_fan_at_rest_wakes_nobody():
    rig, before = DriverRig(), {}
    run("start(Fan(board.fan(), facts, offer))\nawait asyncio.sleep(1)\nsay('go')\nawait asyncio.sleep(3000)\nsay('end')", rig,
        go=lambda rig: before.update(n=rig.rig.trips), end=lambda rig: before.update(n=rig.rig.trips - before["n"]))
    assert before["n"] < 15


# --- sounder

def played(names, people="True True"):
    tones, haptic = people.split()
    _, rig = run("parameters['people'] = {'tones': %s, 'haptic': %s}\nsounder = Sounder(board.piezo(), board.motor(), parameters)\nstart(sounder)\n"
                 % (tones, haptic) + "".join("sounder.play('%s')\n" % name for name in names) + "await asyncio.sleep(20)\nsay(sounder.left_out)")
    return [(hertz, round(us / 1000)) for _, hertz, us in rig.senses.piezo.tones], [round(us / 1000) for _, us in rig.senses.motor.pulses], rig


def test_a_sign_is_heard_and_felt():
    assert played(["good"])[:2] == ([(2100, 90), (2800, 160)], [60])
    assert played(["bad"])[:2] == ([(900, 180), (700, 320)], [250])


def test_sounds_and_pulses_may_be_switched_off_each_alone():
    assert played(["warning"], "False True")[:2] == ([], [120])
    assert played(["warning"], "True False")[:2] == ([(1500, 150), (1500, 150)], [])
    assert played(["warning"], "False False")[:2] == ([], [])


def test_signs_wait_for_each_other_and_a_storm_leaves_some_out():
    tones, pulses, rig = played(["digit"] * 9)
    assert tones == [(2700, 30)] * 4 and pulses == [15] * 4 and rig.rig.notes[-2] == "5"


def test_every_sign_can_be_played():
    said, rig = run("sounder = Sounder(board.piezo(), board.motor(), parameters)\nstart(sounder)\nfor name in sorted(TONES):\n"
                    "    sounder.play(name)\n    await asyncio.sleep(5)\nsay(len(TONES), sounder.left_out)")
    assert said == ["7 0"] and len(rig.senses.motor.pulses) == 7


# --- reader

class Card:
    atqa, sak, ats = b"\x00\x04", 0x20, bytes.fromhex("0B7880A102312054455354")

    def __init__(self, uid=b"\x5a\x01\x02\x03"):
        self.uid = uid

    def power_on(self):
        """It keeps nothing."""

    def apdu(self, command):
        return bytes(command)[::-1] + b"\x90\x00", 5_000


READER = """
reader = Reader(board.reader(), offer, facts, board.reader_error, board.reader_reset(), board.reader_supply(), lambda step: say("note", step))
watching.cancel()
await reader.start()
"""


def lay(rig, after_us=0, card=None):
    rig.world.after(after_us, rig.reader.present, card or Card())


def test_a_healthy_reader_starts_without_a_word():
    assert run(READER + "say(facts.reader_hears)")[0] == ["True"]


@pytest.mark.parametrize("deaf, steps", [("wake", ["woken"]), ("reset", ["woken", "reset"]), ("power", ["woken", "reset", "power cycled"])])
def test_a_deaf_reader_is_treated_step_by_step_until_it_hears(deaf, steps):
    rig = DriverRig()
    rig.reader.deaf = deaf
    said, _ = run(READER + "say(facts.reader_hears)\nsay('lay')\nreader.want_card(True)\nawait asyncio.sleep(1)", rig, lay=lay)
    assert said == ["note " + step for step in [*steps, "heard"]] + ["True", "lay", "customer presented 5a010203"]


def test_a_reader_that_falls_deaf_while_a_card_is_wanted_is_brought_back():
    said, _ = run(READER + """
reader.want_card(True)
await asyncio.sleep(1)
say("numb")
await asyncio.sleep(10)
say(facts.reader_hears)
say("lay")
await asyncio.sleep(1)
""", numb=lambda rig: setattr(rig.reader, "deaf", "power"), lay=lay)
    assert said == ["numb", "health reader_deaf deaf", "note woken", "note reset", "note power cycled", "note heard", "health reader_heard None",
                    "True", "lay", "customer presented 5a010203"]


def test_a_dead_reader_is_told_once_and_comes_back_when_it_lives_again():
    rig = DriverRig()
    rig.reader.deaf = "dead"
    said, _ = run(READER + """
say(facts.reader_hears)
await asyncio.sleep(200)
say("wire")
await asyncio.sleep(70)
say(facts.reader_hears)
""", rig, wire=lambda rig: setattr(rig.reader, "deaf", None))
    assert said == ["note woken", "note reset", "note power cycled", "note deaf", "health reader_deaf deaf", "False", "wire", "note heard",
                    "health reader_heard None", "True"]


def test_a_dead_reader_is_tried_every_ten_seconds_while_wanted_and_every_minute_at_rest():
    pulses = {}
    for wanted in ("", "reader.want_card(True)\n"):
        rig = DriverRig()
        rig.reader.deaf, count = "dead", []
        rig.reader.cure = count.append
        run(READER + wanted + "await asyncio.sleep(605)", rig)
        pulses[bool(wanted)] = count.count("power")
    assert 9 <= pulses[False] <= 12 and 50 <= pulses[True] <= 62


def test_a_board_without_pins_only_wakes():
    rig = DriverRig()
    rig.reader.deaf = "reset"
    assert run(READER.replace("board.reader_reset(), board.reader_supply()", "None, None"), rig)[0] == [
        "note woken", "note deaf", "health reader_deaf deaf"]


def test_the_field_is_off_whenever_no_card_is_wanted():
    said, rig = run(READER + """
say("a")
reader.want_card(True)
await asyncio.sleep(5)
say("b")
reader.want_card(False)
await asyncio.sleep_ms(50)
say("c")
""", a=lambda rig: rig.rig.notes.append("field %s" % rig.reader.radio.field), b=lambda rig: rig.rig.notes.append("field %s" % rig.reader.radio.field),
                    c=lambda rig: rig.rig.notes.append("field %s" % rig.reader.radio.field))
    assert said == ["a", "field False", "b", "field True", "c", "field False"]


def test_at_rest_the_field_is_on_for_less_than_a_seventh_of_the_time():
    rig, before = DriverRig(), {}
    run(READER + "reader.want_card(True, idle=True)\nawait asyncio.sleep(1)\nsay('go')\nawait asyncio.sleep(60)\nreader.want_card(True, idle=True)\n"
        "say('end')", rig, go=lambda rig: before.update(us=rig.reader.rf_on_us), end=lambda rig: before.update(us=rig.reader.rf_on_us - before["us"]))
    assert 0.05 < before["us"] / 60e6 <= 0.15


@pytest.mark.parametrize("slow", ["False", "True"])
@pytest.mark.parametrize("after_ms", range(0, 700, 70))
def test_a_card_laid_down_at_rest_is_found_within_six_tenths_of_a_second(after_ms, slow):
    said, rig = run(READER + "reader.slow = %s\nreader.want_card(True, idle=True)\nawait asyncio.sleep(1)\nsay('lay')\nat = time.ticks_ms()\n"
                    "while reader._task:\n    await asyncio.sleep_ms(1)\nsay(time.ticks_ms() - at)" % slow, lay=lambda rig: lay(rig, after_ms * 1000))
    assert said[1] == "customer presented 5a010203" and int(said[2]) - after_ms <= 600


def test_at_rest_a_card_that_was_read_is_not_read_again_before_it_has_left():
    said, _ = run(READER + """
reader.want_card(True, idle=True)
await asyncio.sleep(1)
say("lay")
await asyncio.sleep(2)
await reader.release()
reader.want_card(True, idle=True)
await asyncio.sleep(5)
say("lift")
await asyncio.sleep(2)
say("lay")
await asyncio.sleep(2)
""", lay=lay, lift=lambda rig: [rig.reader.remove(card) for card in rig.reader.cards])
    assert said == ["lay", "customer presented 5a010203", "lift", "lay", "customer presented 5a010203"]


def test_a_card_that_lies_there_when_power_comes_must_be_lifted_before_it_pays_at_rest():
    """It may have paid in the life before: a cut must not charge it twice."""
    said, _ = run("say('lay')\n" + READER + """
reader.want_card(True, idle=True)
await asyncio.sleep(5)
say("lift")
await asyncio.sleep(1)
say("lay")
await asyncio.sleep(2)
""", lay=lay, lift=lambda rig: [rig.reader.remove(card) for card in rig.reader.cards])
    assert said == ["lay", "lift", "lay", "customer presented 5a010203"]


def test_two_cards_are_told_and_a_command_to_one_that_left_gives_nothing():
    said, _ = run(READER + """
say("two")
reader.want_card(True)
await asyncio.sleep(1)
await reader.release()
say("one")
reader.want_card(True, lifted=True)
await asyncio.sleep(5)
say(bytes(await reader.exchange(b"\\x00\\xa4", 500)))
say("none")
say(await reader.exchange(b"\\x00\\xa4", 500))
await reader.release()
""", two=lambda rig: (lay(rig), lay(rig, 0, Card(b"\x5a\x09\x08\x07"))), one=lambda rig: rig.reader.remove(rig.reader.cards[1]),
                  none=lambda rig: rig.reader.remove(rig.reader.cards[0]))
    assert said == ["two", "customer two_cards None", "one", "customer presented 5a010203", "b'\\xa4\\x00\\x90\\x00'", "none", "None"]


def test_stopped_and_wanted_again_at_once_it_still_looks():
    said, _ = run(READER + """
for _ in range(5):
    reader.want_card(True)
    await asyncio.sleep_ms(3)
    reader.want_card(False)
    reader.want_card(True, idle=True)
    await asyncio.sleep_ms(7)
reader.want_card(True)
await asyncio.sleep_ms(100)
say("lay")
await asyncio.sleep(1)
""", lay=lay)
    assert said == ["lay", "customer presented 5a010203"]
