# pod_chips.py: chip models behind a pod, in real time: I2C chips answer from tables that are kept true here, contacts close, levels move. Raises
# BoardError as the pod does. A model that moves between two looks is at most LOOK_S late at the terminal's wires.
import copy
import select
import time

from microtill.rig.pod import LOST, READ, WRITTEN

LOOK_S = 0.004
_LEVEL_STEP = 16                        # of 65,535: what a filter of 10 kOhm and 100 nF lets through anyway
# What a terminal may ask of each model: the registers, and how much from each on; None: it has none, and answers the same to every read.
TABLES = {
    "TMP117": {register: 2 for register in (0, 1, 2, 3, 4, 5, 6, 7, 8, 15)},
    "MAX17048": {register: 2 for register in (2, 4, 6, 8, 10, 12, 20, 22, 24, 26)},
    "DS3231": {0: 19, 14: 5, 15: 4, 16: 3, 17: 2, 18: 1},
    "BH1750": None,
    "SSD1306": None,
}
_PLAIN = 0                              # where the pod keeps the answer of a chip without registers


class I2cChip:
    """One model at one I2C peripheral of the pod."""

    def __init__(self, pod, bus, model, scl=None, sda=None):
        self._pod, self.bus, self.model, self.lost = pod, bus, model, 0
        self._registers = TABLES[type(model).__name__]
        self._told = {}
        pod.ask("chip", bus=bus, address=model.address, scl=scl, sda=sda, pointed=self._registers is not None)
        self.refresh()

    def _answers(self):
        """{register: bytes} as they are now. Asked of a copy: a real read may clear a flag."""
        if self._registers is None:
            return {_PLAIN: self.model.read(2)}
        found = {}
        for register, size in self._registers.items():
            ghost = copy.copy(self.model)
            ghost.write(bytes((register,)))
            found[register] = ghost.read(size)
        return found

    def refresh(self):
        """Tell the pod what has changed."""
        now = self._answers()
        news = {register: data.hex() for register, data in now.items() if self._told.get(register) != data}
        if news:
            self._pod.ask("answers", bus=self.bus, answers=news)
            self._told = now

    def heard(self, kind, data):
        if kind == WRITTEN:
            self.model.write(data)
        elif kind == READ and self._registers is not None:
            self.model.write(data[:1])
            self.model.read(data[1])            # for what a read does to the chip
        elif kind == LOST:
            self.lost += data[0]


class Contacts:
    """A keypad's contacts, each an analog switch that a pin of the pod closes. `pins`: in the order of the keys. Stands in for the keypad's wires."""

    def __init__(self, pod, keypad, pins):
        self._pod, self._keypad, self._pins, self.out, self._closed = pod, keypad, pins, {}, frozenset()
        for pin in pins:
            pod.ask("pin", pin=pin, mode="out", level=0)
        keypad.wires = self
        self.changed()

    def changed(self):
        now = frozenset(self._keypad.closed)
        moved = [[self._pins[key], int(key in now)] for key in sorted(now ^ self._closed)]
        self._closed = now
        if moved:
            self._pod.ask("set", levels=moved)


class PodChips:
    """What plays at one pod. `world` follows the wall's clock: call `turn` again and again, or `run` until `stopped()`."""

    def __init__(self, world, pod):
        self.world, self.pod, self._chips, self._levels, self._lines, self._come = world, pod, {}, {}, {}, []
        pod.on_event = self._event
        self._origin = time.monotonic() - world.now / 1e6

    def chip(self, bus, model, scl=None, sda=None):
        self._chips[bus] = I2cChip(self.pod, bus, model, scl, sda)

    def keys(self, keypad, pins):
        Contacts(self.pod, keypad, pins)

    def level(self, pin, analog):
        """`analog.volts()`, of a supply of `analog.reference`."""
        self._levels[pin] = [analog, None]

    def line(self, pin, part, number):
        """An open-drain output of `part` that the terminal reads: low or let go, as `part.level(number)` says."""
        self.pod.ask("pin", pin=pin, mode="drain", level=1)
        self._lines[pin] = [part, number, 1]

    def _event(self, kind, number, data):
        """It may come while an order waits for its answer: nothing that gives orders happens here."""
        self._come.append((kind, number, data))

    def _now_us(self):
        return max(self.world.now, int((time.monotonic() - self._origin) * 1e6))

    def turn(self):
        """Hear the pod, move the world to now, and tell the pod what has changed."""
        self.pod.take()
        self.world.run_until(self._now_us())
        come, self._come = self._come, []
        for kind, number, data in come:
            if kind in (WRITTEN, READ, LOST) and number in self._chips:
                self._chips[number].heard(kind, data)
        for chip in self._chips.values():
            chip.refresh()
        for pin, known in self._levels.items():
            now = min(65535, max(0, round(known[0].volts() / known[0].reference * 65535)))
            if known[1] is None or abs(now - known[1]) >= _LEVEL_STEP:
                known[1] = now
                self.pod.ask("level", pin=pin, u16=now)
        moved = []
        for pin, known in self._lines.items():
            now = known[0].level(known[1])
            if now != known[2]:
                known[2] = now
                moved.append([pin, now])
        if moved:
            self.pod.ask("set", levels=moved)

    def run(self, stopped):
        """Until `stopped()` says so; then every wire is let go."""
        try:
            while not stopped():
                select.select([self.pod], [], [], LOOK_S)
                self.turn()
        finally:
            self.pod.close()
