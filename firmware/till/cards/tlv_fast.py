# tlv_fast.py: tlv.scan in viper. Its bytecode twin is tlv._scan; a test holds the two equal. ImportError where it cannot be.
# ruff: noqa: F821
import sys

if sys.implementation.name != "micropython":
    raise ImportError("viper")

import micropython  # noqa: E402


@micropython.viper
def scan(buffer, first: int, end: int, out) -> int:
    """As tlv._scan: slots laid out in `out`, an array("I"), or -1 to -4."""
    data = ptr8(buffer)
    words = ptr32(out)
    room = int(len(out))
    if end > int(len(buffer)):
        return -3
    at = first
    slot = 0
    limit = end
    parent = 0
    while True:
        while at == limit and parent != 0:
            parent = words[parent * 4 - 1]
            limit = end
            if parent != 0:
                limit = words[parent * 4 - 2]
        if at >= end:
            return slot >> 2
        tag = data[at]
        at += 1
        if tag == 0:
            continue
        inner = tag & 0x20
        if tag & 0x1F == 0x1F:
            more = 0x80
            while more != 0:
                if at >= limit or tag > 0xFFFF:
                    return -1
                more = data[at] & 0x80
                tag = tag << 8 | data[at]
                at += 1
        if at >= limit:
            return -2
        size = data[at]
        at += 1
        if size > 127:
            if size == 0x81 and at < limit:
                size = data[at]
                at += 1
            elif size == 0x82 and at + 1 < limit:
                size = data[at] << 8 | data[at + 1]
                at += 2
            else:
                return -2
        if at + size > limit:
            return -3
        if slot + 4 > room:
            return -4
        words[slot] = tag
        words[slot + 1] = at
        words[slot + 2] = at + size
        words[slot + 3] = parent
        slot += 4
        if inner != 0:
            limit = at + size
            parent = slot >> 2
        else:
            at += size
