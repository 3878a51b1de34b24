# transport.py: commands and answers of a PN532 on a UART (HSU). The line is never polled: RX-idle wakes the task, a bell ends the wait.
# Fails with PN532Error; whatever ends a command early, a cancel too, aborts it in the chip, and the next one may follow at once.
import asyncio
import time
from micropython import const
from pn532.frame import ACK, FROM_CHIP, IS_ACK, IS_DATA, IS_ERROR, MORE, NACK, ROOM, TO_CHIP, WAKE, BadFrame, Found, decode, encode

_ACK_MS = const(15)                 # 7.2.11: the chip acknowledges within 15 ms
_REST_MS = const(10)                # a frame comes in one piece; so long after a piece, the rest is lost
_BITS = const(10)                   # on the line for a byte
_RXBUF = const(512)
_WAKE_SIZE = const(16)


class PN532Error(Exception):
    """`code`: "deaf" (no acknowledge), "time" (no answer in time), "frame" (answer broken twice), "syntax" (the chip refused the command),
    "busy" (a command is under way), or a word for `status`, the chip's own (UM0701-02 7.1), 0 where there is none."""

    def __init__(self, code, status=0):
        super().__init__(code)
        self.code, self.status = code, status


class Deadline:
    """Spent by every wait under it. `within_ms` None: there is none."""

    def __init__(self, within_ms):
        self.at = None if within_ms is None else time.ticks_add(time.ticks_ms(), within_ms)

    def left_ms(self):
        """Never less than 0; None where there is no deadline."""
        return None if self.at is None else max(0, time.ticks_diff(self.at, time.ticks_ms()))


class _Arrivals:
    """A flag that RX-idle sets, and a bell: one wait for either. The bell is a task, used again where it would ring soon enough."""

    def __init__(self):
        self._flag = asyncio.ThreadSafeFlag()
        self._rang, self._at, self._bell, self._bell_at = False, None, None, 0

    def heard(self, uart):
        self._rang = True
        self._flag.set()

    def forget(self):
        self._rang = False
        self._flag.clear()

    def until(self, at):
        """Waits end at tick `at`, in ms; None: never."""
        self._at = at
        if at is None:
            return
        if self._bell and time.ticks_diff(self._bell_at, at) > 0:
            self._bell.cancel()
            self._bell = None
        if not self._bell:
            self._bell_at = at
            self._bell = asyncio.create_task(self._ring())

    async def _ring(self):
        me = asyncio.current_task()
        while True:
            await asyncio.sleep_ms(max(0, time.ticks_diff(self._bell_at, time.ticks_ms())))
            if self._bell is not me or self._at is None:
                break
            if time.ticks_diff(self._at, time.ticks_ms()) <= 0:
                break
            self._bell_at = self._at        # it was put off meanwhile
        if self._bell is me:
            self._bell = None
            self._flag.set()

    async def wait(self):
        """True if something came, False at the tick."""
        while not self._rang:
            if self._at is not None and time.ticks_diff(self._at, time.ticks_ms()) <= 0:
                return False
            await self._flag.wait()
        self._rang = False
        return True

    def rest(self):
        """No more waits for now: a bell that is left wakes nobody."""
        self._at = None


class Hsu:
    """`uart`: a machine.UART with irq(IRQ_RXIDLE), timeout 0; it is opened here. A command's parameters go into `data[2:]` beforehand."""

    def __init__(self, uart):
        self._uart = uart
        self._arrived = _Arrivals()
        self.data = bytearray(ROOM)
        self.data[0] = TO_CHIP
        self._out = bytearray(_WAKE_SIZE + ROOM)
        self._out[:_WAKE_SIZE] = WAKE
        self._out_view = memoryview(self._out)
        self._frame_out = self._out_view[_WAKE_SIZE:]
        self._in = bytearray(ROOM + 16)
        self._in_view = memoryview(self._in)
        self._start = self._have = 0        # what of _in is not decoded yet
        self._found = Found()
        self._busy = self._stale = False    # stale: an answer to a command that was aborted may still come
        self.open(115200)

    def open(self, baud):
        """At this rate from now on; the next frame wakes the chip first."""
        self.baud, self._awake = baud, False
        self._uart.init(baud, rxbuf=_RXBUF)
        self._uart.irq(self._arrived.heard, self._uart.IRQ_RXIDLE)

    def move(self, baud):
        """The answer to SetSerialBaudRate has come: acknowledge it at the old rate, then follow (7.2.6)."""
        self._uart.write(ACK)
        self._uart.flush()
        self.open(baud)
        self._awake = True

    async def command(self, code, size, deadline, again=True):
        """Send `code` with data[2:2 + size]; return what the answer holds behind its code, as a window that is good until the next command.
        `again`: where the acknowledge is missing, it does no harm to send it twice. Raises PN532Error."""
        if self._busy:
            await asyncio.sleep_ms(0)           # a task that was cancelled just now has one turn to end
            if self._busy:
                raise PN532Error("busy")
        self._busy = True
        done = False
        try:
            self.data[1] = code
            length = encode(self._frame_out, self.data, size + 2)
            await self._acknowledged(length, again)
            self._arrived.until(deadline.at)
            answer = await self._answer(code + 1, deadline.at)
            done = True
            return answer
        finally:
            self._busy = False
            self._arrived.rest()
            self._stale = not done
            if not done and self._awake:
                self._uart.write(ACK)       # 6.2.2: the host's ACK ends a command

    def abort(self):
        """End whatever the chip does. A task that waits for its answer must be cancelled, not left."""
        self._stale = True
        self._uart.write(ACK)

    async def _acknowledged(self, length, again):
        """Send the frame and wait for its acknowledge; again behind a wake-up where none comes. Something else in its place may pass."""
        for _ in range(2):
            self._start = self._have = 0
            self._arrived.forget()
            if self._stale:
                self._uart.readinto(self._in)
            sent = self._out_view[0 if not self._awake else _WAKE_SIZE:_WAKE_SIZE + length]
            self._uart.write(sent)
            self._awake = True
            spent_ms = len(sent) * _BITS * 1000 // self.baud + 1
            self._arrived.until(time.ticks_add(time.ticks_ms(), spent_ms + _ACK_MS))
            try:
                while await self._arrived.wait():
                    self._fill()
                    kind = self._next()
                    while kind not in (MORE, IS_ACK) and self._stale:
                        kind = self._next()             # the end of what was aborted
                    if kind == IS_ACK:
                        return
                    if kind != MORE:
                        self._start = 0                 # the answer itself: its acknowledge was lost
                        return
                garbled = self._have > 0
            except BadFrame:
                garbled = True
                self._start = self._have = 0
            if garbled and not again:
                return                                  # it was heard, most likely
            self._awake = False
        raise PN532Error("deaf")

    async def _answer(self, code, until):
        """The answer's body. A broken one is asked for once more (6.2.1.4)."""
        asked = False
        while True:
            try:
                kind = self._next()
                if kind == IS_ERROR:
                    raise PN532Error("syntax")
                if kind == IS_DATA and self._ours(code):
                    return self._in_view[self._found.start + 2:self._found.end]
                if kind != MORE:
                    continue
                if self._have - self._start > 1:        # a piece of a frame: its rest is due
                    soon = time.ticks_add(time.ticks_ms(), _REST_MS)
                    if until is None or time.ticks_diff(until, soon) > 0:
                        self._arrived.until(soon)
                        if await self._arrived.wait():
                            self._fill()
                            self._arrived.until(until)
                            continue
                        self._arrived.until(until)
                        raise BadFrame("start")
                if not await self._arrived.wait():
                    raise PN532Error("time")
                self._fill()
            except BadFrame:
                if asked:
                    raise PN532Error("frame") from None
                asked = True
                self._start = self._have = 0
                self._uart.write(NACK)

    def _ours(self, code):
        found = self._found
        return found.end - found.start >= 2 and self._in[found.start] == FROM_CHIP and self._in[found.start + 1] == code

    def _fill(self):
        """Take what has arrived."""
        if self._have - self._start < 2:        # a postamble
            self._start = self._have = 0
        if self._have == len(self._in):
            raise BadFrame("size")
        self._have += self._uart.readinto(self._in_view[self._have:] if self._have else self._in) or 0

    def _next(self):
        kind = decode(self._in, self._start, self._have, self._found)
        if kind != MORE:
            self._start = self._found.next
        return kind
