# wires.py: what joins firmware and chips: UART lines, pins, analog inputs, I2C and SPI buses. A wire knows bytes, levels and time, never a meaning.
#
# A sensor's `fault` is what its wire does with it, whatever the chip: None; "dead": no acknowledge, or an open line; "stuck": the last
# answer for ever, whatever is asked; "mad": random answers, from the bench's own seed.
import errno
import random
from bisect import bisect_right

UART_EDGE = 64      # edge sources 0..63 are pins, 64..71 are UARTs whose line fell idle after data


class UartLine:
    """Both directions of one UART. A byte takes 10 bits; bytes sent at another rate arrive garbled; past `rxbuf` unread bytes are lost."""

    def __init__(self, world, number, edges, chip=None):
        self.world, self.number, self.edges, self.chip = world, number, edges, chip
        self.baud, self.rxbuf = 115200, 256
        self.on_traffic = None          # hook: ("out" | "in", bytes)
        if chip is not None:
            chip.line = self
        self.power_on()

    def power_on(self):
        self._data, self._times, self.lost = bytearray(), [], 0
        self._rx_end = self._tx_end = 0

    def open(self, baud, rxbuf):
        self.baud, self.rxbuf = baud, rxbuf

    def from_host(self, data):
        start = max(self.world.now, self._tx_end)
        self._tx_end = start + len(data) * 10_000_000 // self.baud
        if self.on_traffic:
            self.on_traffic("out", data)
        if self.chip is not None:
            self.world.at(self._tx_end, self.chip.on_bytes, data, self.baud)

    def tx_left_us(self):
        return max(0, self._tx_end - self.world.now)

    def to_host(self, data, baud=None):
        """Called by the chip, now. Returns the world time at which the last bit is out."""
        if not data:
            return self.world.now
        baud = baud or self.baud
        start = max(self.world.now, self._rx_end)
        if self.on_traffic:
            self.on_traffic("in", data)
        if baud != self.baud:
            data = bytes(b ^ 0x5A for b in data)
        self._times += [start + (i + 1) * 10_000_000 // baud for i in range(len(data))]
        self._data += data
        self._rx_end = self._times[-1]
        self.world.at(self._times[-len(data)], _level_rises)
        self.world.at(self._rx_end + 10_000_000 // baud, self._idle, self._rx_end)
        return self._rx_end

    def _idle(self, end):
        if end == self._rx_end:
            self.edges.append((UART_EDGE + self.number, 0))

    def available(self):
        n = bisect_right(self._times, self.world.now)
        if n > self.rxbuf:
            self.lost += n - self.rxbuf
            del self._data[self.rxbuf:n], self._times[self.rxbuf:n]
            n = self.rxbuf
        return n

    def readable(self, now_us):
        return bool(self._times) and self._times[0] <= now_us

    def read(self, size):
        n = min(size, self.available())
        data = bytes(self._data[:n])
        del self._data[:n], self._times[:n]
        return data


def _level_rises():
    """An event with no act of its own: it makes the calendar stop where a level may change."""


class Pins:
    """Levels of 64 pins. Outputs belong to the firmware; a part drives inputs (`pins`, `level`) or watches outputs (`on_out`)."""

    def __init__(self, edges):
        self.edges, self._drivers, self._watchers = edges, {}, {}
        self.power_on()

    def power_on(self):
        self.out, self.irq, self.pwm, self._seen = {}, {}, {}, {}

    def attach(self, part, watches=()):
        for pin in getattr(part, "pins", ()):
            self._drivers[pin] = part
        for pin in watches:
            self._watchers.setdefault(pin, []).append(part)
        part.wires = self

    def level(self, pin):
        part = self._drivers.get(pin)
        return part.level(pin) if part else self.out.get(pin, 1)

    def set(self, pin, level):
        if self.out.get(pin) != level:
            self.out[pin] = level
            parts = self._watchers.get(pin)
            if parts is None:
                return self.changed()
            for part in parts:              # whoever watches an output tells by itself what follows from it
                part.on_out(pin, level)

    def subscribe(self, pin, mask):
        self.irq[pin] = mask
        self._seen[pin] = self.level(pin)
        part = self._drivers.get(pin)
        if hasattr(part, "on_heed"):        # a part that moves by itself spends events only while somebody listens
            part.on_heed(pin, bool(mask))

    def set_pwm(self, pin, hertz, duty):
        """`duty`: 0 to 65535 of each period high; hertz 0: the output rests low."""
        self.pwm[pin] = (hertz, duty)
        for part in self._watchers.get(pin, ()):
            part.on_pwm(pin, hertz, duty)

    def changed(self):
        """A level may have moved: note an edge for each pin whose interrupt asks for it (mask 1 rise, 2 fall)."""
        for pin, mask in self.irq.items():
            level = self.level(pin)
            if level != self._seen[pin]:
                self._seen[pin] = level
                if mask & (1 if level else 2):
                    self.edges.append((pin, level))


class Analog:
    """One analog input: `volts()` is what lies at it, 0 to `reference`; an open line is pulled up to it."""

    def __init__(self, volts, rng=None, reference=3.3):
        self.volts, self.random, self.reference = volts, rng or random.Random(0), reference
        self.fault, self._last = None, 65535

    def read(self):
        """One conversion, 0 to 65535."""
        if self.fault == "dead":
            return 65535
        if self.fault == "mad":
            return self.random.randrange(65536)
        if self.fault != "stuck":
            self._last = min(65535, max(0, round(self.volts() / self.reference * 65535)))
        return self._last


class I2cBus:
    """Chips by address; each byte takes 9 clocks and start, stop and address another 10. A chip's `fault`, where it has one, acts here."""

    def __init__(self, *chips, hertz=400_000, rng=None):
        self.chips, self.hertz = {chip.address: chip for chip in chips}, hertz
        self.random, self._last = rng or random.Random(0), {}

    def _chip(self, address):
        chip = self.chips.get(address)
        if chip is None or getattr(chip, "fault", None) == "dead":
            raise OSError(errno.ENODEV, "no acknowledge")
        return chip

    def took_us(self, size):
        return (size * 9 + 20) * 1_000_000 // self.hertz

    def write(self, address, data):
        chip = self._chip(address)
        if getattr(chip, "fault", None) != "stuck":
            chip.write(data)
        return self.took_us(len(data) + 1)

    def read(self, address, register, size):
        chip = self._chip(address)
        fault, took_us = getattr(chip, "fault", None), self.took_us(size + (3 if register is not None else 1))
        if fault == "mad":
            return self.random.randbytes(size), took_us
        if fault == "stuck":
            last = self._last.get(address) or b"\xff"
            return (last * size)[:size], took_us
        if register is not None:
            chip.write(bytes((register,)))
        got = self._last[address] = chip.read(size)
        return got, took_us


class SpiBus:
    """One chip behind one select pin, full duplex."""

    def __init__(self, chip, hertz=20_000_000):
        self.chip, self.hertz = chip, hertz

    def on_out(self, pin, level):
        self.chip.select(level)

    def transfer(self, data):
        return self.chip.transfer(data), 1 + len(data) * 8 * 1_000_000 // self.hertz
