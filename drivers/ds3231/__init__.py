# ds3231: a temperature-compensated clock on I2C (Maxim 19-5170), with a coin cell of its own. UTC in Unix seconds, 2000 to 2099.
# Fails with ClockError: "absent", "stopped" (the oscillator stood still: the time is not known), "nonsense" (no date, or a bus that repeats).
from micropython import const

_TIME, _CONTROL, _STATUS = const(0x00), const(0x0E), const(0x0F)        # figure 1
_CONTROL_IS = const(0x1C)               # as after the first power on; no two BCD digits, so no time can look like it
_STOPPED, _ALWAYS_ZERO = const(0x80), const(0x70)       # of the status
_FROM_2000 = const(10957)               # days from 1970 to 2000
_DAYS = b"\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"


class ClockError(Exception):
    """`code`: "absent", "stopped", "nonsense"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def _plain(byte, least, most):
    """Two BCD digits within these bounds. Raises ClockError("nonsense")."""
    value = (byte >> 4) * 10 + (byte & 0x0F)
    if byte & 0x0F > 9 or not least <= value <= most:
        raise ClockError("nonsense")
    return value


def _bcd(value):
    return value // 10 << 4 | value % 10


def _days_in(year, month):
    return 29 if month == 2 and year % 4 == 0 else _DAYS[month - 1]


class DS3231:
    """`i2c`: a machine.I2C of up to 400 kHz. 24-hour mode."""

    def __init__(self, i2c, address=0x68):
        self._i2c, self._address = i2c, address
        self._two, self._time = bytearray(2), bytearray(7)

    def read(self):
        """Seconds since 1970. Raises ClockError."""
        self._who()
        self._read(_TIME, self._time)
        t = self._time
        second, minute, hour = _plain(t[0], 0, 59), _plain(t[1], 0, 59), _plain(t[2], 0, 23)
        year, month = _plain(t[6], 0, 99), _plain(t[5], 1, 12)
        day = _plain(t[4], 1, _days_in(year, month))
        _plain(t[3], 1, 7)
        days = _FROM_2000 + year * 365 + (year + 3) // 4 + day - 1
        for before in range(1, month):
            days += _days_in(year, before)
        return days * 86400 + hour * 3600 + minute * 60 + second

    def set(self, unix):
        """Write this time, and forget that the oscillator ever stood still. Raises ClockError."""
        days, rest = divmod(unix, 86400)
        weekday = (days + 3) % 7 + 1
        year, days = 0, days - _FROM_2000
        while days >= (366 if year % 4 == 0 else 365):
            days -= 366 if year % 4 == 0 else 365
            year += 1
        month = 1
        while days >= _days_in(year, month):
            days -= _days_in(year, month)
            month += 1
        self._write(bytes((_TIME, _bcd(rest % 60), _bcd(rest // 60 % 60), _bcd(rest // 3600), weekday, _bcd(days + 1), _bcd(month), _bcd(year))))
        self._write(bytes((_CONTROL, _CONTROL_IS, 0)))

    def _who(self):
        """Control and status. Raises ClockError where they are not a DS3231's, or the oscillator has stopped."""
        self._read(_CONTROL, self._two)
        if self._two[0] != _CONTROL_IS or self._two[1] & _ALWAYS_ZERO:
            raise ClockError("nonsense")
        if self._two[1] & _STOPPED:
            raise ClockError("stopped")

    def _read(self, register, buf):
        try:
            self._i2c.readfrom_mem_into(self._address, register, buf)
        except OSError:
            raise ClockError("absent") from None

    def _write(self, data):
        try:
            self._i2c.writeto(self._address, data)
        except OSError:
            raise ClockError("absent") from None
