# pinblock_tdes.py: clear PIN blocks of 8 bytes, ISO 9564-1 formats 0, 2 and 3, and how each format's clear block must look [pure].
# Raises Malformed, which names the part. Nothing here opens a block under a key.
from till.core.errors import Malformed

_LEAST, _MOST = 4, 12
_FILL = {0: 0xF, 2: 0xF}        # format 3 fills with A to F by chance (9.3.5)


def _digit(value):
    value = value - 0x30 if value > 9 else value
    if not 0 <= value <= 9:
        raise Malformed("pin")
    return value


def _pan_part(pan):
    """The rightmost 12 digits but the check digit, as 16 half bytes (9.3.2.3): zeros on the left where there are fewer."""
    digits = [value - 0x30 if value > 9 else value for value in pan]
    if not 1 < len(digits) <= 19 or not all(0 <= value <= 9 for value in digits):
        raise Malformed("pan")
    digits = digits[-13:-1]
    return [0] * (16 - len(digits)) + digits


def encode(form, pin, pan, out, fill=b""):
    """Fills `out` (8 bytes) with the clear block. `pin`, `pan`: ASCII digits; `fill`: 14 half bytes of 10 to 15 for format 3."""
    if not _LEAST <= len(pin) <= _MOST:
        raise Malformed("pin")
    halves = [form, len(pin)] + [_digit(value) for value in pin]
    while len(halves) < 16:
        halves.append(_FILL[form] if form in _FILL else fill[len(halves) - 2])
    mask = _pan_part(pan) if form in (0, 3) else [0] * 16
    for i in range(8):
        out[i] = (halves[2 * i] ^ mask[2 * i]) << 4 | halves[2 * i + 1] ^ mask[2 * i + 1]


def check(form, block, pan=None):
    """The PIN's digits in a clear block, as a list. Format 4: its plain text field of 16 bytes. Raises Malformed: "size", "control", ..."""
    if len(block) != (16 if form == 4 else 8):
        raise Malformed("size")
    halves = [half for byte in block for half in (byte >> 4, byte & 0xF)]
    if form in (0, 3):
        halves = [half ^ other for half, other in zip(halves, _pan_part(pan))]
    if halves[0] != form:
        raise Malformed("control")
    count = halves[1]
    if not _LEAST <= count <= _MOST:
        raise Malformed("length")
    digits = halves[2:2 + count]
    if any(digit > 9 for digit in digits):
        raise Malformed("pin")
    for half in halves[2 + count:16]:
        if half < 10 or form == 4 and half != 10 or form in _FILL and half != _FILL[form]:
            raise Malformed("fill")
    return digits
