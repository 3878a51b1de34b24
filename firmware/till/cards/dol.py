# dol.py: data object lists: which data a card wants, and those data laid end to end (EMV Book 3 5.4). Raises Malformed.
from micropython import const

from till.core.errors import Malformed

# EMV Book 3 Annex A, format n (and cn): how a value of the wrong size is cut or filled. All others: on the right, with zeros.
_NUMERIC = (0x9A, 0x9C, 0x5F24, 0x5F25, 0x5F28, 0x5F2A, 0x5F30, 0x5F34, 0x5F36, 0x5F57, 0x9F01, 0x9F02, 0x9F03, 0x9F11, 0x9F15, 0x9F19,
            0x9F1A, 0x9F21, 0x9F35, 0x9F39, 0x9F3C, 0x9F3D, 0x9F41, 0x9F42, 0x9F43, 0x9F44, 0x9F51, 0x9F53, 0x9F54, 0x9F57, 0x9F5C)
_COMPRESSED = (0x5A, 0x9F20)
_MOST = const(252)            # a command's data field: 255 less the template's own head


def each(dol):
    """Yields (tag, size) for each entry of `dol`. Raises Malformed("short") where it ends inside an entry, ("tag") past three bytes."""
    at, end = 0, len(dol)
    while at < end:
        tag = dol[at]
        at += 1
        if tag & 0x1F == 0x1F:
            more = 0x80
            while more:
                if at >= end:
                    raise Malformed("short")
                if tag > 0xFFFF:
                    raise Malformed("tag")
                more = dol[at] & 0x80
                tag = tag << 8 | dol[at]
                at += 1
        if at >= end:
            raise Malformed("short")
        size = dol[at]
        at += 1
        if size > 127:                  # an EMV card asks for no such value
            raise Malformed("length")
        yield tag, size


def _place(out, at, size, tag, value):
    """One value in its `size` bytes at out[at:], by 5.4: numeric from the right, compressed numeric and others from the left."""
    extra = size - len(value)
    if tag in _NUMERIC:
        if extra < 0:
            value = memoryview(value)[-extra:]
            extra = 0
        for i in range(at, at + extra):
            out[i] = 0
        out[at + extra:at + size] = value
        return
    if extra < 0:
        value = memoryview(value)[:size]
        extra = 0
    fill = 0xFF if tag in _COMPRESSED else 0
    out[at:at + size - extra] = value
    for i in range(at + size - extra, at + size):
        out[i] = fill


def build(dol, get, out, at=0):
    """Writes the data that `dol` asks for at out[at:] and returns the position after them.

    `get(tag)` gives the bytes of a tag (an int) or None, which gives zeros. Raises Malformed("short", "tag", "length", "long", "full").
    """
    first = at
    for tag, size in each(dol):
        if at + size - first > _MOST:
            raise Malformed("long")
        if at + size > len(out):
            raise Malformed("full")
        found = get(tag)
        _place(out, at, size, tag, b"\0" * size if found is None else found)
        at += size
    return at
