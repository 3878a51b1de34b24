# ds3231.py: a Maxim DS3231 clock at its I2C wire (0x68), from 19-5170. A coin cell keeps it going; without one (`cell_out`) a cut sets OSF.
import datetime

_SECONDS, _CONTROL, _STATUS, _AGING, _MSB, _LSB, _LAST = 0x00, 0x0E, 0x0F, 0x10, 0x11, 0x12, 0x12
_RESET_CONTROL = 0x1C                           # RS2, RS1, INTCN
_OSF, _EN32K = 0x80, 0x08
_CONVERT = 0x20
_UTC = datetime.UTC


def _bcd(value):
    return value // 10 << 4 | value % 10


def _plain(byte):
    return (byte >> 4) * 10 + (byte & 0x0F)


class DS3231:
    """`now()` is the world's time (a datetime, UTC), `celsius()` its own temperature. It runs on the world's time and an offset, which
    `jump(seconds)` moves; `stop()` stops the oscillator. `osf`: the oscillator has stopped since somebody cleared the flag."""

    fault = None

    def __init__(self, world, now, celsius, address=0x68):
        self.world, self.address, self._now, self.celsius = world, address, now, celsius
        self.offset, self._stopped, self.osf, self.cell_out = datetime.timedelta(), None, False, False
        self._kept = {}
        self._forget()
        self.power_on()

    def _forget(self):
        self._kept = {_CONTROL: _RESET_CONTROL, _AGING: 0, _STATUS: _EN32K}
        self._kept.update(dict.fromkeys(range(0x07, 0x0E), 0))
        self._twelve = False

    def power_on(self):
        """The supply was away: with a cell nothing happens but to the I2C port."""
        self._pointer = 0
        if self.cell_out:
            self._forget()
            self._set(datetime.datetime(2000, 1, 1, tzinfo=_UTC))
            self.osf = True

    @property
    def time(self):
        """What it believes, as a datetime."""
        return self._stopped or self._now() + self.offset

    def _set(self, when):
        self.offset = when - self._now()
        self._stopped = when if self._stopped else None

    def jump(self, seconds):
        """Somebody, or a disturbance, has moved its time."""
        self._set(self.time + datetime.timedelta(seconds=seconds))

    def stop(self):
        """The oscillator stops, and its flag says so."""
        self._stopped, self.osf = self.time, True

    def run(self):
        """It swings again; the flag stays until it is cleared."""
        if self._stopped:
            when, self._stopped = self._stopped, None
            self._set(when)

    def _registers(self):
        """All nineteen, now."""
        t = self.time
        hour = _bcd(t.hour) if not self._twelve else 0x40 | (t.hour >= 12) << 5 | _bcd((t.hour + 11) % 12 + 1)
        quarters = round(self.celsius() * 4) & 0x3FF
        out = bytearray(_LAST + 1)
        out[:7] = (_bcd(t.second), _bcd(t.minute), hour, t.isoweekday(), _bcd(t.day), _bcd(t.month) | (t.year >= 2100) << 7, _bcd(t.year % 100))
        for pointer, value in self._kept.items():
            out[pointer] = value
        out[_STATUS] |= _OSF if self.osf else 0
        out[_MSB], out[_LSB] = quarters >> 2, quarters << 6 & 0xC0
        return out

    def read(self, size):
        """From the pointer on; after register 12h comes 00h."""
        registers, start = self._registers(), self._pointer
        self._pointer = (start + size) % (_LAST + 1)
        return bytes(registers[(start + i) % (_LAST + 1)] for i in range(size))

    def write(self, data):
        if not data:
            return
        self._pointer = data[0] % (_LAST + 1)
        registers, timed = self._registers(), False
        for value in data[1:]:
            if self._pointer < 7:
                registers[self._pointer], timed = value, True
            elif self._pointer == _STATUS:
                self.osf = self.osf and bool(value & _OSF)              # can only be cleared
                self._kept[_STATUS] = value & _EN32K
            elif self._pointer == _CONTROL:
                self._kept[_CONTROL] = value & ~_CONVERT
            elif self._pointer in self._kept:
                self._kept[self._pointer] = value
            self._pointer = (self._pointer + 1) % (_LAST + 1)
        if timed:
            self._take(registers)

    def _take(self, r):
        """The time registers were written; an impossible date is taken as the first of its month."""
        self._twelve = bool(r[2] & 0x40)
        hour = _plain(r[2] & 0x1F) % 12 + (12 if r[2] & 0x20 else 0) if self._twelve else _plain(r[2] & 0x3F)
        year = 2000 + _plain(r[6]) + (100 if r[5] & 0x80 else 0)
        month, second, minute = _plain(r[5] & 0x1F), _plain(r[0] & 0x7F), _plain(r[1] & 0x7F)
        try:
            self._set(datetime.datetime(year, month, _plain(r[4] & 0x3F), hour % 24, minute % 60, second % 60, tzinfo=_UTC))
        except ValueError:
            self._set(datetime.datetime(year, max(1, month % 13), 1, hour % 24, minute % 60, second % 60, tzinfo=_UTC))
