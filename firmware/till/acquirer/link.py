# link.py: the line to the host: TLS with certificate check, held open, one question at a time. Raises LinkLost, TimedOut.
# A dropped answer is dropped unread; the wait goes on until the deadline, since the right one may still come.
import asyncio

from till.core.deadline import Within
from till.core.errors import LinkLost, TimedOut

_CONNECTING, _CONNECTED = 0, 1
_MOST = 1200                    # bytes of the longest answer, its length included
DOWN, UP = 0, 1


def readable(stream):
    """Await this: until the stream has something. One that tells by itself does, the poll set looks after the others."""
    tell = getattr(stream, "readable", None)
    return tell() if tell else _polled(stream)


def _polled(stream):
    """A generator, as the interpreter's own streams do it."""
    yield asyncio.core._io_queue.queue_read(stream)         # pyright: ignore[reportAttributeAccessIssue]


def _tls(raw, host, ca_der):
    """TLS of our own over a plain socket; no such thing is loaded where the connection brings it."""
    import ssl
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=ca_der)
    return context.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)


async def _say_nothing(trigger):
    """Until somebody hands in what is to be said first."""


class Link:
    """`connect(host, port)` gives a socket with state(), readinto, write, close; `authority()`: the CA that certifies the
    host, as DER; `offer(name)` tells of "link_up" and "link_down".
    `greet(trigger)` is the first thing said on a new line; its first byte carries out the handshake, certificate check included.

    A socket that is `secure` does all that itself (a modem with TLS): `trust(ca_der)` tells it whom to believe before it connects, it is
    connected only once the certificate has been checked, and `failed` is a word for why it is not."""

    def __init__(self, connect, host, port, authority, offer):
        self._connect, self._host, self._port, self._authority, self._offer = connect, host, port, authority, offer
        self._raw = self._tls = None
        self._buf = bytearray(_MOST)
        self._view = memoryview(self._buf)
        self._have = 0
        self._busy, self._opening = asyncio.Lock(), asyncio.Lock()
        self.state, self.greet = DOWN, _say_nothing

    async def open(self, deadline, trigger):
        """Connected, certified and signed on when it returns; `trigger` is the id of what wanted it. Raises LinkLost, TimedOut."""
        async with self._opening:
            if self._stands():
                return
            self.drop()
            try:
                await self._dial(deadline)
                self.state = UP
                await self.greet(trigger)
            except (TimedOut, LinkLost):
                self.state = DOWN       # it never was up for anybody else
                self.drop()
                raise
            self._offer("link_up")

    def _stands(self):
        """Is the line up, as far as this end can tell?"""
        try:
            return self.state == UP and self._raw is not None and self._raw.state() == _CONNECTED
        except OSError:
            return False

    async def _dial(self, deadline):
        async with Within(deadline):
            raw = self._raw = self._connect(self._host, self._port)
            secure = getattr(raw, "secure", False)
            if secure:
                raw.trust(self._authority())
            while raw.state() == _CONNECTING:
                await readable(raw)         # pyright: ignore[reportGeneralTypeIssues] (a generator is awaitable here)
            if raw.state() != _CONNECTED:
                self.drop()
                raise LinkLost(getattr(raw, "failed", None) or "refused")
            self._tls = raw if secure else _tls(raw, self._host, self._authority())
            self._have = 0

    def _read(self):
        """Bytes added to the buffer, None for not yet, 0 for the end."""
        try:
            got = self._tls.readinto(self._view[self._have:])
        except (OSError, ValueError):       # ValueError is what this TLS raises for a certificate that it does not accept
            return 0
        if got:
            self._have += got
        return got

    async def _write(self, data):
        while data:
            try:
                n = self._tls.write(data)
            except (OSError, ValueError):
                self.drop()
                raise LinkLost("write")
            if n:
                data = data[n:]
            else:
                await readable(self._raw)   # pyright: ignore[reportGeneralTypeIssues]

    async def ask(self, message, deadline, accept):
        """Send one message; return accept(answer)'s first result that is not None. `message` is read before this yields again."""
        async with self._busy:
            frame = bytearray(2 + len(message))
            frame[0], frame[1] = len(message) >> 8, len(message) & 0xFF
            frame[2:] = message
            if self.state != UP:
                raise LinkLost("down")
            try:
                async with Within(deadline):
                    await self._write(frame)
                    while True:
                        got = accept(await self._answer())
                        if got is not None:
                            return got
            except TimedOut:
                self.drop()             # silence: what is behind this line now, nobody knows
                raise

    async def _answer(self):
        """A window on the next whole message."""
        while True:
            if self._have >= 2:
                size = self._buf[0] << 8 | self._buf[1]
                if size + 2 > _MOST:
                    self.drop()
                    raise LinkLost("length")
                if self._have >= size + 2:
                    message = bytes(self._view[2:size + 2])
                    left = self._have - size - 2
                    self._buf[:left] = self._buf[size + 2:self._have]
                    self._have = left
                    return message
            got = self._read()
            if got is None:
                await readable(self._raw)   # pyright: ignore[reportGeneralTypeIssues]
            elif got == 0:
                self.drop()
                raise LinkLost("closed")

    def move(self, host, port):
        """Another host from now on; a line to the old one ends."""
        if (host, port) != (self._host, self._port):
            self._host, self._port = host, port
            self.drop()

    def drop(self):
        """Hang up; the next question dials again."""
        raw, self._raw, self._tls = self._raw, None, None
        if raw:
            raw.close()
        if self.state == UP:
            self.state = DOWN
            self._offer("link_down")
