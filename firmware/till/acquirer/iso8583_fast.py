# iso8583_fast.py: iso8583.lay in viper. Its bytecode twin is iso8583._lay; a test holds the two equal. ImportError where it cannot be.
# ruff: noqa: F821, RUF046
import sys

if sys.implementation.name != "micropython":
    raise ImportError("viper")

import micropython


@micropython.viper
def lay(buffer, end: int, kind_table, size_table, row_table) -> int:
    """As iso8583._lay."""
    data = ptr8(buffer)
    kinds = ptr8(kind_table)
    sizes = ptr16(size_table)
    rows = ptr16(row_table)
    if end < 12 or end > int(len(buffer)):
        return -1
    if data[0] != 48:
        return -7
    at = 1
    while at < 4:
        if data[at] < 48 or data[at] > 57:
            return -7
        at += 1
    maps = 8
    if data[4] & 0x80:
        maps = 16
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
            stop = at + size
            kind = kinds[field] >> 2        # as iso8583._holds: 0 digits, 1 masked, 2 signed, 3 track 2, 4 text, 5 binary
            first = at
            while at < stop and kind < 5:
                byte = data[at]
                if kind == 4:
                    if byte < 0x20 or byte > 0x7E:
                        return -3
                elif byte < 48 or byte > 57:
                    if kind == 3 and (byte == 61 or byte == 68):
                        kind = 0            # one separator only
                    elif not ((kind == 1 and byte == 42) or (kind == 2 and at == first and (byte == 67 or byte == 68))):
                        return -2
                at += 1
            at = stop
        field += 1
    if maps == 16:
        if slot == 0:
            return -6
        if rows[slot - 3] < 65:
            return -6
    if at != end:
        return -8
    return slot
