# console.py: the serial line that host tools talk to: requests in JSON, answers row by row, and events as they come (wire/frame.py).
# A request that is none gets an answer with a code; garbage is skipped.
import asyncio
import json

from till.core.errors import TillError
from till.wire import frame


_AT_REST = 256                  # bytes of a request that are kept room for; a longer one gets more while it lasts


class Console:
    """`ops`: {name: function(till, request) -> iterable of rows}; `lock(till)`: a Lock, or None where anybody may ask. The line is a UART with an
    RX-idle interrupt."""

    def __init__(self, uart, till, ops, lock):
        self._uart, self._till, self._ops, self._begin, self._lock = uart, till, ops, lock, None
        self._buf, self._have = bytearray(_AT_REST), 0
        self._flag = asyncio.ThreadSafeFlag()
        uart.irq(self._arrived, uart.IRQ_RXIDLE)

    def _arrived(self, uart):
        self._flag.set()

    def event(self, kind, trigger_id, words):
        """core.log's listener: one frame, fields parted by a unit separator (1F)."""
        self._uart.write(frame.encode(frame.EVENT, "\x1f".join([kind, trigger_id] + [str(word) for word in words]).encode()))

    async def run(self):
        self._lock = self._begin(self._till)
        self.event("console", "", ("ready",) + (self._lock.words if self._lock else ()))
        while True:
            await self._flag.wait()
            while self._read():
                pass

    def _read(self):
        """Take in what has arrived and answer whole requests. True while there may be more."""
        if self._have == len(self._buf):
            self._make_room()
        got = self._uart.readinto(memoryview(self._buf)[self._have:]) or 0
        self._have += got
        while True:
            kind, start, end, used = frame.take(self._buf, self._have)
            if kind in (frame.REQUEST, frame.SEALED):
                self._answer(bytes(memoryview(self._buf)[start:end]), kind)
            self._have -= used
            self._buf[:self._have] = self._buf[used:used + self._have]
            if kind is None:
                break
        if not self._have and len(self._buf) > _AT_REST:
            self._buf = bytearray(_AT_REST)
        return got > 0

    def _make_room(self):
        """For the whole of a request whose head promises more than there is room for. What has no such head is noise."""
        size = frame.whole(self._buf, self._have)
        larger = bytearray(size if len(self._buf) < size <= frame.MOST_BYTES + 8 else _AT_REST)
        if len(larger) > self._have:
            larger[:self._have] = self._buf
        else:
            self._have = 0
        self._buf = larger

    def _answer(self, payload, kind):
        try:
            request = json.loads(self._lock.opened(payload) if kind == frame.SEALED else payload)
            if self._lock and kind == frame.REQUEST:
                self._lock.passes(request["op"])
            rows = self._ops[request["op"]](self._till, request)
            for row in rows:
                self._uart.write(frame.encode(frame.ANSWER, json.dumps(row).encode()))
            last = {"ok": True}
        except TillError as error:
            last = {"ok": False, "code": error.code, "word": str(error.args[0]) if error.args else ""}
        except (ValueError, KeyError, TypeError, AttributeError):       # a part that is not there, or not what it should be
            last = {"ok": False, "code": "P02", "word": "request"}
        self._uart.write(frame.encode(frame.LAST, json.dumps(last).encode()))
