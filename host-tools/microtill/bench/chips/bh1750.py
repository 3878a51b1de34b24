# bh1750.py: a ROHM BH1750FVI light sensor at its I2C wire (0x23), from its technical note. Opcodes that it does not know do nothing.
_DOWN, _ON, _RESET = 0x00, 0x01, 0x07
_MODES = {0x10: (120_000, 1), 0x11: (120_000, 2), 0x13: (16_000, 1)}    # continuous: us, counts for one
_ONE_TIME = 0x20                                # in place of 0x10: the same modes once, then power down
_DEFAULT_TIME = 69                              # MTreg


class BH1750:
    """`lux()` falls on it. Two bytes read, high first: 1.2 counts a lux at the default measurement time."""

    fault = None

    def __init__(self, world, lux, address=0x23):
        self.world, self.address, self.lux = world, address, lux
        self.power_on()

    def power_on(self):
        self.awake, self._data, self._time, self._job, self.measurements = False, 0, _DEFAULT_TIME, object(), 0

    def write(self, data):
        for opcode in data:
            if opcode in (_DOWN, _ON):
                self.awake, self._job = opcode == _ON, object()
            elif opcode == _RESET:
                self._data = self._data if not self.awake else 0        # not taken in power down
            elif opcode & 0xF8 == 0x40:
                self._time = self._time & 0x1F | (opcode & 7) << 5
            elif opcode & 0xE0 == 0x60:
                self._time = self._time & 0xE0 | opcode & 0x1F
            elif opcode in _MODES or opcode ^ 0x30 in _MODES:
                self._measure(opcode)

    def _measure(self, opcode):
        self.awake, self._job = True, object()
        us, parts = _MODES[opcode & 0x0F | 0x10]
        self.world.after(us * self._time // _DEFAULT_TIME, self._done, self._job, opcode, parts)

    def _done(self, job, opcode, parts):
        if job is not self._job:
            return
        step = 4 if opcode & 3 == 3 else 1      # the low resolution counts in fours
        count = int(max(0, self.lux()) * 1.2 * parts * self._time / _DEFAULT_TIME)
        self._data = min(65535, count // step * step)
        self.measurements += 1
        if opcode & _ONE_TIME:
            self.awake = False
        else:
            self._measure(opcode)

    def read(self, size):
        return (self._data.to_bytes(2, "big") * size)[:size]
