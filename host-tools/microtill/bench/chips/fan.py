# fan.py: a 4-wire fan: 25 kHz PWM in, an open-drain tachometer out, two pulses a turn (Intel's 4-wire specification 1.3). It can stall.
import math

_FULL_RPM, _LEAST_DUTY = 5000, 0.2              # below a fifth of the duty it does not turn
_PULSES = 2
_TAU_US = 300_000                               # to speed, and out of it
_LOWEST_HZ, _HIGHEST_HZ = 21_000, 28_000        # control signals that it takes: 2.1.4
_STILL = 1e-9                                   # turns a microsecond under which it stands


class Fan:
    """`stalled`: something blocks it. `rpm` is how fast it turns now, `turns` how often it has turned."""

    def __init__(self, world, pwm_pin, tacho_pin):
        self.world, self.watched, self.pins = world, (pwm_pin,), (tacho_pin,)
        self.wires, self._stalled, self._job = None, False, None
        self._turns, self._speed, self._wanted, self._at_us, self._heeded = 0.0, 0.0, 0.0, 0, False
        self.power_on()

    def power_on(self):
        """No supply, no signal: it runs out."""
        self._heeded, self._job = False, None
        self._change(0.0)

    def _change(self, rpm):
        self._turns, self._speed = self.turns, self._speed_now()
        self._at_us, self._wanted = self.world.now, rpm / 60e6
        self._listen()

    def _speed_now(self):
        """Turns a microsecond."""
        if self._stalled:
            return 0.0
        return self._wanted + (self._speed - self._wanted) * math.exp(-(self.world.now - self._at_us) / _TAU_US)

    @property
    def rpm(self):
        return self._speed_now() * 60e6

    @property
    def turns(self):
        if self._stalled:
            return self._turns
        gone = self.world.now - self._at_us
        return self._turns + self._wanted * gone + (self._speed - self._wanted) * _TAU_US * (1 - math.exp(-gone / _TAU_US))

    @property
    def stalled(self):
        return self._stalled

    @stalled.setter
    def stalled(self, on):
        if on != self._stalled:
            turns = self.turns
            self._stalled = on
            self._turns, self._speed, self._at_us = turns, 0.0, self.world.now
            self._listen()

    def on_pwm(self, pin, hertz, duty):
        share = duty / 65535 if _LOWEST_HZ <= hertz <= _HIGHEST_HZ else 0.0
        self._change(_FULL_RPM * share if share >= _LEAST_DUTY else 0.0)

    def level(self, pin):
        """The tachometer: two pulses a turn, as long low as high."""
        return int(self.turns * _PULSES * 2) & 1

    def on_heed(self, pin, heeded):
        """Edges cost events, so they are made only while somebody listens."""
        self._heeded = heeded
        self._listen()

    def _listen(self):
        self._job = object()
        if self._heeded:
            self._edge(self._job, False)

    def _edge(self, job, tell=True):
        if job is not self._job:
            return
        if tell:
            self.wires.changed()
        speed = max(self._speed_now(), self._wanted if not self._stalled else 0.0)
        if speed > _STILL:
            halves = self.turns * _PULSES * 2
            left = (math.floor(halves) + 1 - halves) / (_PULSES * 2)
            self.world.after(max(1, math.ceil(left / speed)), self._edge, job)
