# console.py: the host's end of the admin line: requests out, answers and events in, in world time. Garbage on the line is skipped.
import hashlib
import json

from microtill.device_source import frame
from microtill.keys import ciphers


OPEN = ("identity", "rules", "kinds", "provision", "install")         # what a terminal answers to everybody


def sealed(key, nonce, number, data):
    """A request with its number and MAC, as firmware/till/admin/lock.py wants it."""
    head = number.to_bytes(4, "little")
    return head + ciphers.cmac(key, nonce + head + hashlib.sha256(data).digest())[:8] + data


class Console:
    """A UART chip as the rig sees it. `on_event(kind, trigger, words, at_us)`; `ask` sends a request, `answered` tells when it is all here.
    `key(serial)`: that of the admin line, 16 bytes, or None; asked for where a terminal wants proof."""

    BAUD = 921600

    def __init__(self, world):
        self.world, self.line, self.on_event, self.key = world, None, None, None
        self.power_on()

    def power_on(self):
        self._rx, self.rows, self.last, self.ready = bytearray(), [], None, False
        self._nonce, self._serial, self._number = None, "", 0

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
            if name == "console":
                self.ready, self._number = True, 0
                self._nonce, self._serial = (bytes.fromhex(words[1]), words[2]) if len(words) > 2 else (None, "")
            self.on_event(name, trigger, words, self.world.now)
        elif kind == frame.ANSWER:
            self.rows.append(json.loads(payload))
        elif kind == frame.LAST:
            self.last = json.loads(payload)

    def ask(self, request):
        """Send one request; its rows gather in `rows`, its end in `last`. With its proof, where the terminal wants one and the key is here."""
        self.rows, self.last, data = [], None, json.dumps(request).encode()
        key = self.key(self._serial) if self._nonce and self.key and request.get("op") not in OPEN else None
        if key:
            self._number += 1
            data = sealed(key, self._nonce, self._number, data)
        self.line.to_host(frame.encode(frame.SEALED if key else frame.REQUEST, data), self.BAUD)

    def answered(self):
        return self.last is not None
