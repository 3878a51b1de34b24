# machine.py: UART, Pin, ADC, PWM, I2C and SPI as thin windows on the bench's bus; signatures as on a board. Fails with OSError.
import io
import bus


class Pin:
    IN, OUT, OPEN_DRAIN = 0, 1, 2
    PULL_UP, PULL_DOWN = 1, 2
    IRQ_RISING, IRQ_FALLING = 1, 2

    def __init__(self, number, mode=-1, pull=0, value=None):
        self.number = number
        if value is not None:
            self.value(value)
        if mode >= 0:
            bus.call(bus.PIN_MODE, number, mode, pull or 0)

    def value(self, level=None):
        if level is None:
            return bus.call(bus.PIN_GET, self.number)
        bus.call(bus.PIN_SET, self.number, 1 if level else 0)

    __call__ = value

    def on(self):
        self.value(1)

    def off(self):
        self.value(0)

    def irq(self, handler=None, trigger=3):
        """handler(pin) runs between two operations, as a soft interrupt does on a board; None ends it."""
        bus.on_edge(self.number, (lambda level: handler(self)) if handler else None)
        bus.call(bus.PIN_IRQ, self.number, trigger if handler else 0)


class ADC:
    def __init__(self, pin):
        self.number = _number(pin)

    def read_u16(self):
        """One conversion, 0 to 65535 for nothing to the reference."""
        return bus.call(bus.ADC_READ, self.number)


class PWM:
    """The output runs from the moment that both are known: `freq` in hertz, `duty_u16` 0 to 65535 of a period high."""

    def __init__(self, pin, freq=0, duty_u16=0):
        self.number, self._hertz, self._duty = _number(pin), freq, duty_u16
        self._set()

    def _set(self):
        bus.call(bus.PWM_SET, self.number, self._hertz, self._duty)

    def freq(self, hertz=None):
        if hertz is None:
            return self._hertz
        self._hertz = hertz
        self._set()

    def duty_u16(self, duty=None):
        if duty is None:
            return self._duty
        self._duty = duty
        self._set()

    def deinit(self):
        self._hertz = self._duty = 0
        self._set()


def _number(pin):
    """A pin's number, of a Pin or of itself."""
    return pin.number if isinstance(pin, Pin) else pin


class UART(io.IOBase):
    IRQ_RXIDLE = 1

    def __init__(self, number, baudrate=115200, rxbuf=256, **other):
        self.number = number
        self.bus_bit = 1 << number
        self.init(baudrate, rxbuf=rxbuf)

    def init(self, baudrate=115200, rxbuf=256, **other):
        bus.call(bus.UART_OPEN, self.number, baudrate, rxbuf)

    def irq(self, handler=None, trigger=IRQ_RXIDLE):
        """handler(uart) once the line has been idle for a character after data."""
        bus.on_edge(bus.UART_EDGE + self.number, (lambda level: handler(self)) if handler else None)

    def any(self):
        return bus.call(bus.UART_ANY, self.number)

    def readinto(self, buf, size=-1):
        """Bytes put into `buf`, or None where nothing has arrived."""
        return bus.call(bus.UART_READ, self.number, len(buf), into=buf) or None

    def read(self, size=-1):
        buf = bytearray(self.any() if size < 0 else size)
        got = self.readinto(buf) if buf else None
        return got and bytes(memoryview(buf)[:got])

    def write(self, data):
        bus.call(bus.UART_WRITE, self.number, out=data)
        return len(data)

    def flush(self):
        bus.call(bus.UART_FLUSH, self.number)

    def ioctl(self, request, flags):
        if request == 3:                    # MP_STREAM_POLL; transmit is always free
            return (flags & 1 if bus.ready & self.bus_bit else 0) | flags & 4
        return -1


class I2C:
    def __init__(self, number, **other):
        self.number = number

    def readfrom_into(self, address, buf):
        bus.call(bus.I2C_READ, self.number, address, len(buf), into=buf)

    def writeto(self, address, data):
        return bus.call(bus.I2C_WRITE, self.number, address, out=data)

    def readfrom_mem_into(self, address, register, buf):
        """Write one register byte, repeated start, read: one round trip."""
        bus.call(bus.I2C_READ, self.number, address | 0x100 | register << 16, len(buf), into=buf)


class SPI:
    def __init__(self, number, **other):
        self.number = number

    def write(self, data):
        bus.call(bus.SPI_TRANSFER, self.number, 0, out=data)

    def readinto(self, buf, value=0):
        bus.call(bus.SPI_TRANSFER, self.number, len(buf), into=buf)

    def write_readinto(self, out, into):
        bus.call(bus.SPI_TRANSFER, self.number, len(into), out=out, into=into)


def random_into(buf):
    """The bench's seeded source: for tests only, and the terminal says so."""
    bus.call(bus.RANDOM, 0, len(buf), into=buf)


def reset():
    """Start again, as after a cut: the bench sees to it."""
    bus.end()


def fuse_into(buf):
    """The device key of 16 bytes that a board keeps in its fuses."""
    bus.call(bus.FUSE, 0, len(buf), into=buf)
