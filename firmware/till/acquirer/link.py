# link.py: the line to the host: TLS with certificate check, held open, one question at a time; by a second way where the first does not hold.
# Raises LinkLost, TimedOut.
# A dropped answer is dropped unread; the wait goes on until the deadline, since the right one may still come.
import asyncio

from till.core.deadline import Deadline, Within
from till.core.errors import LinkLost, TillError, TimedOut

_CONNECTING, _CONNECTED = 0, 1
_MOST = 1200                    # bytes of the longest answer, its length included
DOWN, UP = 0, 1
_TENTHS = 6, 4                  # of the time for a connection, by how many ways are left to try, where there are two
_PROBE_MS = 5_000
_POLL, _POLL_IN = 3, 1          # of a stream's ioctl: may it be read?


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
    """`ways`: ((host, port), ...), one or two, the first one wanted first. `connect(host, port)` gives a socket with
    state(), readinto, write, close; `authority()`: the CA that certifies the host, as DER; `offer(name)` tells of "link_up" and
    "link_down", and of "link_second" and "link_first" where it went another way than before.
    `way` is the index of the one that carries, or that is tried next.
    `greet(trigger)` is the first thing said on a new line; its first byte carries out the handshake, certificate check included.

    A socket that is `secure` does all that itself (a modem with TLS): `trust(ca_der)` tells it whom to believe before it connects, it is
    connected only once the certificate has been checked, and `failed` is a word for why it is not."""

    def __init__(self, connect, ways, authority, offer):
        self._connect, self._ways, self._authority, self._offer = connect, ways, authority, offer
        self.way = self._told = 0
        self._alone = False             # does a connection leave no room for another beside it? A modem's does
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
            more, within_ms = len(self._ways) - 1, deadline.left_ms()
            for left in range(more, -1, -1):
                way = self.way
                try:
                    await self._by(way, Deadline(within_ms * _TENTHS[left] // 10) if more else deadline, trigger)
                    break
                except (LinkLost, TimedOut):
                    if not left:
                        self.way = way          # the one that was tried last comes first the next time: it may have had no time
                        raise
                    self._turn(way)
            self._offer("link_up")
            if self.way != self._told:
                self._told = self.way
                self._offer("link_second" if self.way else "link_first")

    async def _by(self, way, deadline, trigger):
        """Connected and signed on by this way."""
        try:
            await self._dial(self._ways[way], deadline)
            self.state = UP
            await self.greet(trigger)
        except (TillError, OSError) as error:
            self.state = DOWN       # it never was up for anybody else
            self.drop()
            if isinstance(error, OSError):      # a network that would not even try
                raise LinkLost("socket")
            raise

    def _turn(self, way):
        """This way did not hold: the other one is next."""
        self.way = (way + 1) % len(self._ways)

    async def probe(self):
        """Would the first way be had now? One that cannot be tried beside the second counts as one that would."""
        if self._alone:
            return True
        raw = None
        try:
            raw = self._connect(*self._ways[0])
            async with Within(Deadline(_PROBE_MS)):
                while raw.state() == _CONNECTING:
                    await readable(raw)         # pyright: ignore[reportGeneralTypeIssues]
            return raw.state() == _CONNECTED
        except (TimedOut, OSError):
            return False
        finally:
            if raw:
                raw.close()

    async def back(self, deadline, trigger):
        """By the first way from now on; where it does not hold after all, by the second as before. Nobody may be asking. True where it holds."""
        self.drop()
        self.way = 0
        await self.open(deadline, trigger)
        return self.way == 0

    def _stands(self):
        """Is the line up, as far as this end can tell?"""
        try:
            return self.state == UP and self._raw is not None and self._raw.state() == _CONNECTED
        except OSError:
            return False

    def look(self):
        """Nobody asks and nobody is answered: has the line ended? Whatever has come unasked stays for the next question, which drops it and says
        so. Costs nothing while nothing has come."""
        if self.state != UP or self._busy.locked() or self._opening.locked() or not self._raw.ioctl(_POLL, _POLL_IN):
            return
        if self._read() == 0 if self._have < _MOST else not self._stands():
            self.drop()

    async def _dial(self, where, deadline):
        async with Within(deadline):
            raw = self._raw = self._connect(*where)
            secure = self._alone = getattr(raw, "secure", False)
            if secure:
                raw.trust(self._authority())
            while raw.state() == _CONNECTING:
                await readable(raw)         # pyright: ignore[reportGeneralTypeIssues] (a generator is awaitable here)
            if raw.state() != _CONNECTED:
                self.drop()
                raise LinkLost(getattr(raw, "failed", None) or "refused")
            self._tls = raw if secure else _tls(raw, where[0], self._authority())
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
                self._fails()
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
                self._fails()           # silence: what is behind this line now, nobody knows
                raise

    async def _answer(self):
        """A window on the next whole message."""
        while True:
            if self._have >= 2:
                size = self._buf[0] << 8 | self._buf[1]
                if size + 2 > _MOST:
                    self._fails()
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
                self._fails()
                raise LinkLost("closed")

    def _fails(self):
        """A question was not answered by this way."""
        if self.state == UP:
            self._turn(self.way)
        self.drop()

    def move(self, ways):
        """Other ways from now on; a line by one that is none of them ends."""
        now, self._ways = self._ways[self.way], ways
        if now in ways:
            self.way = ways.index(now)
        else:
            self.way = 0
            self.drop()

    def drop(self):
        """Hang up; the next question dials again."""
        raw, self._raw, self._tls = self._raw, None, None
        if raw:
            raw.close()
        if self.state == UP:
            self.state = DOWN
            self._offer("link_down")
