# sounder.py: the owner of sounder and haptic motor: short signs by name. Never waits, never fails: past four that wait, a sign is left out.
# All ten digits sound alike, and so do all function keys: an ear, or a microphone, learns nothing from a PIN.
import asyncio

_MOST = 4
# name: (hertz, ms) of each step, 0 Hz for a pause; ms of the motor from the beginning on
TONES = {
    "digit": (((2700, 30),), 15),
    "function": (((2000, 45),), 20),
    "good": (((2100, 90), (0, 30), (2800, 160)), 60),
    "bad": (((900, 180), (0, 80), (700, 320)), 250),
    "attention": (((2400, 80), (0, 60), (2400, 80)), 40),
    "warning": (((1500, 150), (0, 100), (1500, 150)), 120),
    "alarm": (((3000, 200), (2200, 200), (3000, 200), (2200, 200), (3000, 200), (2200, 200)), 600),
}


class Sounder:
    """`piezo`: drivers/piezo, `motor`: a pin. Owner's parameters["people"]: "tones" and "haptic", read at each play."""

    def __init__(self, piezo, motor, parameters):
        self._piezo, self._motor, self._parameters = piezo, motor, parameters
        self._queue, self._flag = [], asyncio.Event()
        self.left_out = 0

    def play(self, name):
        """Soon, after what waits before it."""
        people = self._parameters["people"]
        if not (people["tones"] or people["haptic"]):
            return
        if len(self._queue) >= _MOST:
            self.left_out += 1
            return
        self._queue.append((name, people["tones"], people["haptic"]))
        self._flag.set()

    async def run(self):
        while True:
            await self._flag.wait()
            while self._queue:
                name, tones, haptic = self._queue.pop(0)
                try:
                    await self._sign(TONES[name], tones, haptic)
                finally:
                    self._piezo.off()
                    self._motor.value(0)
            self._flag.clear()

    async def _sign(self, sign, tones, haptic):
        steps, buzz_ms = sign
        buzz_ms = buzz_ms if haptic else 0
        self._motor.value(1 if buzz_ms else 0)
        for hertz, ms in steps if tones else ((0, buzz_ms),):
            if hertz:
                self._piezo.tone(hertz)
            else:
                self._piezo.off()
            if 0 < buzz_ms <= ms:
                await asyncio.sleep_ms(buzz_ms)
                self._motor.value(0)
                ms -= buzz_ms
                buzz_ms = 0
            buzz_ms = max(0, buzz_ms - ms)
            await asyncio.sleep_ms(ms)
