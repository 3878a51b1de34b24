# fan: a 4-wire fan: its speed by PWM at 25 kHz, its turns by a tachometer of two pulses a turn. Edges wake the processor only while counted.
# Fails with FanError("nonsense"): more turns than a fan has, so a line that rattles. Whether 0 is a stall is for the caller to say.
import asyncio
import time
from micropython import const

_PULSES = const(2)
_MOST_RPM = const(12000)


class FanError(Exception):
    """`code`: "nonsense"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Fan:
    """`pwm`: a machine.PWM made at 25,000 Hz, duty 0; `tacho`: a machine.Pin with a pull-up."""

    def __init__(self, pwm, tacho):
        self._pwm, self._tacho, self._edges = pwm, tacho, 0

    def want(self, percent):
        """Of its full speed, 0 to 100; below some 20 it stands."""
        self._pwm.duty_u16(min(100, max(0, percent)) * 65535 // 100)

    async def rpm(self, window_ms=500):
        """Turns a minute, counted for so long; to 60 in the shortest half second. Raises FanError."""
        self._edges, start = 0, time.ticks_us()
        self._tacho.irq(self._edge, self._tacho.IRQ_FALLING)
        try:
            await asyncio.sleep_ms(window_ms)
        finally:
            self._tacho.irq(None)
        rpm = self._edges * 60_000 // (time.ticks_diff(time.ticks_us(), start) // 1000 * _PULSES)
        if rpm > _MOST_RPM:
            raise FanError("nonsense")
        return rpm

    def _edge(self, pin):
        self._edges += 1
