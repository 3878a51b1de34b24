# attacks.py: scenes of what is done to a terminal by somebody with tools, patience or a clock: what a person sees of each row of security.
from every_row import scene
from test_every_row_people import PIN_OF_THE_OPERATOR

from till.store.counters import DUKPT, Counters

DAY_S = 86_400


def acts(till, kind="security"):
    """The words of the audit of one kind."""
    return [row["words"] for row in till.ask("audit") if row["kind"] == kind]


def attacked(till, words, within_ms=100_000, **around):
    """Something is done around a ready terminal, and the display says so."""
    till.ready()
    for name, value in around.items():
        setattr(till.around, name, value)
    return till.sees(words, within_ms)


def ends(till, alarm, within_ms=100_000, **around):
    """It is undone, and the alarm ends."""
    for name, value in around.items():
        setattr(till.around, name, value)
    till.holds(lambda: "alert" not in till.lights, "%s has ended" % alarm, within_ms)
    assert till.alarms()[-1] == (alarm, "ended")
    return till


def looked_at(till):
    """Menu, self-test, and D: a person takes the terminal as it is."""
    return till.keys("C").sees("Menu").keys("8").sees("Payments held", 60_000).keys("D")


def forged(till, times=3):
    """So many answers of the bank in a row have a false MAC."""
    till.ready().waits(500).keys("1250D").sees("Tap a card")
    till.bench.bank.moods.extend(["wrong_mac"] * times)
    return till.taps("visa").sees("No answer", 60_000)


def started_with_the_clock(till, seconds):
    """Power goes, somebody moves the clock, power comes back."""
    till.bench.cut()
    till.senses.rtc.jump(seconds)
    till.bench.start()
    return till


@scene("security", "light_odd", "flows.tamper")
def light_in_the_closed_case_locks_where_the_owner_wants_it(till):
    till.ready().settings(tamper={"light": "lock"})
    attacked(till, "Light in case", hole_lux=200).sees("Not in service", 1_000)
    assert "alert" in till.lights and [words.split()[0] for words in acts(till)] == ["light_odd"]


@scene("security", "light_fine", "flows.alarm")
def a_case_that_is_dark_again_ends_the_alarm(till):
    till.ready().settings(tamper={"light": "alarm"})
    ends(attacked(till, "Light in case", hole_lux=200), "light_odd", hole_lux=0).ready()


@scene("security", "temperature_odd", "flows.tamper")
def cold_that_no_shop_has_is_an_alarm(till):
    attacked(till, "Odd temperature", case_c=-15).pays()
    assert ("temperature_odd", "critical -1500") in till.alarms() and acts(till) == ["temperature_odd -1500"]


@scene("security", "temperature_fine", "flows.alarm")
def a_usual_temperature_ends_the_alarm(till):
    ends(attacked(till, "Odd temperature", case_c=-15), "temperature_odd", case_c=20)


@scene("security", "voltage_odd", "flows.tamper")
def a_cell_that_gives_too_little_is_an_alarm(till):
    attacked(till, "Odd voltage", cell_mv=2_600).pays()
    assert ("voltage_odd", "critical 2600") in till.alarms() and acts(till) == ["voltage_odd 2600"]


@scene("security", "voltage_fine", "flows.alarm")
def a_usual_voltage_ends_the_alarm(till):
    ends(attacked(till, "Odd voltage", cell_mv=4_400), "voltage_odd", cell_mv=None)


@scene("security", "macs_wrong", "flows.tamper")
def three_false_answers_in_a_row_lock_the_terminal(till):
    forged(till).sees("Forged answers", 120_000).sees("Not in service", 5_000).waits(1_000)
    assert ("macs_wrong", "critical 3") in till.alarms() and "macs_wrong 3" in acts(till)


@scene("security", "clock_behind", "flows.clock")
def a_clock_that_was_set_back_holds_payments(till):
    started_with_the_clock(till.pays(), -DAY_S).sees("Clock went back", 30_000).keys("1").sees("Not now").waits(2_000)
    assert ("digit", "S16") in till.refusals() and [words.split()[0] for words in acts(till)] == ["clock_behind"]


@scene("security", "clock_caught_up", "flows.clock")
def a_clock_that_was_set_right_lets_payments_begin(till):
    started_with_the_clock(till.pays(), -DAY_S).sees("Clock went back", 30_000).waits(500)
    started_with_the_clock(till, DAY_S).sees("Clock went back", 30_000).pays()
    assert [words.split()[0] for words in acts(till)] == ["clock_behind", "clock_caught_up"]


class Flash:
    """The chip of a bench without power, for the firmware's own counters."""

    def __init__(self, data):
        self.data = data

    def read(self, address, buf):
        buf[:] = self.data[address:address + len(buf)]

    def program(self, address, data):
        self.data[address:address + len(data)] = bytes(old & new for old, new in zip(self.data[address:address + len(data)], data, strict=True))


@scene("security", "keys_worn", "flows.tamper")
def a_terminal_without_a_key_left_says_so_and_takes_nothing(till):
    till.ready().waits(1_000).bench.cut()
    Counters(Flash(till.bench.flash.data), 0).mount().spend(DUKPT, 0xFFFF0000)
    till.bench.start()
    till.sees("Keys worn out", 30_000).sees("Call service").keys("1").sees("Not now").waits(2_000)
    assert ("digit", "S17") in till.refusals() and acts(till)[0] == "keys_worn " and "task_died" not in str(till.alarms())


@scene("security", "velocity", "flows.alarm")
def payments_that_come_too_often_are_an_alarm_for_a_minute(till):
    till.pays().settings(velocity={"hour_count": 1}).ready().keys("500D").sees("Too many an hour", 3_000).sees("Unusual payments", 5_000)
    assert "alert" in till.lights and acts(till) == ["velocity L06"] and [row["reason"] for row in till.records("refused")] == ["L06"]
    till.holds(lambda: "alert" not in till.lights, "it has passed", 70_000)


@scene("security", "tries_used", "flows.alarm")
def pin_tries_that_are_used_up_are_an_alarm(till):
    till.ready().settings(pins={"operator": PIN_OF_THE_OPERATOR})
    for _ in range(5):
        till.menu("9").sees("1 operator").keys("1").sees("D go on").keys("9999D").sees("Wrong PIN", 10_000)
    till.sees("PIN tries used", 5_000)
    assert acts(till) == ["tries_used operator"] and acts(till, "login") == ["operator A02"] * 5


@scene("security", "lifted", "flows.alarm")
def a_person_who_takes_it_as_it_is_ends_the_alarm(till):
    looked_at(started_with_the_clock(till.pays(), -DAY_S).sees("Clock went back", 30_000)).ready().waits(500)
    assert till.facts()["alarms"] == {} and acts(till)[-1] == "lifted S16 by somebody"
