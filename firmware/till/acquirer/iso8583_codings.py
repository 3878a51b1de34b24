# iso8583_codings.py: the two other codings of a host message, all text (A) and packed (B). Raises Malformed; strict both ways.
from array import array

from till.acquirer.iso8583_table import BINARY, DIGITS, FIELDS, KIND, MASKED, SIGNED, SIZE, TEXT, TRACK
from till.core.errors import Malformed

_ONES = b"\0\1\1\2\1\2\2\3\1\2\2\3\2\3\3\4"       # one bits of a nibble


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
    if kind == TEXT:
        value = memoryview(data)[start:end]
        if min(value) < 0x20 or max(value) > 0x7E:
            raise Malformed("text")
    elif kind == DIGITS:
        _digits(data, start, end)
    elif kind != BINARY:
        value = bytes(memoryview(data)[start:end])
        if kind == SIGNED:
            good = value[:1] in (b"C", b"D") or value[:1].isdigit()
            value = value[1:]
        else:
            good = True
            value = value.replace(b"*", b"0") if kind == MASKED else value.replace(b"D", b"=").replace(b"=", b"0", 1)
        if not (good and value.isdigit()):
            raise Malformed("digits")


def _nibbles(data, at, count, kind, on_right):
    """Checks `count` packed digits at data[at]: digits, D once in track 2, and a zero where an odd number leaves a nibble over."""
    separators = 1 if kind == TRACK else 0
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


class Packer:
    """Writes messages: A where `packed` is False, else B."""

    def __init__(self, packed):
        self._text, self._packed = not packed, packed

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
            if not 1 < field < FIELDS or field == 65:
                raise Malformed("field")
            bitmap[field - 1 >> 3] |= 0x80 >> (field - 1 & 7)
            at = self._put(out, at, KIND[field], SIZE[field], fields[field])
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
        wide = count << 1 if self._text and kind == BINARY else count
        if prefix:
            if wide > 999 or at + prefix > len(out):
                raise Malformed("full" if wide <= 999 else "size")
            at = self._put_length(out, at, prefix, wide)
        if self._packed and kind < TEXT:
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
        if kind == SIGNED:
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


class Reader:
    """One message laid out: `mti`, and `rows`, an array of field, position and count (digits, characters or bytes) by field."""

    def __init__(self, data, packed):
        self._text, self._packed = not packed, packed
        self._data = data
        at = self._read(data, len(data))
        if at != len(data):
            raise Malformed("long")

    def _read(self, data, end):
        head, size = 2 if self._packed else 4, 8 << self._text
        if head + size > end:
            raise Malformed("short")
        if self._packed:
            _nibbles(data, 0, 4, DIGITS, False)
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
        self.rows = array("H", bytes(6 * (present - (count > 8))))
        return self._fields_at(data, at, end, bitmap, first, count)

    def _fields_at(self, data, at, end, bitmap, first, count):
        """Lays out every field that the bitmap (`count` bytes at bitmap[first]) announces. Returns where the last one ends."""
        rows, kinds, sizes, slot = self.rows, KIND, SIZE, 0
        merge = not self._packed                # neighbours of one kind, with nothing between them, are checked in one call
        run, run_kind, field = at, BINARY, 0
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
                        if run_kind != BINARY:
                            _check(run_kind, data, run, at)
                        at, size = self._length(data, at, end, row, size)
                        run, run_kind = at, kind
                    elif kind != run_kind or kind == SIGNED:
                        if run_kind != BINARY:
                            _check(run_kind, data, run, at)
                        run, run_kind = at, kind
                    rows[slot], rows[slot + 1], rows[slot + 2] = field, at, size
                    slot += 3
                    if not merge or kind == BINARY:
                        at = self._coded(data, at, end, kind, size, row & 3)
                        run, run_kind = (at, BINARY) if kind != TEXT else (run, run_kind)
                    else:
                        at += size
                    if at > end:
                        raise Malformed("short")
                bits = bits << 1 & 0xFF
        if run_kind != BINARY:
            _check(run_kind, data, run, at)
        return at

    def _length(self, data, at, end, row, most):
        """(position after the length, the length in digits, characters or bytes) of a value that varies. Raises Malformed."""
        prefix, count = row & 3, 0
        if self._packed:
            wide = prefix + 1 >> 1
            if at + wide > end:
                raise Malformed("short")
            _nibbles(data, at, prefix, DIGITS, False)
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
            if self._text and row >> 2 == BINARY:
                if count & 1:
                    raise Malformed("size")
                count >>= 1
        if count > most:
            raise Malformed("size")
        return at, count

    def _coded(self, data, at, end, kind, count, varies):
        """Bounds and check of one value that is not plain text: binary, or packed digits. Returns where it ends. Raises Malformed."""
        if kind == BINARY:
            after = at + (count << self._text)
            if after <= end and self._text:
                _unhex(data, at, after)
            return after
        if kind == TEXT:
            return at + count
        first = at
        if kind == SIGNED:
            first, count = at + 1, count - 1
        after = first + (count + 1) // 2
        if after <= end:
            if kind == SIGNED and data[at] not in b"CD0123456789":
                raise Malformed("digits")
            _nibbles(data, first, count, kind, varies > 0)
        return after

    def value(self, field, at, count):
        """The value of one row as pack takes it, as bytes."""
        kind = KIND[field] >> 2
        if self._text and kind == BINARY:
            return _unhex(self._data, at, at + 2 * count)
        window = memoryview(self._data)[at:]
        if self._packed and kind < TEXT:
            if kind == SIGNED:
                return bytes(window[:1]) + _unpacked(window[1:], count - 1, False)
            return _unpacked(window, count, KIND[field] & 3 > 0)
        return bytes(window[:count])
