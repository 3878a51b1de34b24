# test_senses.py: what the terminal feels, by its drivers on the bench's sensors: a value, or a code, never a made-up number.
from check import ask, fails, measure, raises

import board
from ds3231 import ClockError
from tmp117 import ThermometerError

needs = ("senses",)


def test_the_gauge_tells_the_cell():
    ask("senses battery_percent 41")
    gauge = board.gauge()
    assert gauge.read() == 41
    measure("voltage of the cell", gauge.millivolts(), "mV", 3000, 4300)


async def test_the_case_is_as_warm_as_it_is():
    ask("senses case_c 61.5")
    measure("temperature in the case", await board.case_thermometer().read() / 100, "C", 61.4, 61.6)


async def test_the_light_is_as_bright_as_it_is():
    ask("senses lux 120")
    measure("light", await board.light().read(), "lux", 118, 122)


def test_the_clock_of_the_board_keeps_the_time_of_the_bench():
    measure("difference of two clocks", board.rtc().read() - int(ask("unix")), "s", -1, 1)


async def test_a_sensor_that_is_not_there_is_no_temperature():
    thermometer = board.case_thermometer()
    ask("break thermometer dead")
    assert (await fails(ThermometerError, thermometer.read())).code == "absent"
    ask("break thermometer mend")
    assert await thermometer.read() == 2400


def test_a_clock_that_talks_nonsense_is_not_believed():
    clock = board.rtc()
    ask("break rtc mad")
    assert raises(ClockError, clock.read).code in ("nonsense", "stopped")


def test_mains_are_seen_to_go_and_come():
    charger, seen = board.charger(), []
    for on in "010":
        ask("senses mains " + on)
        seen.append((charger.mains(), charger.charging()))
    assert seen == [(False, False), (True, True), (False, False)]
