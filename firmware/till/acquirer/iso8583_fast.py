# iso8583_fast.py: iso8583.lay in viper. Its bytecode twin is iso8583._lay; a test holds the two equal. ImportError where it cannot be.
# ruff: noqa: F821, RUF046
import sys

if sys.implementation.name != "micropython":
    raise ImportError("viper")

import micropython


@micropython.viper
def _holds(buffer, at: int, stop: int, kind: int) -> int:
    """As iso8583._holds: kind is 0 digits, 1 masked, 2 signed, 3 track 2, 4 text."""
    data = ptr8(buffer)
    if kind == 4:
        while at < stop:
            byte = data[at]
            if byte < 0x20 or byte > 0x7E:
                return -3
            at += 1
        return 0
    if kind == 2 and at < stop and (data[at] == 67 or data[at] == 68):
        at += 1
    while at < stop:
        byte = data[at] - 48
        if byte < 0 or byte > 9:
            if kind == 3 and (byte == 13 or byte == 20):
                kind = 0                    # one separator only
            elif kind != 1 or byte != -6:
                return -2
        at += 1
    return 0


@micropython.viper
def lay(buffer, end: int, kind_table, size_table, row_table) -> int:
    """As iso8583._lay."""
    data = ptr8(buffer)
    kinds = ptr8(kind_table)
    sizes = ptr16(size_table)
    rows = ptr16(row_table)
    if end < 12 or end > int(len(buffer)):
        return -1
    if data[0] != 48 or int(_holds(buffer, 1, 4, 0)) != 0:
        return -7
    maps = 8 + ((data[4] & 0x80) >> 4)
    at = 4 + maps
    slot = 0
    if at > end:
        return -1
    field = 2
    while field <= 8 * maps:
        if data[4 + ((field - 1) >> 3)] & (0x80 >> ((field - 1) & 7)):
            size = sizes[field]
            prefix = kinds[field] & 3
            if size == 0:
                return -4
            if prefix != 0:
                if at + prefix > end:
                    return -1
                count = 0
                while prefix > 0:
                    digit = data[at] - 48
                    if digit < 0 or digit > 9:
                        return -2
                    count = count * 10 + digit
                    at += 1
                    prefix -= 1
                if count > size:
                    return -5
                size = count
            if at + size > end:
                return -1
            rows[slot] = field
            rows[slot + 1] = at
            rows[slot + 2] = size
            slot += 3
            if kinds[field] >> 2 < 5:
                wrong = int(_holds(buffer, at, at + size, kinds[field] >> 2))
                if wrong != 0:
                    return wrong
            at += size
        field += 1
    if maps == 16:
        if slot == 0:
            return -6
        if rows[slot - 3] < 65:
            return -6
    if at != end:
        return -8
    return slot


@micropython.viper
def _bits(buffer, fields) -> int:
    """Writes the bitmap of `fields` at buffer[4:], without the bit of a second one. The highest field, or -4, -9 as iso8583._put."""
    out = ptr8(buffer)
    last = 0
    for number in fields:
        field = int(number)
        if field < 2 or field > 128:
            return -4
        if field > last:
            last = field
    end = 12
    if last > 64:
        end = 20
    if end > int(len(buffer)):
        return -9
    i = 4
    while i < end:
        out[i] = 0
        i += 1
    for number in fields:
        field = int(number) - 1
        out[4 + (field >> 3)] |= 0x80 >> (field & 7)
    return last


@micropython.viper
def put(buffer, fields, kind_table, size_table) -> int:
    """As iso8583._put; it finds the order in the bitmap, where the twin sorts."""
    out = ptr8(buffer)
    room = int(len(buffer))
    kinds = ptr8(kind_table)
    sizes = ptr16(size_table)
    last = int(_bits(buffer, fields))
    if last < 0:
        return last
    at = 12
    if last > 64:
        at = 20
    field = 2
    while field <= last:
        if out[4 + ((field - 1) >> 3)] & (0x80 >> ((field - 1) & 7)):
            value = fields[field]
            data = ptr8(value)
            count = int(len(value))
            most = sizes[field]
            prefix = kinds[field] & 3
            if count != most and (prefix == 0 or count > most):
                if most == 0:
                    return -4
                return -5
            if at + prefix + count > room:
                return -9
            if prefix != 0:
                rest = count
                if prefix == 3:
                    out[at] = 48 + rest // 100
                    rest = rest % 100
                    at += 1
                out[at] = 48 + rest // 10
                out[at + 1] = 48 + rest % 10
                at += 2
            i = 0
            while i < count:
                out[at + i] = data[i]
                i += 1
            at += count
        field += 1
    if last > 64:
        out[4] |= 0x80
    return at
