# serial_cable.py: a serial adapter and a program with a cable between them: two pseudo-terminals, joined at their far ends.
import os
import select
import termios
import threading
import tty


class Cable:
    """Two pseudo-terminals joined at their far ends: `ours` for the chip, `theirs` for its client."""

    def __init__(self):
        self._ends = [os.openpty(), os.openpty()]
        for _, slave in self._ends:
            tty.setraw(slave)
        self.ours, self.theirs = (os.ttyname(slave) for _, slave in self._ends)
        self._stop, self._stopped = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    def _carry(self):
        a, b = (master for master, _ in self._ends)
        while True:
            ready, _, _ = select.select([a, b, self._stop], [], [])
            if self._stop in ready:
                return
            for fd in ready:
                os.write(b if fd == a else a, os.read(fd, 4096))

    def rate(self):
        """What the chip's side is set to, as termios has it."""
        return termios.tcgetattr(self._ends[0][1])[5]

    def pull(self):
        if self._thread:
            os.write(self._stopped, b"!")
            self._thread.join()
            self._thread = None
            for fd in (self._stop, self._stopped, *self._ends[0], *self._ends[1]):
                os.close(fd)
