# device.py: a receipt printer on a UART that speaks ESC/POS. "Printed" is what it says once it has done all before (GS r), in order.
# Fails with PrinterError; what was sent stays in the printer's buffer, and prints when paper or cover are back.
import asyncio
import time
from micropython import const
from escpos_printer import commands
from escpos_printer.status import QUERIES, UNKNOWN, PrinterError, decoded, trouble

_BUFFER = const(4096)               # bytes that the printer keeps
_MOST = const(3072)                 # of them, data that it has not confirmed; the rest is for status queries
_FENCE_EACH = const(1024)
_FENCE = b"\x1d\x72\x01"            # GS r 1: answered in turn, when all before it has been printed
_CHUNK = const(64)                  # bytes written at once: 5.6 ms at 115200 baud
_SLACK_US = const(2_000)           # the line may be ahead of us by so much
_BAND = const(1000)                 # bytes of picture in one command
_NOTHING = b"\x00\x00"
_BRIM = const(40)                   # room for a query, a fence and what a full printer kept of a query
_STATUS_MS = const(200)             # DLE EOT is answered at once
_ASK_EACH_MS = const(500)           # while something is awaited
_QUIET_MS = const(3_000)            # a kilobyte of text prints in less
_STALLED_MS = const(10_000)         # well, and yet nothing of a kilobyte comes out: its power failed, and with it its buffer
_LONGEST_MS = const(30_000)         # a kilobyte of text takes 3 s; less than queries take to fill a kilobyte
_ANSWER_MASK, _STATUS_MARK = const(0x93), const(0x12)


class EscposPrinter:
    """`uart`: a machine.UART with irq(IRQ_RXIDLE), timeout 0, open at `baud`. `known` is the last Status seen.

    Each command goes out whole, even where its task is cancelled, and never more than the printer can hold."""

    def __init__(self, uart, baud=115200):
        self._uart, self._baud = uart, baud
        self.known = UNKNOWN
        self._sent = self._confirmed = self._fenced = 0     # bytes so far; what the last answered and the last sent fence stand behind
        self._fences = []                                   # the same, of those not yet answered
        self._answers = bytearray(4)
        self._answered = 0
        self._was_silent = self._parted = self._late = False
        self._free_us = time.ticks_us()                     # when the line will have sent what it was given
        self._buf = bytearray(32)
        self._writing, self._line, self._asking = asyncio.Lock(), asyncio.Lock(), asyncio.Lock()
        self._arrived, self._news, self._listener = asyncio.ThreadSafeFlag(), asyncio.Event(), None
        uart.irq(self._heard, uart.IRQ_RXIDLE)

    async def start(self):
        """Settings as at power on; returns the Status. Where the printer had not confirmed in time, what it has not printed counts as lost;
        3 s without an answer make sure that no late one is taken for one about what comes next."""
        if self._was_silent:
            if (await self.status()).online is None:
                return UNKNOWN
            self._late = False
            while self._fences and await self._until(self._heard_late, _at(_QUIET_MS)):
                self._late = False
            self._fences.clear()
            self._confirmed = self._fenced = self._sent
            self._was_silent = False
        await self.send(commands.INITIALISE)
        return await self.status()

    # what to print

    async def send(self, command):
        """One whole command, at most 3,072 bytes. Waits for room in the printer. Raises PrinterError where none comes."""
        size = len(command)
        if size > _MOST:
            raise PrinterError("size")
        while size <= _CHUNK and self._sent + size - self._confirmed <= _MOST and self._fenced + _FENCE_EACH > self._sent \
                and not (self._writing.locked() or self._line.locked()):
            left_us = self._busy_us()           # the common case, without locks and their garbage
            if left_us < _SLACK_US:
                self._begin(size, False, True)
                self._chunk(memoryview(command), 0)
                return
            await asyncio.sleep_ms(left_us // 1000)
        async with self._writing:
            if self._sent + size - self._confirmed > _MOST:
                await self._room(size)
            await self._put(command)
            if self._sent - self._fenced >= _FENCE_EACH:
                await self._fence()

    async def write_line(self, data):
        """One line of text, bytes of the printer's code page, without its line feed."""
        await self.send(data + commands.LF)

    async def write_text(self, parts):
        """One line of text from (chinese, bytes) parts: GB 18030 where `chinese`, page 1252 elsewhere."""
        await self.send(commands.text(parts))

    async def bold(self, on):
        await self.send(commands.BOLD_ON if on else commands.BOLD_OFF)

    async def size(self, wide=False, high=False):
        await self.send(commands.size(wide, high))

    async def spacing(self, dots=0):
        """Dots from one line to the next; 0: as at start. A line is never lower than its tallest character."""
        await self.send(commands.spacing(dots))

    async def align(self, where):
        """0 left, 1 centre, 2 right; at the beginning of a line."""
        await self.send(commands.align(where))

    async def feed(self, lines):
        await self.send(commands.feed(lines))

    async def qr(self, data, module=4, correction="M"):
        """A QR code of `data` (bytes), `module` dots a module."""
        await self.send(commands.qr(data, module, correction))

    async def barcode(self, digits, height=100, module=3):
        """An EAN-13 of 12 or 13 ASCII digits."""
        await self.send(commands.ean13(digits, height, module))

    async def picture(self, rows, width):
        """One bit a dot, each row padded to a whole byte; in bands, so that no command is large."""
        across = (width + 7) // 8
        band = max(1, _BAND // across) * across
        view = memoryview(rows)
        for at in range(0, len(rows), band):
            await self.send(commands.raster(bytes(view[at:at + band]), width))

    async def cut(self, lines_first=6, part=False):
        """Feed past the knife, then cut."""
        await self.send(commands.cut(lines_first, part))

    async def drawer(self):
        await self.send(commands.drawer())

    # what it says

    async def status(self, within_ms=_STATUS_MS):
        """Ask now: Status(online, paper, cover, head). online True or False; paper "ok", "near_end" or "out"; cover "closed" or "open";
        head "ok", "hot", "cutter" or "broken"; each None where unknown."""
        self._listen()
        async with self._asking:
            full = self._sent + _BRIM - self._confirmed > _BUFFER
            if full and self._fenced != self._sent:
                await self._fence()                 # its answer will tell that there is room again
            self._answered = 0
            await self._put(QUERIES, False, not full)
            if not await self._until(self._all_answered, _at(within_ms)) and not self._answered:
                self._was_silent = True
                if not full:
                    self._sent -= len(QUERIES)     # nobody was there to keep them
                self.known = UNKNOWN
                return UNKNOWN
            self.known = decoded(self._answers, self._answered)
            if not full and self._sent - self._fenced >= _FENCE_EACH:
                await self._fence()
            return self.known

    async def finish(self, within_ms):
        """True once all that was sent has been printed. Raises PrinterError as soon as paper or cover stop it, or where a printer that is well
        has confirmed nothing for 10 s; otherwise with the reason after `within_ms`. May be called again: nothing is sent twice."""
        self._listen()
        end, moved, before = _at(within_ms), time.ticks_ms(), self._confirmed
        if self._fenced != self._sent:
            await self._fence()
        target = self._fenced
        while self._confirmed < target:
            soon = _at(_ASK_EACH_MS)
            last = time.ticks_diff(soon, end) >= 0
            if await self._until(lambda: self._confirmed >= target, end if last else soon):
                break
            why = trouble(await self.status())
            if why or self._confirmed != before:
                moved, before = time.ticks_ms(), self._confirmed
            last = last or time.ticks_diff(time.ticks_ms(), moved) > _STALLED_MS
            if self._confirmed < target and (last or why in ("paper_out", "cover", "silent")):
                self._was_silent |= not why             # its power failed, perhaps, and with it its buffer
                raise PrinterError(why or "silent")
        return True

    async def _room(self, size):
        """Until the printer can hold `size` more."""
        self._listen()
        if self._fenced != self._sent:
            await self._fence()
        since, before = _at(_LONGEST_MS), self._confirmed
        while not await self._until(lambda: self._sent + size - self._confirmed <= _MOST, _at(_ASK_EACH_MS)):
            why = trouble(await self.status())
            if self._confirmed != before:
                since, before = _at(_LONGEST_MS), self._confirmed
            elif not why and time.ticks_diff(since, time.ticks_ms()) <= 0:
                self._was_silent = True             # its power failed, and with it its buffer
                why = "silent"
            if why and why != "hot":
                raise PrinterError(why)

    def _fence(self):
        return self._put(_FENCE, True)

    def _all_answered(self):
        return self._answered == 4

    def _heard_late(self):
        return self._late

    # the line

    async def _put(self, data, fence=False, counted=True):
        """Bytes that belong together, in chunks as the line takes them. `counted` False: a query to a full printer, which obeys it
        and may keep a part of it; two bytes that mean nothing then go before the next command, for that part to swallow."""
        async with self._line:
            view, at = memoryview(data), 0
            self._begin(len(data), fence, counted)
            try:
                while at < len(data):
                    left_us = self._busy_us()
                    if left_us >= _SLACK_US:
                        await asyncio.sleep_ms(left_us // 1000)
                    at = self._chunk(view, at)
            finally:
                if at < len(data):
                    self._uart.write(view[at:])         # cancelled: half a command would spoil the next one

    def _begin(self, size, fence, counted):
        """Account for a command of `size` bytes that goes out next."""
        if not counted:
            self._parted = True
            return
        if self._parted:
            self._parted = False
            self._sent += len(_NOTHING)
            self._uart.write(_NOTHING)
        self._sent += size
        if fence:
            self._fenced = self._sent
            self._fences.append(self._sent)

    def _busy_us(self):
        """For how long the line is busy with what it was given."""
        left = time.ticks_diff(self._free_us, time.ticks_us())
        return left if 0 < left < 200_000 else 0        # long ago, or so long that the tick has wrapped

    def _chunk(self, view, at):
        """Hand the line one chunk; returns where the next one begins."""
        piece = view[at:at + _CHUNK]
        self._uart.write(piece)
        self._free_us = time.ticks_add(time.ticks_us(), self._busy_us() + len(piece) * 10_000_000 // self._baud)
        return at + len(piece)

    def _heard(self, uart):
        self._arrived.set()

    def _listen(self):
        if self._listener is None:
            self._listener = asyncio.create_task(self._listening())

    async def _listening(self):
        """The only reader: sorts answers, and wakes whoever waits for one."""
        while True:
            await self._arrived.wait()
            got = len(self._buf)
            while got == len(self._buf):
                got = self._uart.readinto(self._buf) or 0
                for i in range(got):
                    self._take(self._buf[i])
            self._news.set()

    def _take(self, byte):
        """DLE EOT answers have bits 1 and 4 set; those of GS r have bits 4 and 7 clear; anything else is not ours."""
        if byte & _ANSWER_MASK == _STATUS_MARK:
            if self._answered < 4:
                self._answers[self._answered] = byte
                self._answered += 1
        elif not byte & 0x90 and self._fences:
            self._late = True
            self._confirmed = self._fences.pop(0)

    async def _until(self, true, at):
        """Whether `true()` came about before tick `at`."""
        while not true():
            left = time.ticks_diff(at, time.ticks_ms())
            if left <= 0:
                return False
            self._news.clear()
            try:
                await asyncio.wait_for_ms(self._news.wait(), left)
            except asyncio.TimeoutError:
                pass
        return True


def _at(within_ms):
    return time.ticks_add(time.ticks_ms(), within_ms)
