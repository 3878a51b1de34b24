# piezo: a sounder of bare piezo ceramic on a PWM pin. Fails with PiezoError("range") for a pitch that it does not give.
from micropython import const

_LEAST_HZ, _MOST_HZ = const(100), const(12000)
_HALF = const(32768)


class PiezoError(Exception):
    """`code`: "range"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Piezo:
    """`pwm`: a machine.PWM, duty 0. A tone lasts until the next word."""

    def __init__(self, pwm):
        self._pwm = pwm

    def tone(self, hertz):
        """100 to 12,000 Hz from now on. Raises PiezoError."""
        if not _LEAST_HZ <= hertz <= _MOST_HZ:
            raise PiezoError("range")
        self._pwm.freq(hertz)
        self._pwm.duty_u16(_HALF)

    def off(self):
        self._pwm.duty_u16(0)
