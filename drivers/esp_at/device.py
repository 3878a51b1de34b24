# device.py: an ESP32 with ESP-AT as the way to one server: wake it, join a network, hold one TLS connection, bring all that back.
# Fails with EspAtError, or ends the stream with its code; after each, the next connect() starts from a modem that was brought back.
import asyncio
import time
from micropython import const
from esp_at.lines import RECEIVED
from esp_at.port import Bell, EspAtError, Port, quoted
from esp_at.stream import CLOSED, CONNECTED, CONNECTING, INBOX, OUTBOX, Stream

_FIRST_BAUD = const(115200)         # after each start; AT+UART_CUR lasts until the next
_RESET_MS = const(5)                # EN low
_BOOT_MS = const(3000)
_JOIN_MS = const(20_000)            # jap_timeout is 15 s
_START_MS = const(30_000)           # a handshake packet may take 10 s ("AT+CIPSTART")
_PROBE_MS = const(12_000)
_SEND_MS = const(10_000)
_FLASH_MS = const(5000)
_FETCH_MS = const(2000)
_LOOK_MS = const(2000)              # somebody waits and hears nothing: is it the host, or was a line of the modem's lost?
_PIECE = const(256)                 # of a stored certificate
_OLDEST = (3, 2)                    # the first with AT+SYSMFG
_SETUP = (
    "ATE0",                         # no echo
    "AT+SYSSTORE=0",                # the network's password stays out of its flash
    "AT+CWMODE=1",                  # station
    "AT+CIPMUX=0",                  # one connection
    "AT+CIPDINFO=0",
    "AT+CIPRECVMODE=1",             # it keeps what has come until we ask, and its window then holds the sender
    "AT+SLEEP=1",                   # its radio sleeps between beacons
)
_LOST = ("deaf", "garbled", "busy", "reset")        # after these nobody knows what the modem still holds of what we set
_JOIN_CODES = {b"+CWJAP:1": "no_network", b"+CWJAP:2": "password", b"+CWJAP:3": "no_network"}      # 4 and others: not_joined
_STATES = {b"0": "out", b"1": "joining", b"2": "joined", b"3": "joining", b"4": "out"}             # AT+CWSTATE?
_CA = '"client_ca","client_ca.0"'


class EspAt:
    """`uart`: a machine.UART, timeout 0. `enable`: the pin at EN, high, or None. `unix()`: seconds since 1970, or None while unknown; a
    certificate's dates are judged by it. `baud`: what both ends move to once they know each other.

    `wifi`: None (unknown), "out", "joining" or "joined". `version`: a tuple, or None. `failed`: the last code that ended a stream, or None."""

    def __init__(self, uart, enable=None, unix=None, baud=_FIRST_BAUD):
        self._port = Port(uart, self._heard)
        self._enable, self._unix, self._baud = enable, unix, baud
        self.wifi = self.version = self.failed = None
        self._ssid = self._password = None
        self._is_set_up = self._open = False        # _open: the modem holds a connection, as far as we know
        self._inbox, self._outbox = bytearray(INBOX), bytearray(OUTBOX)
        self._stream = self._served = None          # the connection that is wanted, and the one that the modem has
        self._turn, self._due, self._worker = asyncio.Lock(), asyncio.Event(), None
        self._bell = Bell(self._due)

    # what a person may want of it

    async def start(self):
        """It answers, is new enough and set up. Raises EspAtError("deaf", "garbled", "busy", "version", "error")."""
        async with self._turn:
            await self._ready()

    async def reset(self):
        """A new start, by its EN pin where there is one. Raises EspAtError("deaf")."""
        async with self._turn:
            await self._reset()

    def network(self, ssid, password):
        """The network to join when it is needed."""
        if (ssid, password) != (self._ssid, self._password):
            self._ssid, self._password, self.wifi = ssid, password, None

    async def join(self, ssid, password):
        """Joined when it returns, and an address given. Raises EspAtError("password", "no_network", "not_joined"), or as start()."""
        self.network(ssid, password)
        async with self._turn:
            await self._ready()
            await self._join()

    async def ask_wifi(self):
        """Ask the modem itself: "out", "joining" or "joined" (AT+CWSTATE)."""
        async with self._turn:
            await self._ready()
            return await self._state()

    async def _state(self):
        said = await self._port.command("AT+CWSTATE?", say=b"+CWSTATE:")
        self.wifi = _STATES.get(said[9:10]) if said else None
        return self.wifi

    def connect(self, host, port, ca_der=None):
        """A stream that is being connected, the one before it is closed. It asks for nothing until the caller waits."""
        if self._stream is not None:
            self._stream.part()
        self.failed = None
        self._stream = Stream(host, port, ca_der, self._due.set, self._inbox, self._outbox)
        self._due.set()
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        return self._stream

    # what it says unasked

    def _heard(self, line):
        if line == b"WIFI GOT IP":
            self.wifi = "joined"
        elif line == b"WIFI CONNECTED":
            self.wifi = "joining"
        elif line == b"WIFI DISCONNECT":
            self.wifi = "out"
        elif line[:5] == b"+IPD:":
            self._lose("garbled")                   # data that nobody asked for: it is not in the mode that we set
            self._is_set_up = False
        elif line[:5] == b"+IPD,":
            if self._served is not None:
                self._served.announced = True
                self._due.set()
        elif line == b"CLOSED":
            self._open = False
            if self._served is not None and self._served.state() == CONNECTED:
                self._lose(None)
        elif line == b"ready":
            self._open = self._is_set_up = False
            self.wifi = None
            self._lose("reset")

    def _lose(self, why):
        """The modem's connection is gone."""
        stream, self._served = self._served, None
        if stream is not None and stream.state() != CLOSED:
            self.failed = why
            stream.end(why)

    # a modem that answers

    async def _ready(self):
        """Found, set up, and without echo; by a new start where nothing else helps."""
        port = self._port
        if not port.is_open():
            await self._find()
        if self._is_set_up and not port.echoes:
            return
        try:
            await self._set_up()
        except EspAtError as error:
            if error.code not in _LOST:
                raise
            await self._find()
            await self._set_up()

    async def _find(self):
        """At the first rate, or at ours, where an earlier life left it."""
        for baud in (_FIRST_BAUD, self._baud):
            self._port.open(baud)
            try:
                await self._port.command("AT")
                return
            except EspAtError as error:
                if error.code not in _LOST:
                    raise
        await self._reset()

    async def _reset(self):
        port, self._is_set_up, self._open, self.wifi = self._port, False, False, None
        self._lose("reset")
        if not port.is_open():
            port.open(_FIRST_BAUD)
        if self._enable is not None:
            self._enable.value(0)
            await asyncio.sleep_ms(_RESET_MS)
            port.open(_FIRST_BAUD)
            self._enable.value(1)
        else:
            await port.command("AT+RST")
            port.open(_FIRST_BAUD)
        if not await port.ready(_BOOT_MS):
            await port.command("AT")            # it may have said so while we could not hear

    async def _set_up(self):
        port = self._port
        said = await port.command("AT+GMR", say=b"AT version:")
        self.version = _version(said)
        if self.version is None:
            raise EspAtError("garbled")
        if self.version < _OLDEST:
            raise EspAtError("version")
        await self._hang_up()                       # what an earlier life of ours left: some settings are refused while a connection stands
        for command in _SETUP:
            await port.command(command)
        port.echoes = False
        if port.baud != self._baud:
            await port.command("AT+UART_CUR=%d,8,1,0,0" % self._baud)
            port.open(self._baud)
            await port.command("AT")
        self._is_set_up = True

    async def _join(self):
        if self.wifi == "joined":
            return
        if self._ssid is None:
            raise EspAtError("not_joined")
        port = self._port
        if self.wifi is None and await port.command("AT+CWSTATE?", say=b'+CWSTATE:2,"%s"' % self._ssid.encode()) is not None:
            self.wifi = "joined"                        # since an earlier life of ours
            return
        self.wifi = "joining"
        try:
            await port.command("AT+CWJAP=%s,%s" % (quoted(self._ssid), quoted(self._password)), _JOIN_MS, say=b"+CWJAP:")
        except EspAtError as error:
            self.wifi = "out" if error.code == "error" else None
            raise EspAtError(_JOIN_CODES.get(port.said or b"", "not_joined") if error.code == "error" else error.code)
        self.wifi = "joined"

    # the certificate

    async def _trust(self, ca_der):
        """`ca_der` is what the modem's client_ca holds, read back byte by byte; written where it is not. Raises EspAtError("certificate")."""
        if not ca_der:
            raise EspAtError("certificate")
        if not await self._holds(ca_der):
            await self._port.command("AT+SYSMFG=2,%s,8,%d" % (_CA, len(ca_der)), _FLASH_MS, data=ca_der)
            if not await self._holds(ca_der):
                raise EspAtError("certificate")

    async def _holds(self, ca_der):
        """Is this what is stored? A longer one that begins alike is not."""
        size, piece = len(ca_der), bytearray(_PIECE)
        for at in range(0, size, _PIECE):
            want = min(_PIECE, size - at)
            if await self._stored(at, want, piece) != want or memoryview(piece)[:want] != memoryview(ca_der)[at:at + want]:
                return False
        return not await self._stored(size, 1, piece)

    async def _stored(self, at, size, piece):
        """How many bytes of the stored certificate were put into `piece`."""
        filled = 0

        def take(data, kind):
            nonlocal filled
            piece[filled:filled + len(data)] = data
            filled += len(data)
        try:
            await self._port.command("AT+SYSMFG=1,%s,%d,%d" % (_CA, at, size), _FLASH_MS, into=take, wanted=size)
        except EspAtError as error:
            if error.code != "error":       # nothing is stored there
                raise
            return 0
        return filled

    # the connection

    async def _work(self):
        """The modem's own task: what streams want, in turn. Nobody cancels it, so no command is left half said."""
        while True:
            self._due.clear()
            stream = self._stream
            try:
                async with self._turn:
                    await self._step(stream)
            except EspAtError as error:
                self._fall(stream, error.code)
            await self._pause(stream)

    async def _pause(self, stream):
        """Until there is something to do; where somebody waits for bytes, not for ever."""
        if self._due.is_set():
            return
        looks = stream is not None and stream.state() == CONNECTED and stream.waiting
        until = time.ticks_add(time.ticks_ms(), _LOOK_MS)
        self._bell.until(until if looks else None)
        await self._due.wait()
        self._bell.until(None)
        if looks and time.ticks_diff(until, time.ticks_ms()) <= 0:
            stream.announced = True                 # as far as we know: asking tells

    def _fall(self, stream, code):
        """What was wanted did not come about."""
        if self._served is stream:
            self._served = None
        if code in _LOST:
            self._is_set_up = False
            self.wifi = None
        if stream is not None and stream.state() != CLOSED:
            self.failed = code
            stream.end(code)

    async def _step(self, stream):
        if self._open and self._is_set_up and (self._served is None or self._served is not stream or stream.state() == CLOSED):
            await self._hang_up()
        if stream is None or stream.state() == CLOSED:
            return
        if stream.state() == CONNECTING:
            await self._start(stream)
        while stream.state() == CONNECTED:
            if stream.owed:
                await self._send(stream)
            elif stream.announced and stream.room():
                await self._fetch(stream)
            else:
                return

    async def _hang_up(self):
        self._served = None
        for _ in range(2):
            try:
                await self._port.command("AT+CIPCLOSE", _SEND_MS)
                break
            except EspAtError as error:
                if error.code != "error":
                    raise
            if await self._port.command("AT+CIPSTATE?", say=b"+CIPSTATE:") is None:
                break                               # it was closed already; where it was not, the command was misheard
        self._open = False

    async def _start(self, stream):
        port, host = self._port, quoted(stream.host)
        if not stream.ca_der:
            raise EspAtError("certificate")
        await self._ready()
        await self._join()
        await self._trust(stream.ca_der)
        stream.ca_der = None                        # some 900 bytes, for as long as the connection stands
        now = self._unix() if self._unix is not None else None
        if now is not None:
            await port.command("AT+SYSTIMESTAMP=%d" % now)
        await port.command("AT+CIPSSLCCONF=2,0,0")          # 2: check the server's certificate
        await port.command("AT+CIPSSLCSNI=%s" % host)
        await port.command("AT+CIPSSLCCN=%s" % host)
        if await port.command("AT+CIPSSLCCONF?", say=b"+CIPSSLCCONF:0,2,") is None:
            raise EspAtError("certificate")                 # it does not say that it will
        if stream.state() != CONNECTING:
            return
        try:
            self._open, self._served = True, stream         # it may be, whatever we come to hear
            await port.command("AT+CIPSTART=\"SSL\",%s,%d" % (host, stream.port), _START_MS)
        except EspAtError as error:
            self._open = error.code != "error"
            if error.code != "error":
                raise
            await self._why(stream)
        if stream.state() == CONNECTING and self._open:     # a CLOSED may have come behind its OK
            stream.begin()
        elif stream.state() == CONNECTING:
            raise EspAtError("dropped")

    async def _why(self, stream):
        """A modem says ERROR for all that can go wrong. Where the host answers without TLS, it was the TLS. Always raises EspAtError."""
        if await self._state() != "joined":
            raise EspAtError("not_joined")
        if stream.state() != CONNECTING:
            raise EspAtError("refused")
        try:
            await self._port.command("AT+CIPSTART=\"TCP\",%s,%d" % (quoted(stream.host), stream.port), _PROBE_MS)
        except EspAtError as error:
            raise EspAtError("refused" if error.code == "error" else error.code)
        self._open = True
        await self._hang_up()
        raise EspAtError("certificate")

    async def _send(self, stream):
        size = stream.owed
        try:
            took = await self._port.command("AT+CIPSEND=%d" % size, _SEND_MS, data=stream.out(size), good="sent", say=b"Recv %d bytes" % size)
        except EspAtError as error:
            raise EspAtError("dropped" if error.code == "error" else error.code)    # how much of it the host has, nobody knows
        if took is None:
            self._port.stale = True                         # it understood another count: the rest lies in its line, or it waits for more
            raise EspAtError("garbled")
        stream.sent(size)

    async def _fetch(self, stream):
        """Up to a room's worth of what the modem holds. Less than was asked for: it holds no more, and tells when it does."""
        asked = stream.room()
        stream.announced = False
        try:
            got = await self._port.command("AT+CIPRECVDATA=%d" % asked, _FETCH_MS, into=self._take, wanted=asked)
        except EspAtError as error:
            if error.code != "error":
                raise
            if await self._port.command("AT+CIPSTATE?", say=b"+CIPSTATE:") is None:
                raise EspAtError("dropped")         # it holds none, and no connection either: a CLOSED was lost
            return
        if self._served is stream:
            stream.keep()
            stream.announced = stream.announced or got == asked

    def _take(self, data, kind):
        """A piece of what has come. It counts once the whole answer has."""
        if kind == RECEIVED and self._served is not None:
            self._served.put(data)


def _version(said):
    """(4, 1, 1) of b"AT version:4.1.1.0(...)"; None where it is not such a line."""
    words = (said or b"")[11:].split(b"(")[0].split(b".")
    try:
        return tuple(int(word) for word in words[:3])
    except ValueError:
        return None
