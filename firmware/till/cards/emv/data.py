# data.py: the data objects of one tap in one buffer that can be wiped, and what is read out of them. Raises Malformed.
from micropython import const

from till.cards import pan, tlv
from till.core.errors import Malformed

_ROOM = const(1024)
_DIGITS = const(20)
_GONE = const(-1)
_COMMAND = const(264)         # a short APDU with its head and Le

# What is kept of a card's answers: tag, least and most bytes (EMV Book 3 annex A). Anything else is passed over.
STARTED = ((0x82, 2, 2), (0x94, 4, 252), (0x57, 8, 19), (0x5F34, 1, 1), (0x9F10, 1, 32), (0x9F26, 8, 8), (0x9F27, 1, 1), (0x9F36, 2, 2),
           (0x9F6C, 2, 2), (0x9F6E, 4, 32))
RECORD = ((0x57, 8, 19), (0x5A, 4, 10), (0x5F24, 3, 3), (0x5F25, 3, 3), (0x5F28, 2, 2), (0x5F34, 1, 1), (0x8C, 1, 252), (0x8E, 8, 252),
          (0x9F07, 2, 2), (0x9F0D, 5, 5), (0x9F0E, 5, 5), (0x9F0F, 5, 5), (0x9F42, 2, 2))
CRYPTOGRAM = ((0x9F10, 1, 32), (0x9F26, 8, 8), (0x9F27, 1, 1), (0x9F36, 2, 2), (0xDF4B, 3, 3))


class Store:
    """Values by tag (ints) in one buffer. What is put before `keep` is the terminal's and stays when `forget` drops a card's."""

    def __init__(self):
        self._bytes = bytearray(_ROOM)
        self._view = memoryview(self._bytes)
        self._at = {}                     # tag: start << 16 | end, or _GONE; keys stay, so that a second tap takes no memory
        self._used = self._kept = 0

    def get(self, tag):
        """Window on the value, or None."""
        place = self._at.get(tag, _GONE)
        return None if place < 0 else self._view[place >> 16:place & 0xFFFF]

    def put(self, tag, value):
        """Puts or replaces a value. Raises Malformed("full") past the buffer."""
        size = len(value)
        place = self._at.get(tag, _GONE)
        if place >= 0 and (place & 0xFFFF) - (place >> 16) == size:
            start = place >> 16
        else:
            start = self._used
            if start + size > _ROOM:
                raise Malformed("full")
            self._used = start + size
        self._bytes[start:start + size] = value
        self._at[tag] = start << 16 | start + size

    def take(self, tag, value):
        """As put, for what a card says once: a second, other value raises Malformed("twice") (EMV Book 3 10.2)."""
        old = self.get(tag)
        if old is None:
            self.put(tag, value)
        elif old != value:
            raise Malformed("twice")

    def must(self, tag):
        """As get; raises Malformed("missing")."""
        value = self.get(tag)
        if value is None:
            raise Malformed("missing")
        return value

    def clear(self):
        """Drops and zeroes all."""
        self._kept = 0
        self.forget()

    def keep(self):
        self._kept = self._used

    def forget(self):
        """Drops and zeroes all that was put since `keep`."""
        for tag in self._at:
            if self._at[tag] >> 16 >= self._kept:
                self._at[tag] = _GONE
        for i in range(self._kept, self._used):
            self._bytes[i] = 0
        self._used = self._kept


class Room:
    """What a tap works in: 2.3 KB, made when a card is asked for and handed to one tap after another until the terminal is at rest."""

    def __init__(self):
        self.store, self.index, self.out = Store(), tlv.Index(), bytearray(_COMMAND)


def read(index, response):
    """Indexes the body of a response (all but its status word) and returns the tag of its one template. Raises Malformed."""
    if not index.read(response, 0, len(response) - 2):
        raise Malformed("short")
    return index.tag(0)


def absorb(index, store, wanted):
    """Takes the `wanted` objects that lie straight in the template. Raises Malformed("size", "twice", "full")."""
    for slot in range(1, index.count):
        if index.parent(slot) != 0:
            continue
        tag = index.tag(slot)
        for row in wanted:
            if row[0] == tag:
                if not row[1] <= index.size(slot) <= row[2]:
                    raise Malformed("size")
                store.take(tag, index.window(slot))


def bcd(value, size):
    """`value` as 2 * size decimal digits in `size` bytes: an int, a str or ASCII of digits, or bytes that are so already."""
    if isinstance(value, int):
        value = str(value)
    if len(value) == size and not isinstance(value, str):
        return bytes(value)
    if len(value) > 2 * size:
        raise Malformed("digits")
    packed = bytearray(size)
    for i in range(1, len(value) + 1):
        digit = ord(value[-i]) if isinstance(value, str) else value[-i]
        if not 0x30 <= digit <= 0x39:
            raise Malformed("digits")
        packed[-((i + 1) // 2)] |= (digit - 0x30) << (0 if i & 1 else 4)
    return bytes(packed)


def number(packed):
    """The int that packed decimal digits say. Raises Malformed("digits")."""
    total = 0
    for byte in packed:
        if byte > 0x99 or byte & 0xF > 9:
            raise Malformed("digits")
        total = total * 100 + (byte >> 4) * 10 + (byte & 0xF)
    return total


def date(packed):
    """Packed YYMMDD as an int that compares: years 50 to 99 are 1950 to 1999 (EMV Book 4 6.7.3). Raises Malformed("digits", "date")."""
    day = number(packed)
    if not 1 <= day // 100 % 100 <= 12:
        raise Malformed("date")
    return day + (20000000 if day < 500000 else 19000000)


def account(store, digits, track2, expiry):
    """Fills bytearrays of ASCII PAN `digits`, tag 57 and packed YYMMDD from 57, or 5A and 5F24. Raises Malformed.

    Track 2 has a PAN, D, YYMM, service code (EMV Book 3 annex A); a month ends on 31 here. 57 and 5A must agree; the check digit too.
    """
    room, other = bytearray(_DIGITS), bytearray(_DIGITS)
    equivalent, plain, ends = store.get(0x57), store.get(0x5A), store.get(0x5F24)
    size = 0
    try:
        if equivalent is not None:
            size = pan.unpack(equivalent, room, 0xD)
            expiry[:] = _month(equivalent, size + 1)
            track2[:] = equivalent
        if plain is not None:
            plain_size = pan.unpack(plain, other)
            if size and (plain_size != size or other != room):
                raise Malformed("pan")
            size = plain_size
            room[:] = other
        if ends is not None:
            expiry[:] = ends
        if not 8 <= size <= 19 or not expiry or not pan.luhn_ok(memoryview(room)[:size]):
            raise Malformed("pan")
        date(expiry)
        digits[:] = memoryview(room)[:size]
    finally:
        pan.wipe(room)
        pan.wipe(other)


def _month(equivalent, at):
    """Packed YYMM31 from the four nibbles at nibble `at` of track 2. Raises Malformed("short"); `date` looks at the digits."""
    if at + 4 > 2 * len(equivalent):
        raise Malformed("short")
    packed = bytearray(b"\0\0\x31")
    for i in range(4):
        byte = equivalent[at + i >> 1]
        packed[i >> 1] |= (byte & 0xF if at + i & 1 else byte >> 4) << (0 if i & 1 else 4)
    return packed


def text(value):
    """An application label as str, or "" where it is not printable ASCII."""
    for byte in value:
        if not 0x20 <= byte <= 0x7E:
            return ""
    return str(bytes(value), "ascii").strip()


def languages(value):
    """5F2D, one to four pairs of letters in lower case, or b"" (EMV Book 3 annex A)."""
    if value is None or len(value) not in (2, 4, 6, 8):
        return b""
    pairs = bytes(value).lower()
    for letter in pairs:
        if not 0x61 <= letter <= 0x7A:
            return b""
    return pairs


_FIELD_55 = (0x9F26, 0x9F27, 0x9F10, 0x9F37, 0x9F36, 0x95, 0x9A, 0x9C, 0x9F02, 0x9F03, 0x5F2A, 0x82, 0x9F1A, 0x9F33, 0x9F34, 0x84, 0x5F34)


def field_55(store, out):
    """Writes the bank's chip data as TLVs at out[0:], no account number among them; returns their length. Raises Malformed("full")."""
    at = 0
    for tag in _FIELD_55:
        value = store.get(tag)
        if value is not None:
            at = tlv.put(out, at, tag, value)
    return at
