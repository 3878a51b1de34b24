# pn532_hsu.py: the serial side of a PN532: frames, acknowledge, abort, sleep, rate. A broken frame is dropped in silence.
_ACK = b"\x00\x00\xff\x00\xff\x00"              # UM0701-02 6.2.1.3
_START = b"\x00\xff"                            # 6.2.1.1
_TO_CHIP, _TO_HOST = 0xD4, 0xD5
_LONGEST = 265                                  # TFI, code and 263 bytes: 6.2.1.2
_WAKE_EDGES = 5                                 # rising edges on RX that end a sleep: datasheet 8.3.3.2
_CURES = ("wake", "reset", "power", "dead")     # how deep a chip may sleep; a remedy cures its own depth and those before it
_LONG_WAKE, _QUIET_US = 8, 50_000               # a fault of our own, not of the data sheet: so many 55h behind so long a quiet cure "wake"
RATES = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, 1288000)


class Syntax(Exception):
    """The command is unknown or its parameters are wrong: answered with an error frame (6.2.1.5)."""


def framed(body):
    """`body` (TFI first) as a normal or an extended frame."""
    n = len(body)
    if n < 256:
        head = bytes((n, -n & 0xFF))
    else:
        head = b"\xff\xff" + bytes((n >> 8, n & 0xFF, -(n >> 8) - n & 0xFF))
    return b"\x00" + _START + head + body + bytes((-sum(body) & 0xFF, 0))


def _rising_edges(byte):
    """Rises of the line while one byte with its start and stop bit passes."""
    before = byte << 1                          # bit i: the level before bit i; the start bit is low, the stop bit high
    return ((byte | 0x100) & ~before).bit_count()


class HsuLink:
    """Takes bytes, gives bytes later. A sub-class has `execute(job, code, data)` and `abort()`. Times in microseconds.

    `deaf`: None, or the remedy without which it answers nothing: "wake" (a long preamble after a quiet), "reset" (a pulse on RSTPDN),
    "power" (its supply off for 50 ms), "dead" (nothing helps; True means this too)."""

    def __init__(self, world, ack_us=150, work_us=700, wake_us=300, gap_us=50_000):
        self.world, self.line = world, None
        self.ack_us, self.work_us, self.wake_us, self.gap_us = ack_us, work_us, wake_us, gap_us
        self._deaf, self._off, self.garble_next, self._preamble = None, False, False, 0
        self.on_frame = None                    # hook: ("to" | "from", body, at_us)
        self.commands = self.job = 0

    def power_on(self):
        self.job += 1                           # what the old life still had on the calendar is void
        self.baud, self.next_baud = 115200, None
        self._rx, self._last_us, self._answer, self._preamble = bytearray(), 0, None, 0
        self.sleep(True)

    @property
    def deaf(self):
        return self._deaf

    @deaf.setter
    def deaf(self, remedy):
        self._deaf = "dead" if remedy is True else remedy or None

    def cure(self, remedy):
        """A remedy that is strong enough ends a deafness."""
        if self._deaf and _CURES.index(self._deaf) <= _CURES.index(remedy):
            self._deaf = None

    def _heed_preamble(self, data, baud):
        """Of a deaf chip, only edges on its line are heard: whatever the rate, 55h after 55h from a quiet line."""
        if self.world.now - len(data) * 10_000_000 // baud - self._last_us >= _QUIET_US:
            self._preamble = 0
        self._last_us = self.world.now
        for byte in data:
            if byte != 0x55:
                self._preamble = _LONG_WAKE + 1             # the quiet is over, until the next one
            elif self._preamble <= _LONG_WAKE:
                self._preamble += 1
                if self._preamble == _LONG_WAKE:
                    self.cure("wake")
                    return

    def sleep(self, wakes_by_hsu):
        """Nothing is heard until five rising edges have come and the oscillator runs; never, if HSU is no wake-up source."""
        self.asleep, self._wakes, self._edges, self._awake_us = True, wakes_by_hsu, 0, None
        self._rx.clear()

    def on_bytes(self, data, baud):
        """Bytes whose last bit arrives now."""
        if self._off:
            return
        if self._deaf:
            self._heed_preamble(data, baud)
            return
        if baud != self.baud:
            self._rx.clear()
            return
        byte_us = 10_000_000 / baud
        if self._rx and self.world.now - len(data) * byte_us - self._last_us > self.gap_us:
            self._rx.clear()
        self._last_us = self.world.now
        self._rx += self._woken(data, byte_us) if self.asleep else data
        while (frame := self._take()) is not None:
            self._dispatch(*frame)

    def _woken(self, data, byte_us):
        """What of `data` the chip is awake to hear."""
        for i, byte in enumerate(data):
            start_us = self.world.now - (len(data) - i) * byte_us
            if self._awake_us is None:
                self._edges += _rising_edges(byte) if self._wakes else 0
                if self._edges >= _WAKE_EDGES:
                    self._awake_us = start_us + byte_us + self.wake_us
            elif start_us >= self._awake_us:
                self.asleep = False
                return data[i:]
        return b""

    def _take(self):
        """The next thing in the buffer: ("ack" | "nack" | "frame", body), or None."""
        rx = self._rx
        while True:
            at = rx.find(_START)
            if at < 0:
                del rx[:max(0, len(rx) - 1)]
                return None
            del rx[:at]
            if len(rx) < 4:
                return None
            if rx[2:4] in (b"\x00\xff", b"\xff\x00"):
                kind = "ack" if rx[2] == 0 else "nack"
                del rx[:4]
                return kind, b""
            head = 7 if rx[2:4] == b"\xff\xff" else 4
            if len(rx) < head:
                return None
            size = rx[4] << 8 | rx[5] if head == 7 else rx[2]
            if sum(rx[head - 3 if head == 7 else 2:head]) & 0xFF or not 0 < size <= _LONGEST:
                del rx[:2]
                continue
            if len(rx) < head + size + 1:
                return None
            body, check = bytes(rx[head:head + size]), rx[head + size]
            if sum(body) + check & 0xFF or body[0] != _TO_CHIP:
                del rx[:2]
                continue
            del rx[:head + size + 1]
            return "frame", body

    def _dispatch(self, kind, body):
        if kind == "nack":
            if self._answer:
                self.world.after(self.ack_us, self._put, self.job, framed(self._answer))
            return
        self.job += 1                           # whatever runs is over: 6.2.2
        self.abort()
        if kind == "ack":
            if self.next_baud:
                self.baud, self.next_baud = self.next_baud, None
            return
        self.next_baud = None
        self.world.after(self.ack_us, self._run, self.job, body)

    def _run(self, job, body):
        if job != self.job or self._deaf or self._off:
            return
        self.commands += 1
        if self.on_frame:
            self.on_frame("to", body, self.world.now)
        self._put(job, _ACK)
        try:
            if len(body) < 2:
                raise Syntax
            self.execute(job, body[1], body[2:])
        except Syntax:
            self.world.after(self.work_us, self._finish, job, b"\x7f")

    def reply(self, job, code, data, after_us=None):
        """Answer `code` with `data`, so many microseconds from now."""
        self.world.after(self.work_us if after_us is None else after_us, self._finish, job, bytes((_TO_HOST, code + 1)) + data)

    def _finish(self, job, body):
        if job != self.job or self._deaf or self._off:
            return
        self._answer = body
        if self.on_frame:
            self.on_frame("from", body, self.world.now)
        frame = framed(body)
        if self.garble_next:
            self.garble_next = False
            at = len(frame) // 2
            frame = frame[:at] + bytes((frame[at] ^ 0x10,)) + frame[at + 1:]
        self._put(job, frame)

    def _put(self, job, data):
        if job == self.job and not self._deaf and not self._off:
            self.line.to_host(data, self.baud)

    def rate_after_ack(self, index):
        """SetSerialBaudRate: this answer still goes at the old rate, the new one holds after the host's ACK (7.2.6)."""
        if index >= len(RATES):
            raise Syntax
        self.next_baud = RATES[index]
