# gpio.py: real pins of the emulated chip, over the qtest socket that QEMU keeps beside the running CPU: outputs are streamed as they change,
# inputs are set. Fails with Gone where QEMU has gone or does not know the machine's parts.
import socket
import time

from microtill.bench.targets import Gone

_CONNECT_S = 10


def connected(path):
    """A socket to what QEMU opens at `path` soon. Raises Gone."""
    end = time.monotonic() + _CONNECT_S
    while True:
        line = socket.socket(socket.AF_UNIX)
        try:
            line.connect(path)
            return line
        except OSError:                 # it is not there yet
            line.close()
            if time.monotonic() > end:
                raise Gone("the emulator opens no socket at %s" % path) from None
            time.sleep(0.01)


class KeypadPins:
    """The wires of a keypad: `rows` and `columns` name the chip's pins ("C4"), all of one port, in the order of the model's own. `out` is what
    the firmware drives, by the model's numbers. To be told to `take()` whenever its socket (`fileno`) has something."""

    def __init__(self, path, keypad, rows, columns):
        self._keypad, self._columns = keypad, dict(zip(keypad.pins, columns))
        self._rows = {int(name[1:]): own for name, own in zip(rows, keypad.rows)}
        self.out, self._told, self._heard = {}, {}, b""
        self._asked = self._answered = self._set = 0    # commands so far, answers so far, the number of the last one that set a pin
        self._socket = connected(path)
        self._socket.setblocking(False)
        self._listen = "irq_intercept_out /machine/soc/gpio" + rows[0][0].lower()       # of one port: qtest listens to one device
        self._say(self._listen)
        keypad.wires = self
        self.changed()

    def fileno(self):
        return self._socket.fileno()

    def _say(self, command):
        try:
            self._socket.sendall(command.encode() + b"\n")
        except OSError:
            raise Gone("the emulator's pins have gone") from None
        self._asked += 1

    def nudge(self):
        """Have QEMU look at its lines: it takes a byte from one when it is woken, and the emulated USART wakes nobody when it is ready for more."""
        if self._answered == self._asked:
            self._say(self._listen)

    def take(self):
        """What QEMU has said: how outputs moved, and that inputs are set."""
        try:
            while more := self._socket.recv(65536):
                self._heard += more
        except BlockingIOError:
            pass
        except OSError:
            raise Gone("the emulator's pins have gone") from None
        *lines, self._heard = self._heard.split(b"\n")
        moved = False
        for line in lines:
            words = line.decode().split()
            if words[:1] == ["IRQ"]:
                moved |= self._moved(int(words[2]), words[1] == "raise")
            elif words[:1] == ["OK"]:
                self._answered += 1
            else:
                raise Gone("the emulator refuses its pins: %s" % line.decode())
        if moved:
            self.changed()

    def _moved(self, pin, high):
        row = self._rows.get(pin)
        if row is None or self.out.get(row) == int(high):
            return False
        self.out[row] = int(high)
        return True

    def changed(self):
        """A contact or a row has moved: tell the chip the columns that differ from what it was told."""
        for own, name in self._columns.items():
            level = self._keypad.level(own)
            if self._told.get(own) != level:
                self._told[own] = level
                self._say("set_irq_in /machine/soc/gpio%s unnamed-gpio-in %d %d" % (name[0].lower(), int(name[1:]), level))
                self._set = self._asked

    def settled(self):
        """Do all columns stand as rows and contacts want them, and does the chip know?"""
        self.take()
        return self._answered >= self._set

    def close(self):
        self._socket.close()
