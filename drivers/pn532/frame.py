# frame.py: frames of the PN532 on its serial wire (UM0701-02 6.2.1), into and out of one buffer. Raises BadFrame; reads past nothing.

WAKE = b"\x55\x55" + bytes(14)            # 7.2.11: before the first frame after power on or PowerDown
ACK = b"\x00\x00\xff\x00\xff\x00"         # 6.2.1.3
NACK = b"\x00\x00\xff\xff\x00\x00"        # 6.2.1.4
ERROR = b"\x00\x00\xff\x01\xff\x7f\x81\x00"     # 6.2.1.5: the chip could not read the command
TO_CHIP = 0xD4                            # 6.2.1.1: frame identifiers
FROM_CHIP = 0xD5
_FROM_CHIP_ERROR = 0x7F
MOST = 265                                # 6.2.1.2: identifier and 264 bytes of data
ROOM = MOST + 11                          # a buffer of this size holds any frame

# What decode found
MORE, IS_ACK, IS_NACK, IS_ERROR, IS_DATA = range(5)

_LENGTH, _CHECK, _SIZE = -1, -2, -3
_WORDS = ("LCS", "DCS", "size")


class BadFrame(Exception):
    """args[0]: "LCS" or "DCS" (a check-sum), "start" (no start code), "size" (no frame has that length, or the
    buffer is too small), "ack" (an ACK or NACK, which has no data)."""


def _fill(out, data, size):
    """Writes the frame around data[:size]; returns its length. Bounds are the caller's."""
    out[0] = out[1] = 0
    out[2] = 0xFF
    if size < 0x100:
        out[3] = size
        out[4] = -size & 0xFF
        at = 5
    else:                                 # 6.2.1.2: extended
        out[3] = out[4] = 0xFF
        out[5] = size >> 8
        out[6] = size & 0xFF
        out[7] = -(out[5] + out[6]) & 0xFF
        at = 8
    end = at + size
    out[at:end] = data if len(data) == size else memoryview(data)[:size]
    out[end] = -sum(memoryview(out)[at:end]) & 0xFF
    out[end + 1] = 0
    return end + 2


def _scan(data, at, end):
    """Looks for one frame in data[at:end]: where its data start << 16 | their size << 4 | what it is, or a negative of _WORDS.

    MORE (0) where the frame is not all there yet.
    """
    if end > len(data):
        return _SIZE
    while True:                           # preamble and start code 00 FF
        if at + 2 > end:
            return MORE
        if data[at] == 0 and data[at + 1] == 0xFF:
            break
        at += 1
    at += 2
    if at + 2 > end:
        return MORE
    size, check = data[at], data[at + 1]
    at += 2
    if size == 0 and check == 0xFF:
        return at << 16 | IS_ACK
    if size == 0xFF and check == 0:
        return at << 16 | IS_NACK
    if size == 0xFF and check == 0xFF:
        if at + 3 > end:
            return MORE
        size = data[at] << 8 | data[at + 1]
        if data[at] + data[at + 1] + data[at + 2] & 0xFF:
            return _LENGTH
        at += 3
    elif size + check & 0xFF:
        return _LENGTH
    if size == 0 or size > MOST:
        return _SIZE
    if at + size + 1 > end:
        return MORE
    if sum(memoryview(data)[at:at + size + 1]) & 0xFF:
        return _CHECK
    kind = IS_ERROR if size == 1 and data[at] == _FROM_CHIP_ERROR else IS_DATA
    return at << 16 | size << 4 | kind


fill, scan = _fill, _scan
try:
    from pn532.frame_fast import fill, scan          # the same in viper, where the build has it; a test holds both equal
except (ImportError, SyntaxError, ValueError):    # left out, no viper here, or made for another processor
    pass


def encode(out, data, size=-1):
    """Writes the frame of data[:size] (identifier D4 first; size -1: all) into `out` and returns its length in bytes.

    Raises BadFrame("size") for more than 265 bytes, none, or a buffer too small.
    """
    have = len(data)
    if size < 0:
        size = have
    elif size > have:
        raise BadFrame("size")
    if (size > 255 or size + 10 > len(out)) and (size > MOST or size + (7 if size < 0x100 else 10) > len(out)):
        raise BadFrame("size")
    if size:
        return fill(out, data, size)
    raise BadFrame("size")


class Found:
    """What decode found: `kind` (MORE, IS_ACK, ...), data at start:end, and `next`, where to look for the frame after."""

    def __init__(self):
        self.kind, self.start, self.end, self.next = MORE, 0, 0, 0


def decode(buffer, start, end, found):
    """Fills `found` with the first frame in buffer[start:end] and returns its kind; takes no memory (bytes before 00 FF are passed over).

    MORE: not all of it is there yet. Raises BadFrame("LCS", "DCS", "size").
    """
    result = scan(buffer, start, end)
    if result < 0:
        raise BadFrame(_WORDS[-1 - result])
    found.kind = kind = result & 0xF
    found.start = at = result >> 16
    found.end = at = at + (result >> 4 & 0xFFF)
    found.next = at + (kind > 2)          # IS_ERROR, IS_DATA: past the check-sum; a postamble reads as the next frame's preamble
    return kind


def body(frame):
    """Data of one whole frame, identifier first, as a window on `frame` (6.2.1.1, 6.2.1.2). Raises BadFrame; never reads past LEN."""
    result = scan(frame, 0, len(frame))
    if result < 0:
        raise BadFrame(_WORDS[-1 - result])
    if result & 0xF < IS_ERROR:
        raise BadFrame("start" if result == MORE else "ack")
    start = result >> 16
    return memoryview(frame)[start:start + (result >> 4 & 0xFFF)]
