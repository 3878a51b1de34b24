# frame_fast.py: frame.fill and frame.scan in viper. Their bytecode twins are in frame.py; a test holds them equal. ImportError elsewhere.
# ruff: noqa: F821, RUF046
import sys

if sys.implementation.name != "micropython":
    raise ImportError("viper")

import micropython


@micropython.viper
def fill(buffer, source, size: int) -> int:
    """As frame._fill."""
    out = ptr8(buffer)
    data = ptr8(source)
    out[0] = 0
    out[1] = 0
    out[2] = 0xFF
    at = 5
    if size < 0x100:
        out[3] = size
        out[4] = 0 - size
    else:
        out[3] = 0xFF
        out[4] = 0xFF
        out[5] = size >> 8
        out[6] = size
        out[7] = 0 - (size >> 8) - size
        at = 8
    total = 0
    i = 0
    while i + 4 <= size:                  # four bytes a turn
        one = data[i]
        two = data[i + 1]
        three = data[i + 2]
        four = data[i + 3]
        i += 4
        out[at] = one
        out[at + 1] = two
        out[at + 2] = three
        out[at + 3] = four
        at += 4
        total += one + two + three + four
    while i < size:
        byte = data[i]
        i += 1
        out[at] = byte
        at += 1
        total += byte
    out[at] = 0 - total
    out[at + 1] = 0
    return at + 2


@micropython.viper
def scan(buffer, at: int, end: int) -> int:
    """As frame._scan."""
    data = ptr8(buffer)
    if end > int(len(buffer)):
        return -3
    while True:
        if at + 2 > end:
            return 0
        if data[at] == 0 and data[at + 1] == 0xFF:
            break
        at += 1
    at += 2
    if at + 2 > end:
        return 0
    size = data[at]
    check = data[at + 1]
    at += 2
    if size == 0 and check == 0xFF:
        return at << 16 | 1
    if size == 0xFF and check == 0:
        return at << 16 | 2
    if size == 0xFF and check == 0xFF:
        if at + 3 > end:
            return 0
        size = data[at] << 8 | data[at + 1]
        if (data[at] + data[at + 1] + data[at + 2]) & 0xFF:
            return -1
        at += 3
    elif (size + check) & 0xFF:
        return -1
    if size == 0 or size > 265:
        return -3
    if at + size + 1 > end:
        return 0
    total = data[at + size]               # the check-sum itself, then all it covers, eight bytes a turn
    i = at
    last = at + size
    while i + 8 <= last:
        total += (data[i] + data[i + 1] + data[i + 2] + data[i + 3]) + (data[i + 4] + data[i + 5] + data[i + 6] + data[i + 7])
        i += 8
    while i < last:
        total += data[i]
        i += 1
    if total & 0xFF:
        return -2
    kind = 4
    if size == 1 and data[at] == 0x7F:
        kind = 3
    return at << 16 | size << 4 | kind
