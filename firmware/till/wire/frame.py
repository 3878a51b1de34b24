# frame.py: our own frames on the admin line, for the terminal and for host tools [pure]. Garbage between frames is skipped; a bad CRC drops one.
# A5, type, length (2, little-endian), payload, CRC-32 of all before it (4).
from binascii import crc32

START = 0xA5
EVENT, REQUEST, ANSWER, LAST = 0x01, 0x10, 0x11, 0x12
SEALED = 0x13                   # a request with its number (4, little-endian) and its MAC (8) before it: admin/lock.py
_OVERHEAD = 8
MOST_BYTES = 6144


def encode(kind, payload):
    """One frame around `payload` (at most MOST_BYTES)."""
    head = bytes((START, kind, len(payload) & 0xFF, len(payload) >> 8))
    check = crc32(payload, crc32(head)) & 0xFFFFFFFF
    return head + bytes(payload) + bytes((check & 0xFF, check >> 8 & 0xFF, check >> 16 & 0xFF, check >> 24))


def take(buf, have):
    """(kind, start, end, used) of the first frame in buf[:have]; kind None: none yet, and `used` bytes may be dropped."""
    at = 0
    while True:
        while at < have and buf[at] != START:
            at += 1
        if have - at < 4:
            return None, 0, 0, at
        size = buf[at + 2] | buf[at + 3] << 8
        if size > MOST_BYTES:
            at += 1
            continue
        end = at + 4 + size
        if have < end + 4:
            return None, 0, 0, at
        check = crc32(memoryview(buf)[at:end]) & 0xFFFFFFFF
        if check == buf[end] | buf[end + 1] << 8 | buf[end + 2] << 16 | buf[end + 3] << 24:
            return buf[at + 1], at + 4, end, end + 4
        at += 1


def whole(buf, have):
    """Bytes of the whole frame whose head is at buf[0], once that head is there; else 0."""
    return (buf[2] | buf[3] << 8) + _OVERHEAD if have >= 4 and buf[0] == START else 0
