# console.py: the host's end of the admin line: requests out, answers and events in, in world time. Garbage on the line is skipped.
import json

from microtill.device_source import frame


class Console:
    """A UART chip as the rig sees it. `on_event(kind, trigger, words, at_us)`; `ask` sends a request, `answered` tells when it is all here."""

    BAUD = 921600

    def __init__(self, world):
        self.world, self.line, self.on_event = world, None, None
        self.power_on()

    def power_on(self):
        self._rx, self.rows, self.last, self.ready = bytearray(), [], None, False

    def on_bytes(self, data, baud):
        self._rx += data
        while True:
            kind, start, end, used = frame.take(self._rx, len(self._rx))
            if kind is not None:
                self._frame(kind, bytes(self._rx[start:end]))
            del self._rx[:used]
            if kind is None:
                return

    def _frame(self, kind, payload):
        if kind == frame.EVENT and self.on_event:
            name, trigger, *words = payload.decode().split("\x1f")
            self.ready = self.ready or name == "console"
            self.on_event(name, trigger, words, self.world.now)
        elif kind == frame.ANSWER:
            self.rows.append(json.loads(payload))
        elif kind == frame.LAST:
            self.last = json.loads(payload)

    def ask(self, request):
        """Send one request; its rows gather in `rows`, its end in `last`."""
        self.rows, self.last = [], None
        self.line.to_host(frame.encode(frame.REQUEST, json.dumps(request).encode()), self.BAUD)

    def answered(self):
        return self.last is not None
