# test_chip_senses.py: the sensors' models at their wires, by bytes and figures of the data sheets; and a fault does what its wire says.
import datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtill.bench.chips.bh1750 import BH1750
from microtill.bench.chips.ds3231 import DS3231
from microtill.bench.chips.escpos import Escpos
from microtill.bench.chips.fan import Fan
from microtill.bench.chips.max17048 import MAX17048
from microtill.bench.chips.piezo import HapticMotor, Piezo
from microtill.bench.chips.power import PowerLatch, PowerLost
from microtill.bench.chips.thermal_head import ThermalHead
from microtill.bench.chips.tmp117 import TMP117
from microtill.bench.surroundings import Surroundings
from microtill.bench.wires import Analog, I2cBus, Pins
from microtill.bench.world import World

UTC = datetime.UTC


def register(chip, pointer, size=2):
    chip.write(bytes((pointer,)))
    return chip.read(size).hex()


# --- MAX17048

def gauge(percent=80.0, rate=0.0):
    return MAX17048(World(), lambda: percent, lambda: rate)


def test_the_gauge_after_power_on():
    chip = gauge()
    assert [register(chip, pointer) for pointer in (0x08, 0x0A, 0x0C, 0x14, 0x1A)] == ["0012", "8030", "971c", "00ff", "0100"]


@pytest.mark.parametrize("percent, soc", [(0, "0000"), (50.5, "3280"), (80, "5000"), (100, "6400")])
def test_a_percent_is_256_steps(percent, soc):
    assert register(gauge(percent), 0x04) == soc


def test_a_volt_is_12800_steps():
    assert int(register(gauge(80), 0x02), 16) == 4000 * 1000 // 78.125


def test_registers_follow_each_other():
    assert register(gauge(80), 0x02, 4) == "c8005000"


@pytest.mark.parametrize("rate, word", [(0.0, "0000"), (20.8, "0064"), (-20.8, "ff9c")])
def test_the_rate_is_signed(rate, word):
    assert register(gauge(80, rate), 0x16) == word


def test_the_alert_stands_until_it_is_cleared_and_the_charge_is_back():
    state = [3.0]
    chip = MAX17048(World(), lambda: state[0])
    chip.write(bytes.fromhex("0c971c"))
    assert chip.alert and register(chip, 0x0C) == "973c" and int(register(chip, 0x1A), 16) & 0x1000
    state[0] = 50.0
    assert chip.alert
    chip.write(bytes.fromhex("0c971c"))
    assert not chip.alert


def test_the_power_on_reset_command_forgets_settings():
    chip = gauge()
    chip.write(bytes.fromhex("0c1234"))
    chip.write(bytes.fromhex("fe5400"))
    assert register(chip, 0x0C) == "971c"


# --- TMP117

TABLE = [(-25, "f380"), (-0.125, "fff0"), (-0.0078125, "ffff"), (0, "0000"), (0.0078125, "0001"), (0.125, "0010"), (1, "0080"), (25, "0c80"),
         (100, "3200")]


def thermometer(celsius=25.0):
    world = World()
    return world, TMP117(world, lambda: celsius)


def test_the_thermometer_after_power_on():
    _, chip = thermometer()
    assert [register(chip, pointer) for pointer in (0x00, 0x01, 0x02, 0x03, 0x0F)] == ["8000", "0220", "6000", "8000", "0117"]


@pytest.mark.parametrize("celsius, word", TABLE)
def test_the_table_of_temperatures(celsius, word):
    world, chip = thermometer(celsius)
    world.run_until(200_000)
    assert register(chip, 0x00) == word


def test_one_shot_takes_15_5_ms_says_so_once_and_sleeps_again():
    world, chip = thermometer()
    chip.write(bytes.fromhex("010c00"))
    world.run_until(15_499)
    assert register(chip, 0x01) == "0c00"
    world.run_until(15_500)
    assert register(chip, 0x01) == "2400" and register(chip, 0x01) == "0400"
    world.run_until(60_000_000)
    assert chip.conversions == 1 and register(chip, 0x00) == "0c80"


def test_eight_averages_take_eight_times_as_long():
    world, chip = thermometer()
    chip.write(bytes.fromhex("010c20"))
    world.run_until(123_999)
    assert chip.conversions == 0
    world.run_until(124_000)
    assert chip.conversions == 1


def test_shut_down_it_converts_no_more():
    world, chip = thermometer()
    chip.write(bytes.fromhex("010400"))
    world.run_until(10_000_000)
    assert chip.conversions == 0 and register(chip, 0x00) == "8000"


def test_continuous_as_after_power_on_is_one_a_second():
    world, chip = thermometer()
    world.run_until(10_200_000)
    assert chip.conversions == 11


def test_the_offset_is_added_and_a_reset_takes_it_away():
    world, chip = thermometer()
    chip.write(bytes.fromhex("070080"))
    world.run_until(200_000)
    assert register(chip, 0x00) == "0d00"
    chip.write(bytes.fromhex("010222"))
    world.run_until(400_000)
    assert register(chip, 0x00) == "0c80"


# --- BH1750

def light(lux=100.0):
    world = World()
    return world, BH1750(world, lambda: lux)


@pytest.mark.parametrize("lux, opcode, word", [
    (28067, 0x20, "8390"), (100, 0x20, "0078"), (100, 0x21, "00f0"), (103, 0x23, "0078"), (1e6, 0x20, "ffff")])
def test_one_measurement_in_each_resolution(lux, opcode, word):
    world, chip = light(lux)
    chip.write(bytes((opcode,)))
    world.run_until(120_000)
    assert chip.read(2).hex() == word and not chip.awake


def test_a_measurement_is_not_there_before_its_time():
    world, chip = light()
    chip.write(b"\x23")
    world.run_until(15_999)
    assert chip.read(2) == b"\0\0"
    world.run_until(16_000)
    assert chip.read(2) != b"\0\0"


def test_reset_clears_the_result_but_not_in_power_down():
    world, chip = light()
    chip.write(b"\x20")
    world.run_until(200_000)
    chip.write(b"\x07")
    assert chip.read(2).hex() == "0078"
    chip.write(b"\x01\x07")
    assert chip.read(2) == b"\0\0"


def test_a_longer_measurement_time_counts_more():
    world, chip = light()
    chip.write(b"\x44\x6a\x20")                 # 138: twice the default
    world.run_until(240_000)
    assert chip.read(2).hex() == "00f0"


def test_continuous_goes_on_until_power_down():
    world, chip = light()
    chip.write(b"\x10")
    world.run_until(1_300_000)
    assert chip.measurements == 10 and chip.awake
    chip.write(b"\x00")
    world.run_until(3_000_000)
    assert chip.measurements == 10


# --- DS3231

START = datetime.datetime(2026, 2, 28, 23, 59, 58, tzinfo=UTC)


def clock(start=START, celsius=25.25):
    world = World()
    return world, DS3231(world, lambda: start + datetime.timedelta(microseconds=world.now), lambda: celsius)


def test_the_time_in_bcd_rolls_into_the_next_month():
    world, chip = clock()
    assert register(chip, 0x00, 7) == "58592306280226"
    world.run_until(2_000_000)
    assert register(chip, 0x00, 7) == "00000007010326"


def test_control_status_and_temperature():
    _, chip = clock()
    assert register(chip, 0x0E, 5) == "1c08001940"
    assert register(clock(celsius=-1.5)[1], 0x11) == "fe80"


def test_the_pointer_wraps_behind_the_last_register():
    _, chip = clock()
    assert register(chip, 0x12, 2) == "4058"


def test_twelve_hours_and_an_evening():
    world, chip = clock()
    chip.write(bytes.fromhex("0205"))
    assert chip.time.hour == 5
    chip.write(bytes.fromhex("0272"))           # 12 o'clock, PM
    assert chip.time.hour == 12 and register(chip, 0x02, 1) == "72"
    chip.write(bytes.fromhex("0252"))           # 12 o'clock, AM
    assert chip.time.hour == 0


@settings(deadline=None)
@given(st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2099, 12, 31, 23, 59, 59)))
def test_a_time_that_is_written_is_read_back(when):
    _, chip = clock()
    fields = (when.second, when.minute, when.hour, when.isoweekday(), when.day, when.month, when.year % 100)
    data = bytes(int(str(value), 16) for value in fields)
    chip.write(b"\x00" + data)
    assert register(chip, 0x00, 7) == data.hex() and chip.time == when.replace(microsecond=0, tzinfo=UTC)


def test_the_stop_flag_is_set_by_a_stop_and_can_only_be_cleared():
    world, chip = clock()
    chip.stop()
    world.run_until(60_000_000)
    assert register(chip, 0x0F, 1) == "88" and chip.time == START
    chip.run()
    chip.write(bytes.fromhex("0f08"))
    assert register(chip, 0x0F, 1) == "08"
    chip.write(bytes.fromhex("0f88"))
    assert register(chip, 0x0F, 1) == "08"
    world.run_until(61_000_000)
    assert chip.time == START + datetime.timedelta(seconds=1)


def test_it_jumps_and_a_cut_without_a_cell_loses_the_time():
    _, chip = clock()
    chip.jump(-3600)
    chip.power_on()
    assert chip.time == START - datetime.timedelta(hours=1) and not chip.osf
    chip.cell_out = True
    chip.power_on()
    assert register(chip, 0x00, 7) == "00000006010100" and chip.osf


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=24), max_size=10))
def test_no_bytes_disturb_a_sensor_for_good(writes):
    world = World()
    chips = [TMP117(world, lambda: 25.0), MAX17048(world, lambda: 80.0), BH1750(world, lambda: 100.0), clock()[1]]
    for chip in chips:
        for data in writes:
            chip.write(data)
            assert len(chip.read(3)) == 3
        chip.power_on()
    world.run_until(world.now + 20_000_000)
    assert register(chips[0], 0x0F) == "0117" and register(chips[1], 0x08) == "0012"


# --- the head and its thermistor

def test_the_thermistor_has_the_resistances_of_its_table():
    head = ThermalHead(World(), lambda: 25.0)
    for celsius, kohm in ((0, 100.99), (5, 77.85), (10, 60.57), (15, 47.53), (25, 30.0)):
        head.held_c = celsius
        assert head.ohm / 1000 == pytest.approx(kohm, rel=0.002)


def test_two_receipts_warm_the_head_by_six_degrees_and_it_cools_with_90_seconds():
    world = World()
    head = ThermalHead(world, lambda: 24.0)
    head.heat(1800)
    assert head.celsius == pytest.approx(30)
    world.run_until(90_000_000)
    assert head.celsius == pytest.approx(24 + 6 / 2.71828, rel=1e-3)
    world.run_until(1_000_000_000)
    assert head.celsius == pytest.approx(24, abs=0.01)


def test_a_printer_heats_the_head_by_the_rows_that_it_moves():
    world, rows = World(), []
    printer = Escpos(world)
    printer.on_rows = rows.append
    printer.on_bytes(b"Hello\n" * 3, 115200)
    world.run_until(5_000_000)
    assert sum(rows) >= 3 * 24


def test_open_and_short_are_the_ends_of_the_scale():
    head = ThermalHead(World(), lambda: 25.0)
    levels = []
    for head.line in ("open", None, "short"):
        levels.append(Analog(head.volts).read())
    assert levels == [65535, 49151, 0]


# --- fan, sounder, latch

def fan():
    world, edges = World(), []
    pins, chip = Pins(edges), Fan(world, 19, 20)
    pins.attach(chip, watches=chip.watched)
    return world, pins, chip, edges


@pytest.mark.parametrize("share, rpm", [(0, 0), (0.1, 0), (0.5, 2500), (1, 5000)])
def test_the_fan_gives_two_pulses_a_turn(share, rpm):
    world, pins, chip, edges = fan()
    pins.set_pwm(19, 25_000, int(share * 65535))
    world.run_until(5_000_000)
    assert edges == []
    pins.subscribe(20, 2)
    world.run_until(65_000_000)
    assert len(edges) == pytest.approx(rpm * 2, abs=3) and chip.rpm == pytest.approx(rpm, abs=1)
    pins.subscribe(20, 0)
    before = len(edges)
    world.run_until(70_000_000)
    assert len(edges) == before


def test_the_fan_takes_its_time_to_speed_and_stands_when_blocked_or_misfed():
    world, pins, chip, _ = fan()
    pins.set_pwm(19, 25_000, 65535)
    world.run_until(300_000)
    assert chip.rpm == pytest.approx(5000 * (1 - 1 / 2.71828), rel=1e-3)
    chip.stalled = True
    turns = chip.turns
    world.run_until(9_000_000)
    assert chip.rpm == 0 and chip.turns == turns
    chip.stalled = False
    world.run_until(12_000_000)
    assert chip.rpm == pytest.approx(5000, rel=1e-3)
    pins.set_pwm(19, 1_000, 65535)              # no control signal of a fan
    world.run_until(20_000_000)
    assert chip.rpm < 1


def test_tones_and_pulses_are_kept_with_their_times():
    world = World()
    pins, piezo, motor = Pins([]), Piezo(world, 21), HapticMotor(world, 22)
    pins.attach(piezo, watches=piezo.watched)
    pins.attach(motor, watches=motor.watched)
    pins.set_pwm(21, 2700, 0)
    pins.set(22, 1)
    pins.set_pwm(21, 2700, 32768)
    world.run_until(30_000)
    pins.set(22, 0)
    pins.set_pwm(21, 1800, 32768)
    world.run_until(50_000)
    pins.set_pwm(21, 1800, 0)
    assert piezo.tones == [[0, 2700, 30_000], [30_000, 1800, 20_000]] and motor.pulses == [[0, 30_000]]


def test_the_latch_lets_go():
    pins, latch = Pins([]), PowerLatch(23)
    pins.attach(latch, watches=latch.watched)
    pins.set(23, 1)
    with pytest.raises(PowerLost):
        pins.set(23, 0)


# --- surroundings

def test_the_cell_holds_drains_and_fills_as_it_is_told():
    world = World()
    around = Surroundings(world)
    world.run_until(3_600_000_000)
    assert around.battery_percent == 80 and around.mains and around.charging
    around.mains, around.drain_per_hour, around.charge_per_hour = False, 10, 40
    world.run_until(3 * 3_600_000_000)
    assert around.battery_percent == pytest.approx(60) and not around.charging and around.percent_per_hour == -10
    around.mains = True
    world.run_until(3 * 3_600_000_000 + 1_800_000_000)
    assert around.battery_percent == pytest.approx(80)
    world.run_until(5 * 3_600_000_000)
    assert around.battery_percent == 100 and not around.charging


def test_an_empty_cell_takes_the_supply_away_at_that_moment_and_only_without_mains():
    world = World()
    around = Surroundings(world)
    around.mains, around.drain_per_hour = False, 80
    with pytest.raises(PowerLost, match="battery empty"):
        world.run_until(4_000_000_000)
    assert world.now == pytest.approx(3_600_000_000, abs=2)
    around = Surroundings(world)
    around.battery_percent = 0
    world.run_until(world.now + 10_000_000)
    around.mains = False
    with pytest.raises(PowerLost):
        world.run_until(world.now + 1)


# --- faults at the wires

def test_a_dead_chip_does_not_acknowledge():
    bus, chip = I2cBus(gauge()), None
    chip = bus.chips[0x36]
    chip.fault = "dead"
    for act in (lambda: bus.read(0x36, 8, 2), lambda: bus.write(0x36, b"\x08")):
        with pytest.raises(OSError):
            act()


@given(st.lists(st.tuples(st.sampled_from((0x02, 0x04, 0x08, 0x0C)), st.integers(1, 6)), min_size=1, max_size=8))
def test_a_stuck_bus_repeats_its_last_bytes_whatever_is_asked(reads):
    bus = I2cBus(gauge())
    last = bus.read(0x36, 0x0C, 2)[0]
    bus.chips[0x36].fault = "stuck"
    for pointer, size in reads:
        assert bus.read(0x36, pointer, size)[0] == (last * 6)[:size]
    bus.write(0x36, bytes.fromhex("0c0000"))
    bus.chips[0x36].fault = None
    assert bus.read(0x36, 0x0C, 2)[0] == last


def test_a_mad_chip_says_what_its_seed_says():
    def said(seed):
        bus = I2cBus(gauge(), rng=Random(seed))
        bus.chips[0x36].fault = "mad"
        return [bus.read(0x36, 8, 2)[0] for _ in range(20)]
    assert said(1) == said(1) != said(2) and len(set(said(1))) > 15


def test_an_analog_input_is_dead_stuck_or_mad():
    volts = [1.65]
    line = Analog(lambda: volts[0], Random(1))
    assert line.read() == 32768
    line.fault, volts[0] = "stuck", 3.0
    assert line.read() == line.read() == 32768
    line.fault = "dead"
    assert line.read() == 65535
    line.fault = "mad"
    assert len({line.read() for _ in range(20)}) > 15
