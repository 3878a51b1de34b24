# port.py: commands to an ESP-AT modem and what it says to them, one at a time. The line is never polled: RX-idle wakes the reader.
# Fails with EspAtError. Whatever ends a command early, a cancel too, leaves it stale: the next one first finds out where the modem stands.
import asyncio
import time
from micropython import const
from esp_at.lines import DATA, LINE, MORE, OVERLONG, PROMPT, RECEIVED, STORED, Scanner

SHORT_MS = const(1000)              # commands that the modem answers by itself
_BUSY_EACH_MS = const(100)
_BELL_MS = const(200)
_SYNC_MS = const(35_000)            # a CIPSTART that was left alone may keep it busy for so long
_SYNC_EACH_MS = const(600)
_DEAF_AFTER = const(3)              # tries without a single byte
_STRANGE_AFTER = const(9)           # tries without an answer to what was asked
_RXBUF = const(1024)                # an answer with 512 bytes of data, and whatever else is said meanwhile
_CHUNK = const(64)                  # bytes written at once: 5.6 ms at 115200 baud
_LONGEST = const(256)               # of a command, without its end: ESP-AT, "AT Command Types"
_MARKS = ("CIPRECVMODE", "CIPMUX", "CIPDINFO")      # queries whose answer names them: no late OK can be mistaken for theirs
_UNASKED = (b"WIFI ", b"+IPD,", b"CLOSED", b"CONNECT", b"ready", b"busy ", b"+STA_", b"+DIST_STA", b"Recv ", b"+LINK_CONN", b"smartconfig")
_RESULTS = {b"OK": "ok", b"ERROR": "error", b"FAIL": "error", b"SEND OK": "sent", b"SEND FAIL": "error", b"ready": "reset"}


class EspAtError(OSError):
    """`code`: "deaf" (no answer), "garbled" (none that can be read), "busy", "error" (the modem refused), "reset" (it started anew by itself),
    "version" (older than 3.2), "size" (a word too long for a command), "password", "no_network", "not_joined", "refused" (the host),
    "certificate" (the host answers, and is not whom we trust), "dropped" (the connection). It holds no data."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Deadline:
    """Spent by every wait under it."""

    def __init__(self, within_ms):
        self.at = time.ticks_add(time.ticks_ms(), within_ms)

    def left_ms(self):
        return max(0, time.ticks_diff(self.at, time.ticks_ms()))


class Bell:
    """Sets `event` once its tick has passed, at most `_BELL_MS` late. One task that lives on from wait to wait, and ends when nobody waits:
    a timer for each would cost more heap than all the rest of a command."""

    def __init__(self, event):
        self._event, self._at, self._task = event, None, None

    def until(self, at):
        """The wait ends at tick `at`, in ms; None: there is no wait."""
        self._at = at
        if at is not None and self._task is None:
            self._task = asyncio.create_task(self._ring())

    async def _ring(self):
        while self._at is not None:
            await asyncio.sleep_ms(_BELL_MS)
            if self._at is not None and time.ticks_diff(self._at, time.ticks_ms()) <= 0:
                self._event.set()
        self._task = None


def quoted(word):
    """A string as a command takes it: a backslash before what would end it ("AT Command Types")."""
    for special in ("\\", '"', ","):
        word = word.replace(special, "\\" + special)
    return '"%s"' % word


class Port:
    """`uart`: a machine.UART with irq(IRQ_RXIDLE), timeout 0; it is opened here. `on_line(line)` hears of each line as it comes."""

    def __init__(self, uart, on_line):
        self._uart, self._on_line = uart, on_line
        self._flag, self._news = asyncio.ThreadSafeFlag(), asyncio.Event()
        self._bell, self._reader = Bell(self._news), None
        self.scanner = Scanner()
        self._result, self.said, self._heard, self._mark = None, None, False, None
        self._into, self._wanted, self._counted = None, 0, None     # where data goes, how much may come, how much the modem announced
        self._unread = 0                    # bytes that the modem may still take for data of ours
        self.stale, self.echoes = True, False
        self.baud = 115200

    def is_open(self):
        return self._reader is not None

    def open(self, baud):
        """At this rate from now on; the modem must come along."""
        self.baud = baud
        self._uart.init(baud, rxbuf=_RXBUF)
        self._uart.irq(lambda uart: self._flag.set(), self._uart.IRQ_RXIDLE)
        if self._reader is None:
            self._reader = asyncio.create_task(self._read())

    # one command

    async def command(self, text, within_ms=SHORT_MS, data=None, good="ok", into=None, wanted=0, say=None):
        """Send `text`; return once the modem has done it. `data`: what it asks for with its prompt; then `good` is the word that ends it.
        `into(piece, kind)` takes the data of the answer, at most `wanted` bytes; the return value is how many came.
        `say`: the beginning of a line of the answer to return instead. A busy modem is asked again. Raises EspAtError."""
        if len(text) > _LONGEST:
            raise EspAtError("size")
        deadline = Deadline(within_ms)
        if self.stale:
            await self._sync()
        while True:
            try:
                return await self._once(text, deadline, data, good, into, wanted, say)
            except EspAtError as error:
                if error.code != "busy" or deadline.left_ms() <= _BUSY_EACH_MS:
                    raise
            await asyncio.sleep_ms(_BUSY_EACH_MS)

    async def _once(self, text, deadline, data, good, into, wanted, say):
        scanner = self.scanner
        self._result = self.said = self._counted = None
        self._heard = False
        self._into, self._wanted, self._mark = into, wanted, say
        scanner.prompts = data is not None
        self.stale = True
        try:
            self._unread = len(data) if data is not None else 0     # from here on the modem may wait for them, whether we hear of it or not
            await self._put(text.encode() + b"\r\n")
            if data is not None:
                await self._prompted(deadline)
                await self._put(data)
                self._unread = 0
            result = await self._until(good, deadline)
            self.stale = result == "garbled"    # its answer may not be over
        finally:
            self._bell.until(None)
            self._into = None
            scanner.prompts = False
        if result != good:
            self._unread = 0
            raise EspAtError(result)
        return self.said if say is not None else self._counted

    async def _prompted(self, deadline):
        """Until the modem asks for the data. Its OK comes before that; anything else refuses."""
        while self.scanner.prompts:
            if self._result in ("error", "busy", "reset"):
                self._unread, self.stale = 0, self._result == "reset"
                raise EspAtError(self._result)
            await self._wait(deadline)
        self._result = None

    async def _until(self, good, deadline):
        """The word that ends the answer. An "ok" that is not the one we wait for says nothing yet."""
        while True:
            result, self._result = self._result, None
            if result is not None and not (result == "ok" and good == "sent"):
                return result
            await self._wait(deadline)

    async def _wait(self, deadline):
        """Until something is heard. Raises EspAtError at the deadline."""
        self._bell.until(deadline.at)
        await self._news.wait()
        self._news.clear()
        if not deadline.left_ms():
            raise EspAtError("garbled" if self._heard else "deaf")

    async def _put(self, data):
        """Write in small pieces, so that no task is held up; the line's own pace sets theirs."""
        view, size = memoryview(data), len(data)
        for at in range(0, size, _CHUNK):
            piece = view[at:at + _CHUNK]
            self._uart.write(piece)
            if at + _CHUNK < size:
                await asyncio.sleep_ms(len(piece) * 10_000 // self.baud)

    # where the modem stands

    async def _sync(self):
        """It answers, and to the question that was asked. Raises EspAtError("deaf", "garbled", "busy")."""
        deadline, tries, silent = Deadline(_SYNC_MS), 0, 0
        code = "deaf"
        if self._unread:                        # it may wait for data: give it zeros, which no host takes for a message of ours
            left, self._unread = self._unread, 0
            await self._put(bytes(left))
        self._uart.write(b"\r\n")               # ends whatever command it half heard
        while deadline.left_ms() and silent < _DEAF_AFTER and tries < _STRANGE_AFTER:
            self.scanner.clear()
            mark = _MARKS[tries % len(_MARKS)]
            began = time.ticks_ms()
            try:
                if await self._once("AT+%s?" % mark, Deadline(_SYNC_EACH_MS), None, "ok", None, 0, b"+%s:" % mark.encode()) is not None:
                    return
                code = "garbled"                # an OK that was another's
            except EspAtError as error:
                code = error.code
            silent = silent + 1 if code == "deaf" else 0
            tries += code != "busy"
            await asyncio.sleep_ms(max(0, _BUSY_EACH_MS - time.ticks_diff(time.ticks_ms(), began)))
        self.stale = True
        raise EspAtError(code if code in ("deaf", "busy") else "garbled")

    async def ready(self, within_ms):
        """Until it says that it has started. False where it does not."""
        deadline = Deadline(within_ms)
        self.scanner.clear()
        self._result, self.stale = None, True
        try:
            while self._result != "reset":
                await self._wait(deadline)
        except EspAtError:
            return False
        finally:
            self._bell.until(None)
        self._unread = 0
        return True

    # what it says

    async def _read(self):
        while True:
            await self._flag.wait()
            self._take()

    def _take(self):
        scanner = self.scanner
        while True:
            got = self._uart.readinto(scanner.space())
            if not got:
                return
            scanner.took(got)
            self._heard = True
            kind = scanner.next()
            while kind != MORE:
                if kind == LINE:
                    self._line(scanner.line)
                elif kind == DATA:
                    self._data(scanner)
                elif kind == OVERLONG:
                    self._unreadable()
                elif kind == PROMPT:
                    self._news.set()
                kind = scanner.next()

    def _line(self, line):
        if line[:3] == b"AT+" or line == b"AT" or line == b"ATE0":
            self.echoes = True
            return
        if self._mark is not None and self.said is None and line[:len(self._mark)] == self._mark:
            self.said = line
        result = "busy" if line[:6] == b"busy p" else _RESULTS.get(line)
        if result is not None and (self._result is None or result != "ok"):
            self._result = result
        elif self._counted is not None and not line.startswith(_UNASKED):
            self._unreadable()                  # behind counted data nothing but its OK: the count was wrong
        self._on_line(line)
        self._news.set()

    def _data(self, scanner):
        """A piece of counted data: where it goes, if it was asked for."""
        size = scanner.end - scanner.start
        if self._into is None or scanner.kind not in (RECEIVED, STORED):
            self._unreadable()
            self._on_line(b"+IPD:")
            return
        if self._counted is None:
            self._counted = 0
            if size + scanner.left > self._wanted:
                self._unreadable()
        if self._counted + size <= self._wanted:
            self._into(scanner.view[scanner.start:scanner.end], scanner.kind)
            self._counted += size
        self._news.set()

    def _unreadable(self):
        if self._into is not None:
            self._result = "garbled"
            self._news.set()
