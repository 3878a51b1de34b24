# pinblock.py: ISO 9564-1 format 4 PIN block, made in place. Raises Malformed, which names the part and leaves no plain block behind.
from micropython import const

from till.core.errors import Malformed
from till.crypto import aes

FORMAT = const(4)
_LEAST_PIN, _MOST_PIN = 4, 12          # ISO 9564-1 8.1
_LEAST_PAN, _MOST_PAN = 12, 19         # 9.4.2.3: shorter numbers are filled up to 12 with zeros on the left
_ZERO = const(0x30)


def _nibble(block, at, value):
    block[at >> 1] |= value if at & 1 else value << 4


def _clear(block):
    for i in range(len(block)):
        block[i] = 0


def _value(digit):
    """What an ASCII digit, or a digit's own value, stands for; more than 9 for anything else."""
    return digit - _ZERO if _ZERO <= digit <= _ZERO + 9 else digit if digit < 10 else 10


def pin_field(pin, random8, out):
    """Fills `out` (16 bytes) with the plain text PIN field (9.4.2.2): 4, length, digits, A to 16 digits, 8 random bytes.

    `pin` is 4 to 12 digits, ASCII or values. Raises Malformed("pin") with `out` zero.
    """
    _clear(out)
    count = len(pin)
    good = _LEAST_PIN <= count <= _MOST_PIN and len(random8) == 8
    if good:
        out[0] = FORMAT << 4 | count
        for i in range(14):
            value = _value(pin[i]) if i < count else 0xA
            if i < count and value > 9:
                good, value = False, 0
            _nibble(out, 2 + i, value)
        out[8:16] = random8
    if not good:
        _clear(out)
        raise Malformed("pin")


def pan_field(pan, out):
    """Fills `out` (16 bytes) with the plain text PAN field (9.4.2.3): digits past 12, the PAN, zeros. `pan`: digits, ASCII or values.

    Raises Malformed("pan").
    """
    _clear(out)
    size = len(pan)
    if not 0 < size <= _MOST_PAN:
        raise Malformed("pan")
    skip = max(_LEAST_PAN - size, 0)
    out[0] = max(size - _LEAST_PAN, 0) << 4
    for i in range(size):
        value = _value(pan[i])
        if value > 9:
            _clear(out)
            raise Malformed("pan")
        _nibble(out, 1 + skip + i, value)


def encode4(pin, fill8, pan_digits, key, out):
    """Fills `out` (bytearray of 16) with the enciphered format 4 block under an AES `key` (9.4.2.4); `fill8` is 8 fresh random bytes.

    What lies between is wiped; the digits of `pin` are the caller's to wipe. Raises Malformed("pin") or ("pan"), with `out` zero.
    """
    field = bytearray(16)
    try:
        pan_field(pan_digits, field)
        pin_field(pin, fill8, out)
        aes.encrypt(key, out)
        for i in range(16):
            out[i] ^= field[i]
        aes.encrypt(key, out)
    except Malformed:
        _clear(out)
        raise
    finally:
        _clear(field)
