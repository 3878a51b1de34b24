# senses.py: the chips by which a terminal feels, made and wired by its board's pins. One place for the whole bench and for driver tests.
import random

from microtill.bench.chips.bh1750 import BH1750
from microtill.bench.chips.ds3231 import DS3231
from microtill.bench.chips.fan import Fan
from microtill.bench.chips.max17048 import MAX17048
from microtill.bench.chips.piezo import HapticMotor, Piezo
from microtill.bench.chips.power import BQ24074, CaseSwitch, PowerLatch
from microtill.bench.chips.tmp117 import TMP117
from microtill.bench.surroundings import Surroundings
from microtill.bench.wires import Analog, I2cBus


class Senses:
    """`around` is what they feel; each chip is an attribute. A `fault` is set on gauge, thermometer, light, rtc and head_input."""

    def __init__(self, world, board, now, seed):
        self.around = around = Surroundings(world)
        self.gauge = MAX17048(world, lambda: around.battery_percent, lambda: around.percent_per_hour, board.GAUGE_ADDRESS,
                              lambda: around.cell_mv)
        self.thermometer = TMP117(world, lambda: around.case_c, board.THERMOMETER_ADDRESS)
        self.light = BH1750(world, lambda: around.lux, board.LIGHT_ADDRESS)
        self.inside_light = BH1750(world, lambda: around.inside_lux, board.INSIDE_LIGHT_ADDRESS)
        self.rtc = DS3231(world, now, lambda: around.case_c, board.RTC_ADDRESS)
        self.charger = BQ24074(board.MAINS_GOOD, board.CHARGING, lambda: around.mains, lambda: around.charging)
        self.case = CaseSwitch(board.CASE_SWITCH, lambda: around.case_open)
        self.fan = Fan(world, board.FAN_PWM, board.FAN_TACHO)
        self.piezo, self.motor = Piezo(world, board.PIEZO), HapticMotor(world, board.MOTOR)
        self.latch = PowerLatch(board.HOLD)
        self.head_input = Analog(around.head.volts, random.Random(seed + 3))
        self.i2c = {board.SENSE_I2C: I2cBus(self.gauge, self.thermometer, self.light, self.inside_light, self.rtc, rng=random.Random(seed + 4))}
        self.analog = {board.HEAD_ADC: self.head_input}
        self.parts = (around, self.gauge, self.thermometer, self.light, self.inside_light, self.rtc, self.charger, self.case, self.fan, self.piezo,
                      self.motor, self.latch)

    def wire(self, pins):
        """Join them to these pins."""
        self.around.wires = pins
        for part in (self.charger, self.case):
            pins.attach(part)
        for part in (self.fan, self.piezo, self.motor, self.latch):
            pins.attach(part, watches=part.watched)

    def power_on(self):
        for part in self.parts:
            part.power_on()
