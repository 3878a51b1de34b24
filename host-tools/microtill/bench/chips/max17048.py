# max17048.py: a Maxim MAX17048 fuel gauge at its I2C wire (0x36), from its datasheet 19-6171: it tells what the cell is said to hold.
from microtill.bench.chips.words import WordRegisters

_VCELL, _SOC, _MODE, _VERSION, _HIBRT, _CONFIG, _VALRT, _CRATE, _VRESET, _STATUS, _COMMAND = (
    0x02, 0x04, 0x06, 0x08, 0x0A, 0x0C, 0x14, 0x16, 0x18, 0x1A, 0xFE)          # table 2
_RESET = {_HIBRT: 0x8030, _CONFIG: 0x971C, _VALRT: 0x00FF, _VRESET: 0x9600, _STATUS: 0x0100}
_VERSION_IS = 0x0012
_ALERT, _SLEEP = 0x0020, 0x0080                 # bits of CONFIG
_HD, _VL, _VH = 0x1000, 0x0400, 0x0200          # bits of STATUS: charge low, voltage low, voltage high
_QUICK_START, _ENABLE_SLEEP, _HIBERNATES = 0x4000, 0x2000, 0x1000               # bits of MODE
_POR = 0x5400
_CURVE = ((0, 3000), (5, 3450), (20, 3650), (50, 3800), (80, 4000), (100, 4180))        # percent, mV of a resting lithium cell


class MAX17048(WordRegisters):
    """`percent()` and `percent_per_hour()` are what the cell holds and how that changes; both may be fractions. `held_mv()` in place of the
    cell's own voltage. ALRT is a bit of CONFIG."""

    step = 2

    def __init__(self, world, percent, percent_per_hour=lambda: 0, address=0x36, held_mv=lambda: None):
        self.world, self.address, self.percent, self.percent_per_hour, self.held_mv = world, address, percent, percent_per_hour, held_mv
        self.power_on()

    def power_on(self):
        WordRegisters.power_on(self)
        self._registers, self._can_sleep, self.quick_starts = dict(_RESET), False, 0

    @property
    def millivolts(self):
        """The cell at rest: a lithium curve in straight pieces; or what somebody has put in its place."""
        held_mv = self.held_mv()
        if held_mv is not None:
            return held_mv
        percent = min(100, max(0, self.percent()))
        for (low, low_mv), (high, high_mv) in zip(_CURVE, _CURVE[1:]):
            if percent <= high:
                return low_mv + (high_mv - low_mv) * (percent - low) / (high - low)
        return _CURVE[-1][1]

    @property
    def alert(self):
        """The ALRT pin is pulled low: the charge is below the threshold of CONFIG and nobody has cleared it."""
        self._watch()
        return bool(self._registers[_CONFIG] & _ALERT)

    def _watch(self):
        registers = self._registers
        if self.percent() < 32 - (registers[_CONFIG] & 0x1F):
            registers[_CONFIG] |= _ALERT
            registers[_STATUS] |= _HD
        low_mv, high_mv = (registers[_VALRT] >> 8) * 20, (registers[_VALRT] & 0xFF) * 20
        if not low_mv <= self.millivolts <= high_mv:
            registers[_CONFIG] |= _ALERT
            registers[_STATUS] |= _VL if self.millivolts < low_mv else _VH

    def word(self, pointer):
        self._watch()
        if pointer == _VCELL:
            return round(self.millivolts / 0.078125) & 0xFFFF
        if pointer == _SOC:
            return int(max(0, self.percent()) * 256) & 0xFFFF
        if pointer == _CRATE:
            return round(self.percent_per_hour() / 0.208) & 0xFFFF
        if pointer == _MODE:
            resting = abs(self.percent_per_hour()) <= (self._registers[_HIBRT] >> 8) * 0.208 and self._registers[_HIBRT]
            return _HIBERNATES if resting else 0
        if pointer == _VERSION:
            return _VERSION_IS
        return self._registers.get(pointer, 0)

    def store(self, pointer, value):
        if pointer == _COMMAND and value == _POR:
            self.power_on()
        elif pointer == _MODE:
            self.quick_starts += bool(value & _QUICK_START)
            self._can_sleep = bool(value & _ENABLE_SLEEP)
        elif pointer == _CONFIG:
            self._registers[_CONFIG] = value if self._can_sleep else value & ~_SLEEP
        elif pointer in self._registers:
            self._registers[pointer] = value
