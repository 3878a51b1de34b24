# pan.py: card numbers as ASCII digits in a bytearray: check digit, mask, unpacking. Never a str of a whole number; raises Malformed.
from micropython import const

from till.core.errors import Malformed

_LEAST, _MOST = 8, 19         # ISO/IEC 7812-1: 8 to 19 digits
_ZERO = const(0x30)
_STAR = const(0x2A)
_SHOWN_FIRST, _SHOWN_LAST = 6, 4       # PCI DSS 3.4.1: at most these


def luhn_ok(digits):
    """Whether `digits` (ASCII) end in their check digit (ISO/IEC 7812-1 Annex B). False for none, or for what is no digit."""
    total, double = 0, False
    for i in range(len(digits) - 1, -1, -1):
        digit = digits[i] - _ZERO
        if not 0 <= digit <= 9:
            return False
        if double:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
        double = not double
    return len(digits) > 0 and total % 10 == 0


def mask(digits):
    """The number with its middle starred, first 6 and last 4 at most, as a str: "476173******0119".

    A number of fewer than 14 digits shows its last 4 alone, so that at least four stay hidden. Raises Malformed("digits", "short", "long").
    """
    size = len(digits)
    if not _LEAST <= size <= _MOST:
        raise Malformed("short" if size < _LEAST else "long")
    masked = bytearray(size)
    first = _SHOWN_FIRST if size >= 14 else 0
    for i in range(size):
        digit = digits[i]
        if not _ZERO <= digit <= _ZERO + 9:
            raise Malformed("digits")
        masked[i] = digit if i < first or i >= size - _SHOWN_LAST else _STAR
    return str(masked, "ascii")


def unpack(packed, out, stop=0xF):
    """Unpacks compressed numeric `packed` (tag 5A, or 57 with stop=0xD) into ASCII digits at out[0:], up to the first `stop` nibble.

    Returns the count of digits. What follows F must be F. Raises Malformed("digits", "full").
    """
    count = 0
    for i in range(len(packed) * 2):
        nibble = packed[i >> 1] & 0xF if i & 1 else packed[i >> 1] >> 4
        if nibble == stop:
            if stop == 0xF:
                _only_fill(packed, i)
            return count
        if nibble > 9:
            raise Malformed("digits")
        if count == len(out):
            raise Malformed("full")
        out[count] = _ZERO + nibble
        count += 1
    return count


def _only_fill(packed, at):
    for i in range(at, len(packed) * 2):
        if (packed[i >> 1] & 0xF if i & 1 else packed[i >> 1] >> 4) != 0xF:
            raise Malformed("digits")


def wipe(secret):
    """Overwrites a bytearray with zeros, in place."""
    for i in range(len(secret)):
        secret[i] = 0
