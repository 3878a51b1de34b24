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
_LONG_WAKE = b"\x55" * 32 + bytes(32)
_QUIET_MS = const(60)               # before a long wake-up: whatever half-heard frame the chip still waits for is given up


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
    """A flag that RX-idle sets, and a bell: one wait for either. The bell is a task; it lives on from command to command of a tap,
    since making and cancelling one for each costs more than a few short sleeps."""

    def __init__(self):
        self.flag = asyncio.ThreadSafeFlag()
        self.rang = False
        self._at, self._brisk, self._bell, self._bell_at = None, False, None, 0

    def heard(self, uart):
        self.rang = True
        self.flag.set()

    def forget(self):
        self.rang = False
        self.flag.clear()

    def until(self, at, brisk=False):
        """The wait ends at tick `at`, in ms; None: never. `brisk`: the next command will follow soon."""
        self._at, self._brisk = at, brisk
        if at is None:
            return
        if self._bell and time.ticks_diff(self._bell_at, at) > 0:
            self._bell.cancel()
            self._bell = None
        if not self._bell:
            self._bell_at = at
            self._bell = asyncio.create_task(self._ring())

    def due(self):
        return self._at is not None and time.ticks_diff(self._at, time.ticks_ms()) <= 0

    async def _ring(self):
        me = asyncio.current_task()
        while True:
            await asyncio.sleep_ms(max(0, time.ticks_diff(self._bell_at, time.ticks_ms())))
            if self._bell is not me:
                return
            if self._at is None:                # nobody waits any more
                self._bell = None
                return
            if self.due():
                self._bell = None
                self.flag.set()
                return
            self._bell_at = self._at            # it was put off meanwhile
            if self._brisk:
                soon = time.ticks_add(time.ticks_ms(), _ACK_MS)
                if time.ticks_diff(self._at, soon) > 0:
                    self._bell_at = soon

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
        self._length = self._code = self._tries = 0
        self._until = None                  # tick at which the answer is due
        self._again = self._acknowledged = self._garbled = self._pieces = self._asked = False
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
        arrived, answer = self._arrived, None
        try:
            self._begin(code, size, deadline.at, again)
            while True:
                while not arrived.rang:
                    if arrived.due():
                        self._overdue()
                    else:
                        await arrived.flag.wait()
                arrived.rang = False
                answer = self._look()
                if answer is not None:
                    return answer
        finally:
            self._busy = False
            arrived.rest()
            self._stale = answer is None
            if self._stale and self._awake:
                self._uart.write(ACK)           # 6.2.2: the host's ACK ends a command

    async def wake(self):
        """A quiet line, then a wake-up several times as long as the chip asks for: for one that has lost its way."""
        await asyncio.sleep_ms(_QUIET_MS)
        self._uart.write(_LONG_WAKE)
        self._awake = False
        await asyncio.sleep_ms(len(_LONG_WAKE) * _BITS * 1000 // self.baud + 5)

    def abort(self):
        """End whatever the chip does. A task that waits for its answer must be cancelled, not left."""
        self._stale = True
        self._uart.write(ACK)

    def _begin(self, code, size, until, again):
        self.data[1] = code
        self._length = encode(self._frame_out, self.data, size + 2)
        self._code, self._until, self._again = code + 1, until, again
        self._tries, self._asked = 0, False
        self._send()

    def _send(self):
        """The frame, behind a wake-up where the chip may be asleep; from now on its acknowledge is due."""
        self._tries += 1
        self._start = self._have = 0
        self._acknowledged = self._garbled = self._pieces = False
        self._arrived.forget()
        if self._stale:
            self._uart.readinto(self._in)
        sent = self._out_view[0 if not self._awake else _WAKE_SIZE:_WAKE_SIZE + self._length]
        self._uart.write(sent)
        self._awake = True
        spent_ms = len(sent) * _BITS * 1000 // self.baud + 1
        self._arrived.until(time.ticks_add(time.ticks_ms(), spent_ms + _ACK_MS), not self._again)

    def _acknowledge(self):
        """The chip works on it: its answer has until the deadline."""
        self._acknowledged = True
        self._arrived.until(self._until, not self._again)

    def _overdue(self):
        """Nothing has come in time: send, or ask, again, or raise."""
        if not self._acknowledged:
            if self._garbled and not self._again:
                self._acknowledge()             # it was heard, most likely, and must not be sent twice
            elif self._tries < 2:
                self._awake = False
                self._send()
            else:
                self._awake = False
                raise PN532Error("deaf")
        elif self._pieces:
            self._pieces = False
            self._arrived.until(self._until, not self._again)
            self._broken()                      # of a frame, the rest is lost
        else:
            raise PN532Error("time")

    def _broken(self):
        """An answer that cannot be read is asked for once more (6.2.1.4)."""
        if self._asked:
            raise PN532Error("frame")
        self._asked = True
        self._start = self._have = 0
        self._uart.write(NACK)

    def _look(self):
        """Take what has arrived. The answer's body once it is whole, None before. Raises PN532Error."""
        try:
            self._fill()
            kind = self._next()
            while kind != MORE:
                if kind == IS_ACK:
                    if not self._acknowledged:
                        self._acknowledge()
                elif not self._acknowledged and self._stale:
                    pass                        # the end of what was aborted
                elif kind == IS_ERROR:
                    raise PN532Error("syntax")
                elif kind == IS_DATA and self._ours(self._code):
                    return self._in_view[self._found.start + 2:self._found.end]
                kind = self._next()
        except BadFrame:
            self._start = self._have = 0
            self._garbled = True
            if self._acknowledged:
                self._broken()
            return None
        left = self._have - self._start > 1     # the beginning of a frame, whose rest is due
        if not self._acknowledged:
            self._garbled = self._garbled or left
        elif left and (self._until is None or time.ticks_diff(self._until, time.ticks_ms()) > _REST_MS):
            self._pieces = True
            self._arrived.until(time.ticks_add(time.ticks_ms(), _REST_MS), not self._again)
        return None

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
