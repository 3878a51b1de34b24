# piezo.py: what a person hears and feels: a piezo sounder on a PWM pin and a haptic motor on a pin. They cannot fail; they keep what was played.
class Piezo:
    """`tones`: [at_us, hertz, duration_us] of each tone that has ended, in order. Hook: `on_tone(hertz, duration_us)` as one ends."""

    def __init__(self, world, pin):
        self.world, self.watched, self.tones, self.wires, self._since, self.on_tone = world, (pin,), [], None, None, None

    def power_on(self):
        """Silence; what was heard stays."""
        self._end()

    def _end(self):
        if self._since:
            at_us, hertz = self._since
            self.tones.append([at_us, hertz, self.world.now - at_us])
            self._since = None
            if self.on_tone:
                self.on_tone(*self.tones[-1][1:])

    def on_pwm(self, pin, hertz, duty):
        sounding = hertz if duty and hertz else None
        if sounding != (self._since and self._since[1]):
            self._end()
            self._since = (self.world.now, hertz) if sounding else None


class HapticMotor:
    """`pulses`: [at_us, duration_us] of each pulse that has ended."""

    def __init__(self, world, pin):
        self.world, self.watched, self.pulses, self.wires, self._since = world, (pin,), [], None, None

    def power_on(self):
        self._end()

    def _end(self):
        if self._since is not None:
            self.pulses.append([self._since, self.world.now - self._since])
            self._since = None

    def on_out(self, pin, level):
        self._end()
        if level:
            self._since = self.world.now
