# tmp117.py: a TI TMP117 thermometer at its I2C wire (0x48), from SNOSD82D. A frozen converter (`frozen`) never says that data is ready.
from microtill.bench.chips.words import WordRegisters

_TEMPERATURE, _CONFIG, _HIGH, _LOW, _UNLOCK, _OFFSET, _ID = 0x00, 0x01, 0x02, 0x03, 0x04, 0x07, 0x0F     # table 7-3
_RESET = {_CONFIG: 0x0220, _HIGH: 0x6000, _LOW: 0x8000, _UNLOCK: 0, 0x05: 0, 0x06: 0, _OFFSET: 0, 0x08: 0}
_NONE_YET, _DEVICE_ID = 0x8000, 0x0117
_READY, _SOFT_RESET, _WRITABLE = 0x2000, 0x0002, 0x0FFC
_SHUTDOWN, _ONE_SHOT = 1, 3                     # MOD
_ACTIVE_US = 15_500                             # one conversion: 6.6
_AVERAGES = (1, 8, 32, 64)
_CYCLE_US = (15_500, 125_000, 250_000, 500_000, 1_000_000, 4_000_000, 8_000_000, 16_000_000)     # CONV, without averaging: table 7-7


class TMP117(WordRegisters):
    """`celsius()` is where it sits. Alert limits are kept and read, the ALERT pin is not wired."""

    def __init__(self, world, celsius, address=0x48):
        self.world, self.address, self.celsius = world, address, celsius
        self.frozen = False
        self.power_on()

    def power_on(self):
        WordRegisters.power_on(self)
        self._registers, self._result, self._ready, self._job, self.conversions = dict(_RESET), _NONE_YET, False, object(), 0
        self._begin()

    @property
    def mode(self):
        return self._registers[_CONFIG] >> 10 & 3

    def _begin(self):
        self._job = object()
        self.world.after(_ACTIVE_US * _AVERAGES[self._registers[_CONFIG] >> 5 & 3], self._converted, self._job)

    def _converted(self, job):
        if job is not self._job or self.frozen:
            return
        offset = self._registers[_OFFSET]
        steps = round(self.celsius() / 0.0078125) + (offset - 0x10000 if offset & 0x8000 else offset)
        self._result, self._ready = min(0x7FFF, max(-0x8000, steps)) & 0xFFFF, True
        self.conversions += 1
        if self.mode == _ONE_SHOT:              # 7.4.3: back to shutdown
            self._registers[_CONFIG] = self._registers[_CONFIG] & ~0x0C00 | _SHUTDOWN << 10
        elif self.mode != _SHUTDOWN:
            active_us = _ACTIVE_US * _AVERAGES[self._registers[_CONFIG] >> 5 & 3]
            self.world.after(max(0, _CYCLE_US[self._registers[_CONFIG] >> 7 & 7] - active_us), self._again, job)

    def _again(self, job):
        if job is self._job:
            self._begin()

    def word(self, pointer):
        """Reading the result or the configuration clears Data_Ready (7.6.2)."""
        if pointer == _TEMPERATURE:
            self._ready = False
            return self._result
        if pointer == _CONFIG:
            value, self._ready = self._registers[_CONFIG] | (_READY if self._ready else 0), False
            return value
        if pointer == _ID:
            return _DEVICE_ID
        return self._registers.get(pointer, 0)

    def store(self, pointer, value):
        if pointer == _CONFIG and value & _SOFT_RESET:
            self.power_on()
        elif pointer == _CONFIG:
            self._registers[_CONFIG] = value & _WRITABLE
            self._job = object()                # whatever ran is over
            if self.mode != _SHUTDOWN:
                self._begin()
        elif pointer in self._registers:
            self._registers[pointer] = value
