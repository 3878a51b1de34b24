# lines.py: what an ESP-AT modem says, cut out of its bytes in one bounded buffer: lines, a prompt, counted data. Allocates for lines only.
# A line longer than the buffer comes as OVERLONG once, and is never mistaken for another; counted data may hold anything.
from micropython import const

ROOM = const(320)                   # the longest line that means anything is under 100 bytes; the rest is for data in pieces
MORE, LINE, PROMPT, DATA, OVERLONG = range(5)
RECEIVED, ACTIVE, STORED = range(3)         # whose data it is: of CIPRECVDATA, of +IPD in active mode, of SYSMFG
_HEADS = ((b"+CIPRECVDATA:", 0x2C), (b"+IPD,", 0x3A), (b'+SYSMFG:"client_ca","client_ca.0",8,', 0x2C))     # then digits, then this byte, then data
_LONGEST = const(8192)              # no modem counts further: AT+CIPSEND and its buffers
_NEWLINE, _RETURN, _PROMPT = const(10), const(13), const(0x3E)


def counted(buf, start, end):
    """Does data begin here? Its head's size << 16 | its length << 2 | whose it is; -1 where it does not, -2 where that is not all there yet."""
    for kind in range(len(_HEADS)):
        head, stop = _HEADS[kind]
        size = len(head)
        have = end - start
        if have < size:
            if bytes(memoryview(buf)[start:end]) == head[:have]:
                return -2
            continue
        if buf[start] != head[0] or bytes(memoryview(buf)[start:start + size]) != head:
            continue
        at, count = start + size, 0
        while at < end and 0x30 <= buf[at] <= 0x39 and count <= _LONGEST:
            count = count * 10 + buf[at] - 0x30
            at += 1
        if at == end:
            return -2
        if buf[at] == stop and at > start + size and count <= _LONGEST:
            return at + 1 - start << 16 | count << 2 | kind
        return -1
    return -1


class Scanner:
    """Bytes go into `space()`, told by `took(n)`; `next()` says what is there: a LINE in `line`, or DATA at `view[start:end]` of `kind`.

    `prompts`: a ">" at the beginning of a line is a PROMPT now."""

    def __init__(self):
        self._buf = bytearray(ROOM)
        self.view = memoryview(self._buf)
        self.clear()

    def clear(self):
        """Forget what is half there."""
        self._at = self._have = self.left = self.kind = self.start = self.end = 0
        self._skip = self.prompts = False
        self.line = b""

    def space(self):
        """Where the next bytes go; never empty once next() has said MORE."""
        if self._at:
            left = self._have - self._at
            self._buf[:left] = self._buf[self._at:self._have]
            self._at, self._have = 0, left
        return self.view[self._have:]

    def took(self, size):
        self._have += size

    def next(self):
        while self._at < self._have:
            if self.left:
                return self._data()
            first = self._buf[self._at]
            if first == _RETURN or first == _NEWLINE or (first == 0x20 and not self._skip):     # a blank line, or the blank behind a prompt
                self._at += 1
                self._skip = self._skip and first != _NEWLINE
                continue
            if not self._skip:
                if first == _PROMPT and self.prompts:
                    self._at += 1
                    self.prompts = False
                    return PROMPT
                if first == 0x2B:                   # "+"
                    found = counted(self._buf, self._at, self._have)
                    if found == -2 and self._have - self._at < ROOM:
                        return MORE
                    if found >= 0:
                        self._at += found >> 16
                        self.left, self.kind = found >> 2 & 0x3FFF, found & 3
                        if not self.left:
                            self.start = self.end = self._at
                            return DATA
                        continue
            kind = self._line()
            if kind is not None:
                return kind
        return MORE

    def _data(self):
        size = min(self.left, self._have - self._at)
        self.start, self.end = self._at, self._at + size
        self._at += size
        self.left -= size
        return DATA

    def _line(self):
        """LINE, MORE or OVERLONG; None where the rest of an overlong line has just been passed over."""
        stop = self._buf.find(b"\n", self._at, self._have)
        if stop < 0:
            if self._skip or self._have - self._at == ROOM:
                self._at = self._have
                if not self._skip:
                    self._skip = True
                    return OVERLONG
            return MORE
        start, self._at = self._at, stop + 1
        if self._skip:
            self._skip = False
            return None
        self.line = bytes(self.view[start:stop]).strip()
        return LINE
