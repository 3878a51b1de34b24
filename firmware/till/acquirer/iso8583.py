# iso8583.py: ISO 8583:1987 messages in three codings, packed into a buffer and read as windows on it. Raises Malformed; strict both ways.
from array import array

from till.acquirer.iso8583_table import AB, BINARY, FIELDS, KIND, MASKED, SIGNED, SIZE, TABLE, TEXT, TRACK, A, B
from till.core.errors import Malformed

__all__ = ("AB", "TABLE", "A", "B", "Message", "pack", "parse")
_WORDS = ("short", "digits", "text", "field", "size", "bitmap", "mti", "long", "full")       # what results -1 to -9 mean
_SHORT, _DIGITS, _TEXT, _FIELD, _SIZE, _BITMAP, _MTI, _LONG, _FULL = -1, -2, -3, -4, -5, -6, -7, -8, -9
_FIRST, _SECOND = bytes(8), b"\x80" + bytes(15)       # empty bitmaps, the second one announced
_SCRATCH = array("H", bytes(6 * FIELDS))       # rows of the message being laid out


def _holds(data, at, end, kind):
    """0 where the characters data[at:end] are of their kind, or the negative of _WORDS that says why not."""
    if at == end or kind == BINARY:
        return 0
    window = memoryview(data)[at:end]
    if kind == TEXT:
        return _TEXT if min(window) < 0x20 or max(window) > 0x7E else 0
    value = bytes(window)
    if kind == SIGNED and value[0] in b"CD":
        value = b"0" + value[1:]
    elif kind == MASKED:
        value = value.replace(b"*", b"0")
    elif kind == TRACK:
        value = value.replace(b"D", b"=").replace(b"=", b"0", 1)
    return 0 if value.isdigit() else _DIGITS


def _counted(data, at, prefix):
    """The number in `prefix` digits at data[at], or _DIGITS."""
    count = 0
    for i in range(at, at + prefix):
        digit = data[i] - 48
        if not 0 <= digit <= 9:
            return _DIGITS
        count = count * 10 + digit
    return count


def _lay(data, end, kinds, sizes, rows):
    """Lays the fields of the AB message data[:end] out in `rows`: field, position and size of each. How many numbers, or one of _WORDS."""
    if end < 12 or end > len(data):
        return _SHORT
    if data[0] != 48 or not bytes(memoryview(data)[:4]).isdigit():              # version 0: 1987
        return _MTI
    maps = 16 if data[4] & 0x80 else 8
    at, slot = 4 + maps, 0
    if at > end:
        return _SHORT
    for field in range(2, 8 * maps + 1):
        if not data[4 + (field - 1 >> 3)] & 0x80 >> (field - 1 & 7):
            continue
        size, prefix = sizes[field], kinds[field] & 3
        if not size:
            return _FIELD
        if prefix:
            if at + prefix > end:
                return _SHORT
            count = _counted(data, at, prefix)
            if count < 0 or count > size:
                return count if count < 0 else _SIZE
            at, size = at + prefix, count
        if at + size > end:
            return _SHORT
        rows[slot], rows[slot + 1], rows[slot + 2] = field, at, size
        wrong = _holds(data, at, at + size, kinds[field] >> 2)
        if wrong:
            return wrong
        slot += 3
        at += size
    if maps == 16 and (not slot or rows[slot - 3] < 65):
        return _BITMAP                              # a second one announced, and empty
    return _LONG if at != end else slot


def _put(out, fields, kinds, sizes):
    """Writes the bitmap of `fields` at out[4:], then their values with their lengths. Where the last one ends, or of _WORDS."""
    numbers = sorted(fields)
    if numbers and (numbers[0] < 2 or numbers[-1] >= FIELDS):
        return _FIELD
    at = 20 if numbers and numbers[-1] > 64 else 12
    if at > len(out):
        return _FULL
    out[4:at] = _SECOND if at == 20 else _FIRST
    for field in numbers:
        value, prefix, most = fields[field], kinds[field] & 3, sizes[field]
        count = len(value)
        if count != most and (not prefix or count > most):
            return _SIZE if most else _FIELD
        if at + prefix + count > len(out):
            return _FULL
        if prefix:
            if prefix == 3:
                out[at] = 48 + count // 100
                at += 1
            out[at] = 48 + count // 10 % 10
            out[at + 1] = 48 + count % 10
            at += 2
        out[at:at + count] = value
        at += count
        field -= 1
        out[4 + (field >> 3)] |= 0x80 >> (field & 7)
    return at


lay, put = _lay, _put
try:
    from till.acquirer.iso8583_fast import lay, put     # the same in viper, where the build has it; a test holds each equal
except (ImportError, SyntaxError, ValueError):    # left out, no viper here, or made for another processor
    pass


def _other(style):
    """Whether `style` is packed, for the codings that we seldom speak. Raises ValueError for one that is none."""
    if style not in (A, B):
        raise ValueError("style")
    return style == B


def pack(mti, fields, out, style=AB):
    """Writes a message into `out` (bytearray) and returns its length in bytes.

    `mti` is four digits, str or bytes; `fields` maps numbers to bytes-like values: ASCII text, or raw bytes for a binary field.
    `style` is A, AB or B. Raises Malformed("mti", "field", "size", "digits", "text", "full"); `out` then holds nothing of use.
    """
    if isinstance(mti, str):
        mti = mti.encode()
    if style != AB:
        from till.acquirer.iso8583_codings import Packer
        return Packer(_other(style)).pack(mti, fields, out)
    if len(mti) != 4:
        raise Malformed("mti")
    if len(out) < 12:
        raise Malformed("full")
    out[:4] = mti
    at = put(out, fields, KIND, SIZE)
    laid = at if at < 0 else lay(out, at, KIND, SIZE, _SCRATCH)     # what was written must read
    if laid < 0:
        raise Malformed(_WORDS[-1 - laid])
    return at


def parse(message, style=AB):
    """A Message that answers for the fields of `message`. Its windows live on `message`, which must stay as it is.

    Raises Malformed: "short", "long" (bytes left over), "digits", "text", "mti", "bitmap", "field" (none such), "size" (a length past its
    field's).
    """
    return Message(message, style)


class Message:
    """A message as offsets: `mti` (bytes, four ASCII digits), get(field), fields(), mac_end. Made by parse()."""

    def __init__(self, data, style):
        if len(data) > 0xFFFF:                      # the length before it has two bytes
            raise Malformed("long")
        if style == AB:
            self._data = data
            laid = lay(data, len(data), KIND, SIZE, _SCRATCH)
            if laid < 0:
                raise Malformed(_WORDS[-1 - laid])
            self._rows = _SCRATCH[:laid]
        else:
            from till.acquirer.iso8583_codings import Reader
            self._data = Reader(data, _other(style))
            self._rows = self._data.rows

    @property
    def mti(self):
        return self._data.mti if hasattr(self._data, "mti") else bytes(memoryview(self._data)[:4])

    def fields(self):
        """The numbers of the fields that are there, in order."""
        return [self._rows[slot] for slot in range(0, len(self._rows), 3)]

    @property
    def mac_end(self):
        """Where what the MAC covers ends: the offset of the value of field 128 (or 64, the last of a short message), None without."""
        last = len(self._rows) - 3
        return self._rows[last + 1] if last >= 0 and self._rows[last] in (64, 128) else None

    def get(self, field):
        """The value as pack takes it: ASCII text, or raw bytes for a binary field; None where it is not there.

        In AB a window on the message, in the other codings bytes.
        """
        rows = self._rows
        for slot in range(0, len(rows), 3):
            if rows[slot] == field:
                at, count = rows[slot + 1], rows[slot + 2]
                data = self._data
                return data.value(field, at, count) if hasattr(data, "value") else memoryview(data)[at:at + count]
        return None
