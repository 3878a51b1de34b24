# stream.py: one connection through the modem, in the shape of a socket. TLS ends in the modem: what is read and written here is plain.
# Ends with state() CLOSED and a word in `failed`; bytes that had arrived can still be read. A write to a closed one raises EspAtError.
import asyncio
from micropython import const
from esp_at.port import EspAtError

CONNECTING, CONNECTED, CLOSED = 0, 1, 2
INBOX = const(512)                  # what the modem is asked for at once; the rest waits in its own buffer, and so does the sender
OUTBOX = const(1280)


class Stream:
    """`secure`: the modem checks the server's certificate against `ca_der`, and speaks to nobody without one.

    `failed`: None, or why it ended: a code of EspAtError. `wake` is called when there is something for the modem to do."""

    secure = True

    def __init__(self, host, port, ca_der, wake, inbox, outbox):
        self.host, self.port, self.ca_der, self.failed = host, port, ca_der, None
        self._state, self._wake, self._told = CONNECTING, wake, asyncio.Event()
        self._in, self._out = inbox, outbox         # the modem's own, lent to one stream at a time: a new one needs no large block of heap
        self._in_view, self._out_view = memoryview(inbox), memoryview(outbox)
        self._got = self._have = self._new = 0      # of _in: read, arrived, and behind that, of an answer that is not whole yet
        self.owed = 0                       # bytes of _out that the modem has not taken
        self.announced = False              # the modem holds bytes for us
        self.waiting = False                # somebody waits for them

    # what its owner does
    def trust(self, ca_der):
        """The CA that the server must be certified by; before the first wait."""
        self.ca_der = ca_der

    def state(self):
        return self._state

    def readinto(self, buf, size=-1):
        """Bytes put into `buf`, None for not yet, 0 for the end."""
        n = min(len(buf), self._have - self._got)
        if not n:
            return 0 if self._state == CLOSED else None
        buf[:n] = self._in_view[self._got:self._got + n]
        self._got += n
        if self.announced:
            self._wake()                    # there is room again
        return n

    def write(self, data):
        """How many bytes of `data` were taken, maybe none for now. Raises EspAtError where it is not connected."""
        if self._state != CONNECTED:
            raise EspAtError(self.failed or "dropped")
        n = min(len(data), OUTBOX - self.owed)
        if n:
            self._out[self.owed:self.owed + n] = data if n == len(data) else memoryview(data)[:n]
            self.owed += n
            self._wake()
        return n

    async def readable(self):
        """Until something has changed since the last wait: bytes have come, there is room to write, or the state moved."""
        self.waiting = True
        self._wake()
        try:
            await self._told.wait()
            self._told.clear()
        finally:
            self.waiting = False

    def ioctl(self, request, flags):
        if request == 3:                    # MP_STREAM_POLL
            ready = flags & 1 if self._have > self._got or self._state == CLOSED else 0
            return ready | (flags & 4 if self._state == CONNECTED and self.owed < OUTBOX else 0)
        if request == 4:
            self.close()
            return 0
        return -1

    def close(self):
        """Hang up. What the modem has not sent yet it never will."""
        self.end(self.failed)

    # what the modem's task does
    def begin(self):
        if self._state == CONNECTING:
            self._state = CONNECTED
            self._told.set()

    def end(self, why):
        """Over, for this reason (a code, or None for an end in good order); the first reason stands."""
        if self._state != CLOSED:
            self._state, self.failed, self.owed = CLOSED, why, 0
            self._told.set()
            self._wake()

    def part(self):
        """Its buffers are another's now."""
        self.end("dropped")
        self._got = self._have = self._new = 0

    def room(self):
        """How many bytes may be put in; what was put and not kept is forgotten."""
        left = self._have - self._got
        if self._got:
            self._in[:left] = self._in[self._got:self._have]
        self._got, self._have, self._new = 0, left, 0
        return INBOX - left

    def put(self, data):
        """Bytes of an answer; no more in all than there was room for."""
        start = self._have + self._new
        self._in[start:start + len(data)] = data
        self._new += len(data)

    def keep(self):
        """The answer was whole: they have come."""
        self._have += self._new
        self._new = 0
        self._told.set()

    def out(self, size):
        """The oldest `size` bytes that the modem is to send."""
        return self._out_view[:size]

    def sent(self, size):
        """So many have gone to the modem."""
        left = max(0, self.owed - size)
        self._out[:left] = self._out[size:size + left]
        self.owed = left
        self._told.set()
