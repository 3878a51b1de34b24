# wires.py: what joins firmware and chips: UART lines, pins, I2C and SPI buses. A wire knows bytes, levels and time, never a meaning.
import errno
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

    def readable(self):
        return bool(self._times) and self._times[0] <= self.world.now

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
        self.out, self.irq, self._seen = {}, {}, {}

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
            for part in self._watchers.get(pin, ()):
                part.on_out(pin, level)
            self.changed()

    def subscribe(self, pin, mask):
        self.irq[pin] = mask
        self._seen[pin] = self.level(pin)

    def changed(self):
        """A level may have moved: note an edge for each pin whose interrupt asks for it (mask 1 rise, 2 fall)."""
        for pin, mask in self.irq.items():
            level = self.level(pin)
            if level != self._seen[pin]:
                self._seen[pin] = level
                if mask & (1 if level else 2):
                    self.edges.append((pin, level))


class I2cBus:
    """Chips by address; each byte takes 9 clocks and start, stop and address another 10."""

    def __init__(self, *chips, hertz=400_000):
        self.chips, self.hertz = {chip.address: chip for chip in chips}, hertz

    def _chip(self, address):
        if address not in self.chips:
            raise OSError(errno.ENODEV, "no acknowledge")
        return self.chips[address]

    def took_us(self, size):
        return (size * 9 + 20) * 1_000_000 // self.hertz

    def write(self, address, data):
        self._chip(address).write(data)
        return self.took_us(len(data) + 1)

    def read(self, address, register, size):
        chip = self._chip(address)
        if register is not None:
            chip.write(bytes((register,)))
        return chip.read(size), self.took_us(size + (3 if register is not None else 1))


class SpiBus:
    """One chip behind one select pin, full duplex."""

    def __init__(self, chip, hertz=20_000_000):
        self.chip, self.hertz = chip, hertz

    def on_out(self, pin, level):
        self.chip.select(level)

    def transfer(self, data):
        return self.chip.transfer(data), 1 + len(data) * 8 * 1_000_000 // self.hertz
