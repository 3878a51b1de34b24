# pod.py: the host's end of a pod (boards/pod): orders out, answers and events in, over its USB serial port. Raises BoardError: D01, D02, D07 as any
# port, D03 it went away, D30 it refuses an order, D31 it does not answer, D32 it is another version.
import contextlib
import json
import select
import termios
import time

import serial

from microtill.boards import BoardError, finder
from microtill.device_source import frame

VERSION = 1
WRITTEN, READ, EDGE, LOST = b"WREL"     # the first byte of an event
_ANSWER_S, _AGAIN_S = 8, 1


class Pod:
    """`on_event(kind, number, data)` hears what the terminal did: WRITTEN and LOST on an I2C bus, READ of a register (register, bytes that went),
    EDGE of a watched pin (its level). `patience_s`: how long it may take to answer the first time: it may start just now."""

    def __init__(self, port, on_event=None, patience_s=_ANSWER_S):
        finder.check(port)
        self.port, self.on_event, self._heard, self._asked = port, on_event, b"", 0
        try:
            self._line = serial.Serial(port, 115200, timeout=0, write_timeout=_AGAIN_S, exclusive=True)
        except (serial.SerialException, OSError):
            raise BoardError("D02", "another program has the port %s" % port) from None
        try:
            self.about = self.ask("hello", patience_s)
            if self.about.get("pod") != VERSION:
                raise BoardError("D32", "the pod at %s speaks version %s, this is %d" % (port, self.about.get("pod"), VERSION))
        except BoardError:
            self.close()
            raise

    def fileno(self):
        return self._line.fileno()

    @contextlib.contextmanager
    def _there(self):
        try:
            yield
        except (serial.SerialException, termios.error, OSError):
            raise BoardError("D03", "the pod at %s went away" % self.port) from None

    def ask(self, op, within_s=_ANSWER_S, **words):
        """Give one order; what the pod answers. Events that come meanwhile are heard. What is not answered within a second is told again."""
        self._asked = number = self._asked + 1
        told = frame.encode(frame.REQUEST, json.dumps({"op": op, "id": number, **words}).encode())
        end, again = time.monotonic() + within_s, 0.0
        while time.monotonic() < end:
            if time.monotonic() >= again:
                again = time.monotonic() + _AGAIN_S
                with self._there():
                    self._line.write(told)
            select.select([self._line], [], [], max(0, min(end, again) - time.monotonic()))
            for answer in self._frames():
                said = json.loads(answer)
                if said.pop("id", None) != number:
                    continue                    # to a question that nobody waits for any more
                if not said.pop("ok"):
                    raise BoardError("D30", "the pod at %s refuses %s: %s" % (self.port, op, said["word"]))
                return said
        raise BoardError("D31", "no pod answers at %s" % self.port)

    def take(self):
        """Hear what has come. An answer that comes now is nobody's."""
        for _ in self._frames():
            pass

    def _frames(self):
        """The answers among what has come; events are handed on."""
        with self._there():
            self._heard += self._line.read(65536)
        answers = []
        while True:
            kind, start, end, used = frame.take(self._heard, len(self._heard))
            payload, self._heard = self._heard[start:end], self._heard[used:]
            if kind is None:
                return answers
            if kind == frame.ANSWER:
                answers.append(payload)
            elif kind == frame.EVENT and self.on_event and len(payload) >= 2:
                self.on_event(payload[0], payload[1], payload[2:])

    def close(self):
        """Every wire is let go, where the pod is still there."""
        with contextlib.suppress(BoardError, serial.SerialException, termios.error, OSError):
            if hasattr(self, "about"):
                self.ask("rest", within_s=1)
            self._line.close()
