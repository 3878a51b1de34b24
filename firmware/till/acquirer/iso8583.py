# iso8583.py: ISO 8583:1987 messages in three codings, packed into a buffer and read as windows on it. Raises Malformed; strict both ways.
from array import array

from micropython import const

from till.core.errors import Malformed

# Kinds of value: n digits; p digits, or stars where the number is masked; x C, D or a digit, then digits; z track 2; t text; b binary.
# A row: first field, last field, kind, digits of the length (0: fixed), size: digits, characters or bytes, the most where it varies.
TABLE = (
    (2, 2, "p", 2, 19), (3, 3, "n", 0, 6), (4, 6, "n", 0, 12), (7, 7, "n", 0, 10), (8, 10, "n", 0, 8), (11, 12, "n", 0, 6),
    (13, 18, "n", 0, 4), (19, 24, "n", 0, 3), (25, 26, "n", 0, 2), (27, 27, "n", 0, 1), (28, 31, "x", 0, 9), (32, 33, "n", 2, 11),
    (34, 34, "t", 2, 28), (35, 35, "z", 2, 37), (36, 36, "t", 3, 104), (37, 37, "t", 0, 12), (38, 38, "t", 0, 6), (39, 39, "t", 0, 2),
    (40, 40, "t", 0, 3), (41, 41, "t", 0, 8), (42, 42, "t", 0, 15), (43, 43, "t", 0, 40), (44, 44, "t", 2, 25), (45, 45, "t", 2, 76),
    (46, 48, "t", 3, 999), (49, 51, "t", 0, 3), (52, 52, "b", 0, 8), (53, 53, "n", 0, 16), (54, 54, "t", 3, 120), (55, 55, "b", 3, 999),
    (56, 63, "t", 3, 999), (64, 65, "b", 0, 8), (66, 66, "n", 0, 1), (67, 67, "n", 0, 2), (68, 70, "n", 0, 3), (71, 72, "n", 0, 4),
    (73, 73, "n", 0, 6), (74, 81, "n", 0, 10), (82, 85, "n", 0, 12), (86, 89, "n", 0, 16), (90, 90, "n", 0, 42), (91, 91, "t", 0, 1),
    (92, 92, "t", 0, 2), (93, 93, "t", 0, 5), (94, 94, "t", 0, 7), (95, 95, "t", 0, 42), (96, 96, "b", 0, 8), (97, 97, "x", 0, 17),
    (98, 98, "t", 0, 25), (99, 100, "n", 2, 11), (101, 101, "t", 2, 17), (102, 103, "t", 2, 28), (104, 104, "t", 3, 100),
    (105, 125, "t", 3, 999), (126, 126, "b", 3, 999), (127, 127, "t", 3, 999), (128, 128, "b", 0, 8),
)
_DIGITS, _MASKED, _SIGNED, _TRACK, _TEXT, _BINARY = range(6)
_KINDS = "npxztb"
_FIELDS = const(129)
_ONES = b"\0\1\1\2\1\2\2\3\1\2\2\3\2\3\3\4"       # one bits of a nibble

A = "A"                       # all text: bitmap and binary values as hex digits; a binary value's length counts hex digits
AB = "AB"                     # text, with bitmap and binary values raw: what our host speaks
B = "B"                       # as AB, with digits packed two a byte: a fixed odd number filled on the left, one that varies on the right


def _tables():
    """(kinds << 2 | digits of the length, sizes) by field, as bytes and an array."""
    kinds, sizes = bytearray(_FIELDS), array("H", bytes(2 * _FIELDS))
    for first, last, kind, prefix, size in TABLE:
        for field in range(first, last + 1):
            kinds[field], sizes[field] = _KINDS.index(kind) << 2 | prefix, size
    return bytes(kinds), sizes


_KIND, _SIZE = _tables()


def _digits(data, start, end):
    """Raises Malformed where data[start:end] (ASCII) holds anything but digits."""
    if start < end and not bytes(memoryview(data)[start:end]).isdigit():
        raise Malformed("digits")


def _hex(value, out, at):
    """Writes `value` as upper-case hex digits at out[at:]."""
    for byte in value:
        out[at] = b"0123456789ABCDEF"[byte >> 4]
        out[at + 1] = b"0123456789ABCDEF"[byte & 0xF]
        at += 2


def _unhex(data, start, end):
    """The bytes that the hex digits data[start:end] stand for. Raises Malformed("digits")."""
    try:
        value = bytes.fromhex(str(memoryview(data)[start:end], "ascii"))
    except ValueError:              # UnicodeError is one
        raise Malformed("digits")
    if 2 * len(value) != end - start:       # fromhex passes over white space
        raise Malformed("digits")
    return value


def _check(kind, data, start, end):
    """Raises Malformed where a text value at data[start:end] is not of its kind. A run of neighbours of one kind is one call."""
    if start >= end:
        return
    if kind == _TEXT:
        value = memoryview(data)[start:end]
        if min(value) < 0x20 or max(value) > 0x7E:
            raise Malformed("text")
    elif kind == _DIGITS:
        _digits(data, start, end)
    elif kind != _BINARY:
        value = bytes(memoryview(data)[start:end])
        if kind == _SIGNED:
            good = value[:1] in (b"C", b"D") or value[:1].isdigit()
            value = value[1:]
        else:
            good = True
            value = value.replace(b"*", b"0") if kind == _MASKED else value.replace(b"=", b"0", 1).replace(b"D", b"0", 1)
        if not (good and value.isdigit()):
            raise Malformed("digits")


def _nibbles(data, at, count, kind, on_right):
    """Checks `count` packed digits at data[at]: digits, D once in track 2, and a zero where an odd number leaves a nibble over."""
    separators = 1 if kind == _TRACK else 0
    skip = count & 1 and not on_right
    if (skip and data[at] >> 4) or (count & 1 and on_right and data[at + count // 2] & 0xF):
        raise Malformed("digits")
    for i in range(skip, count + skip):
        nibble = data[at + (i >> 1)] & 0xF if i & 1 else data[at + (i >> 1)] >> 4
        if nibble > 9:
            if nibble != 13 or not separators:
                raise Malformed("digits")
            separators = 0


def _unpacked(data, count, on_right):
    """`count` packed digits from data[0] as ASCII bytes; D is = (ISO 7813)."""
    skip = count & 1 and not on_right
    text = bytearray(count)
    for i in range(skip, count + skip):
        nibble = data[i >> 1] & 0xF if i & 1 else data[i >> 1] >> 4
        text[i - skip] = 61 if nibble == 13 else 48 + nibble
    return bytes(text)


def pack(mti, fields, out, style=AB):
    """Writes a message into `out` (bytearray) and returns its length in bytes.

    `mti` is four digits, str or bytes; `fields` maps numbers to bytes-like values: ASCII text, or raw bytes for a binary field.
    `style` is A, AB or B. Raises Malformed("mti", "field", "size", "digits", "text", "full").
    """
    return _Packer(style).pack(mti.encode() if isinstance(mti, str) else mti, fields, out)


def parse(message, style=AB):
    """A Message that answers for the fields of `message`. Its windows live on `message`, which must stay as it is.

    Raises Malformed: "short", "long" (bytes left over), "digits", "text", "mti", "bitmap", "field" (none such), "size" (a length past its
    field's).
    """
    return Message(message, style)


def _coding(style):
    """(whether all is text, whether digits are packed). Raises ValueError for a style that is none."""
    if style not in (A, AB, B):
        raise ValueError("style")
    return style == A, style == B


class _Packer:
    def __init__(self, style):
        self._text, self._packed = _coding(style)

    def pack(self, mti, fields, out):
        if len(mti) != 4 or mti[0] != 48:
            raise Malformed("mti")
        _digits(mti, 0, 4)
        numbers = sorted(fields)
        second = bool(numbers) and numbers[-1] > 64
        head = 2 if self._packed else 4
        size = (16 if second else 8) << self._text
        if head + size > len(out):
            raise Malformed("full")
        if self._packed:
            self._put_digits(out, 0, mti, False)
        else:
            out[:4] = mti
        bitmap = bytearray(16 if second else 8)
        if second:
            bitmap[0] = 0x80
        at = head + size
        for field in numbers:
            if not 1 < field < _FIELDS or field == 65:
                raise Malformed("field")
            bitmap[field - 1 >> 3] |= 0x80 >> (field - 1 & 7)
            at = self._put(out, at, _KIND[field], _SIZE[field], fields[field])
        if self._text:
            _hex(bitmap, out, head)
        else:
            out[head:head + size] = bitmap
        return at

    def _put(self, out, at, row, size, value):
        kind, prefix, count = row >> 2, row & 3, len(value)
        if count > size or (count != size and not prefix):
            raise Malformed("size")
        _check(kind, value, 0, count)
        wide = count << 1 if self._text and kind == _BINARY else count
        if prefix:
            if wide > 999 or at + prefix > len(out):
                raise Malformed("full" if wide <= 999 else "size")
            at = self._put_length(out, at, prefix, wide)
        if self._packed and kind < _TEXT:
            if at + count > len(out) + count // 2:
                raise Malformed("full")
            return self._put_packed(out, at, kind, value, prefix)
        end = at + wide
        if end > len(out):
            raise Malformed("full")
        if wide == count:
            out[at:end] = value
        else:
            _hex(value, out, at)
        return end

    def _put_length(self, out, at, prefix, count):
        if self._packed:
            if prefix == 3:
                out[at] = count // 100
                at += 1
            out[at] = count // 10 % 10 << 4 | count % 10
            return at + 1
        if prefix == 3:
            out[at] = 48 + count // 100
            at += 1
        out[at] = 48 + count // 10 % 10
        out[at + 1] = 48 + count % 10
        return at + 2

    def _put_packed(self, out, at, kind, value, prefix):
        if kind == _SIGNED:
            out[at] = value[0]
            return self._put_digits(out, at + 1, memoryview(value)[1:], False)
        return self._put_digits(out, at, value, prefix > 0)

    def _put_digits(self, out, at, value, on_right):
        """Two digits a byte; = packs as D (ISO 7813). A star has no nibble: Malformed("digits")."""
        count = len(value)
        nibble = 0 if on_right or not count & 1 else 1
        for i in range(count):
            digit = value[i] - 48 if value[i] < 0x3A else 13          # _check has left digits, =, D and *
            if digit < 0:
                raise Malformed("digits")
            if nibble & 1:
                out[at + (nibble >> 1)] |= digit
            else:
                out[at + (nibble >> 1)] = digit << 4
            if i == 0 and nibble:
                out[at] = digit
            nibble += 1
        return at + (count + 1) // 2


class Message:
    """A message as offsets: `mti` (bytes, four ASCII digits), get(field), fields(), mac_end. Made by parse()."""

    def __init__(self, data, style):
        self._text, self._packed = _coding(style)
        self._data = data
        at = self._read(data, len(data))
        if at != len(data):
            raise Malformed("long")

    def _read(self, data, end):
        head, size = 2 if self._packed else 4, 8 << self._text
        if head + size > end:
            raise Malformed("short")
        if self._packed:
            _nibbles(data, 0, 4, _DIGITS, False)
            self.mti = _unpacked(data, 4, False)
        else:
            _digits(data, 0, 4)
            self.mti = bytes(memoryview(data)[:4])
        if self.mti[0] != 48:                   # version 0: 1987
            raise Malformed("mti")
        if (_unhex(data, head, head + 2)[0] if self._text else data[head]) & 0x80:
            size += size
        at = head + size
        if at > end:
            raise Malformed("short")
        bitmap, first = (_unhex(data, head, at), 0) if self._text else (data, head)
        count = size >> self._text
        if count > 8 and not any(bitmap[first + 8:first + 16]):
            raise Malformed("bitmap")           # announced, and empty
        present = 0
        for i in range(first, first + count):
            present += _ONES[bitmap[i] >> 4] + _ONES[bitmap[i] & 0xF]
        self._numbers = bytearray(present - (count > 8))
        self._start = array("H", bytes(2 * len(self._numbers)))
        self._count = array("H", bytes(2 * len(self._numbers)))        # digits, characters or bytes of the value
        return self._fields_at(data, at, end, bitmap, first, count)

    def _fields_at(self, data, at, end, bitmap, first, count):
        """Lays out every field that the bitmap (`count` bytes at bitmap[first]) announces. Returns where the last one ends."""
        start, counts, kinds, sizes, slot = self._start, self._count, _KIND, _SIZE, 0
        merge = not self._packed                # neighbours of one kind, with nothing between them, are checked in one call
        run, run_kind, field = at, _BINARY, 0
        for i in range(first, first + count):
            bits = bitmap[i]
            if i == first:
                bits &= 0x7F
            field = (i - first) * 8
            while bits:
                field += 1
                if bits & 0x80:
                    size = sizes[field]
                    if not size or field == 65:
                        raise Malformed("field")
                    row = kinds[field]
                    kind = row >> 2
                    if row & 3:
                        if run_kind != _BINARY:
                            _check(run_kind, data, run, at)
                        at, size = self._length(data, at, end, row, size)
                        run, run_kind = at, kind
                    elif kind != run_kind or kind == _SIGNED:
                        if run_kind != _BINARY:
                            _check(run_kind, data, run, at)
                        run, run_kind = at, kind
                    self._numbers[slot], start[slot], counts[slot] = field, at, size
                    slot += 1
                    if not merge or kind == _BINARY:
                        at = self._coded(data, at, end, kind, size, row & 3)
                        run, run_kind = (at, _BINARY) if kind != _TEXT else (run, run_kind)
                    else:
                        at += size
                    if at > end:
                        raise Malformed("short")
                bits = bits << 1 & 0xFF
        if run_kind != _BINARY:
            _check(run_kind, data, run, at)
        return at

    def _length(self, data, at, end, row, most):
        """(position after the length, the length in digits, characters or bytes) of a value that varies. Raises Malformed."""
        prefix, count = row & 3, 0
        if self._packed:
            wide = prefix + 1 >> 1
            if at + wide > end:
                raise Malformed("short")
            _nibbles(data, at, prefix, _DIGITS, False)
            for i in range(at, at + wide):
                count = count * 100 + (data[i] >> 4) * 10 + (data[i] & 0xF)
            at += wide
        else:
            if at + prefix > end:
                raise Malformed("short")
            for i in range(at, at + prefix):
                digit = data[i] - 48
                if not 0 <= digit <= 9:
                    raise Malformed("digits")
                count = count * 10 + digit
            at += prefix
            if self._text and row >> 2 == _BINARY:
                if count & 1:
                    raise Malformed("size")
                count >>= 1
        if count > most:
            raise Malformed("size")
        return at, count

    def _coded(self, data, at, end, kind, count, varies):
        """Bounds and check of one value that is not plain text: binary, or packed digits. Returns where it ends. Raises Malformed."""
        if kind == _BINARY:
            after = at + (count << self._text)
            if after <= end and self._text:
                _unhex(data, at, after)
            return after
        if kind == _TEXT:
            return at + count
        first = at
        if kind == _SIGNED:
            first, count = at + 1, count - 1
        after = first + (count + 1) // 2
        if after <= end:
            if kind == _SIGNED and data[at] not in b"CD0123456789":
                raise Malformed("digits")
            _nibbles(data, first, count, kind, varies > 0)
        return after

    def fields(self):
        """The numbers of the fields that are there, in order."""
        return list(self._numbers)

    def _slot(self, field):
        numbers = self._numbers
        for slot in range(len(numbers)):
            if numbers[slot] == field:
                return slot
        return -1

    @property
    def mac_end(self):
        """Where what the MAC covers ends: the offset of the value of field 128, or 64 at a short message's end; None without either."""
        last = self._numbers[-1] if self._numbers else 0
        return self._start[len(self._numbers) - 1] if last in (64, 128) else None

    def get(self, field):
        """The value as pack takes it: ASCII text, or raw bytes for a binary field; None where it is not there.

        A window on the message where the value stands in it as it is (all of AB), else bytes.
        """
        slot = self._slot(field)
        if slot < 0:
            return None
        kind, at, count = _KIND[field] >> 2, self._start[slot], self._count[slot]
        if self._text and kind == _BINARY:
            return _unhex(self._data, at, at + 2 * count)
        window = memoryview(self._data)[at:]
        if self._packed and kind < _TEXT:
            if kind == _SIGNED:
                return bytes(window[:1]) + _unpacked(window[1:], count - 1, False)
            return _unpacked(window, count, _KIND[field] & 3 > 0)
        return window[:count]
