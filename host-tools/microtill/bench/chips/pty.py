# pty.py: a chip's UART offered to the outside in real time, on a pseudo-terminal or a serial adapter. Who does not read loses bytes.
# A port that goes away raises BoardError.
import contextlib
import fcntl
import os
import select
import termios
import time
import tty

import serial

from microtill.bench.wires import UartLine
from microtill.boards import BoardError, finder

_CHUNK = 4096
_ACK = b"\x00\x00\xff\x00\xff\x00"              # PN532
_WRITE_S = 2
_IDLE_S = 0.1                                   # how long a stop may go unseen
_RATES = {value: int(name[1:]) for name, value in vars(termios).items() if name[0] == "B" and name[1:].isdigit()}


class Pty:
    """A pseudo-terminal with a link to it. The rate is whatever the client set."""

    def __init__(self, link):
        """Raises FileExistsError where `link` is something that is not a link."""
        self.link = link
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        if os.path.lexists(link):
            if not os.path.islink(link):
                raise FileExistsError(link)
            os.unlink(link)
        os.symlink(os.ttyname(self._slave), link)

    def fileno(self):
        return self._master

    def rate(self):
        return _RATES.get(termios.tcgetattr(self._slave)[5], 115200)

    def follow(self, baud):
        """The chip's rate is no matter here: bytes are whole."""

    def read(self):
        return os.read(self._master, _CHUNK)

    def write(self, data):
        """Returns how many went; the rest is lost when the client does not read."""
        try:
            return os.write(self._master, data)
        except BlockingIOError:
            return 0

    def unread(self):
        """Has the client not read all of it yet?"""
        return any(fcntl.ioctl(self._slave, termios.FIONREAD, bytes(4)))

    def close(self):
        if os.path.islink(self.link):
            os.unlink(self.link)
        os.close(self._master)
        os.close(self._slave)


class Port:
    """A serial adapter, with a real board at its other end. The rate is the chip's. Raises BoardError: D01 no such port, D02 another program has
    it, D07 not ours to open; D03 in every call once it is gone."""

    def __init__(self, path, baud=115200):
        finder.check(path)
        try:
            self._serial, self.link = serial.Serial(path, baud, timeout=0, write_timeout=_WRITE_S, exclusive=True), path
        except (serial.SerialException, OSError) as error:
            raise BoardError("D02", "another program has the port %s (%s)" % (path, error.strerror or "locked")) from None
        except ValueError:
            raise BoardError("D08", "the port %s cannot do %d baud" % (path, baud)) from None

    @contextlib.contextmanager
    def _there(self):
        try:
            yield
        except (serial.SerialException, termios.error, OSError):
            raise BoardError("D03", "the port %s went away" % self.link) from None

    def fileno(self):
        return self._serial.fileno()

    def rate(self):
        return self._serial.baudrate

    def follow(self, baud):
        if baud and baud != self._serial.baudrate:
            with self._there():
                self._serial.flush()
                self._serial.baudrate = baud

    def read(self):
        with self._there():
            return self._serial.read(_CHUNK)

    def write(self, data):
        """Returns how many went; an adapter that takes nothing more loses the rest."""
        with self._there():
            try:
                return self._serial.write(data)
            except serial.SerialTimeoutException:
                return 0

    def close(self):
        with contextlib.suppress(serial.SerialException, termios.error, OSError):
            self._serial.close()


class Host:
    """Runs one UART chip against the wall clock. `line`: the one that it hangs on already, or one is made."""

    def __init__(self, world, chip, end, rxbuf=1 << 16, line=None):
        self.world, self.chip, self.end, self.lost = world, chip, end, 0
        self.line = line or UartLine(world, 1, [], chip)
        self.line.rxbuf = rxbuf
        self._rate = end.rate()
        self._origin = time.monotonic() - world.now / 1e6

    def now_us(self):
        return int((time.monotonic() - self._origin) * 1e6)

    def turn(self, most_s=_IDLE_S):
        """Wait for a byte, an event of the world or `most_s`, and do what is due."""
        coming = self.world.next_us()
        wait_s = most_s if coming is None else min(most_s, max(0.0, (coming - self.now_us()) / 1e6))
        readable, _, _ = select.select([self.end], [], [], wait_s)
        self.world.run_until(self.now_us())
        self.pass_on(readable)
        self.line.edges.clear()

    def pass_on(self, readable):
        """Bytes both ways, as far as the world has come. `readable`: something waits at the end."""
        data = self.end.read() if readable else b""
        self._client_rate(self.end.rate())
        if data:
            self.line.from_host(data)
            self.line.baud = self._rate
        while data := self.line.read(_CHUNK):
            self.lost += len(data) - self.end.write(data)
        if not self.line.tx_left_us():
            self.end.follow(getattr(self.chip, "baud", None))

    def _client_rate(self, rate):
        """Set the line to the client's rate. A pseudo-terminal tells the rate of now, not of when a byte was written, and a client that
        closes after its ACK may flush it away: so bytes just before a change count at the old rate, and the change itself as the ACK."""
        before, self._rate = self._rate, rate
        if before != rate == getattr(self.chip, "next_baud", None):
            self.chip.on_bytes(_ACK, self.chip.baud)
        chip_baud = getattr(self.chip, "baud", rate)
        self.line.baud = chip_baud if chip_baud in (before, rate) else rate

    def run(self, stopped):
        """Until `stopped()` says so; then the link is gone."""
        try:
            while not stopped():
                self.turn()
        finally:
            self.end.close()
