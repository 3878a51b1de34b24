# tlv.py: BER-TLV as EMV uses it (Book 3 Annex B), read in one pass into an index, without copies. Raises Malformed, reads past nothing.
from array import array

from micropython import const

from till.core.errors import Malformed

_WORDS = const(4)             # a slot: tag, start and end of its value, slot + 1 of its parent (0: none)
WORDS = ("tag", "length", "short", "many")    # what scan's results -1 to -4 mean


def _scan(data, at, end, words):
    """Lays the objects of data[at:end] out in `words`, four numbers each, parents first. Number of slots, or -1 to -4 (see WORDS).

    Zero bytes before, between and after objects are padding (Annex B1). Constructed objects are entered.
    """
    slot, room = 0, len(words)
    limit, parent = end, 0
    while True:
        while at == limit and parent:               # the parent is full: back to its own parent
            parent = words[parent * _WORDS - 1]
            limit = words[parent * _WORDS - 2] if parent else end
        if at >= end:
            return slot // _WORDS
        tag = data[at]
        at += 1
        if tag == 0:
            continue
        inner = tag & 0x20                          # Annex B1, bit 6: constructed
        if tag & 0x1F == 0x1F:                      # the tag goes on while bit 8 is set, three bytes at most here
            more = 0x80
            while more:
                if at >= limit or tag > 0xFFFF:
                    return -1
                more = data[at] & 0x80
                tag = tag << 8 | data[at]
                at += 1
        if at >= limit:
            return -2
        size = data[at]
        at += 1
        if size > 127:                              # Annex B2: 81 or 82 and the length; 80 (indefinite) is not for EMV
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
        if slot + _WORDS > room:
            return -4
        words[slot], words[slot + 1], words[slot + 2], words[slot + 3] = tag, at, at + size, parent
        slot += _WORDS
        if inner:
            limit, parent = at + size, slot // _WORDS
        else:
            at += size


scan = _scan
try:
    from till.cards.tlv_fast import scan            # the same in viper, where the build has it; a test holds the two equal
except (ImportError, SyntaxError, ValueError):    # left out, no viper here, or made for another processor
    pass


class Index:
    """Where each object of one buffer lies. Made once and read into again; reading takes no memory.

    Slots are numbered from 0, parents before their children. A window is a memoryview on the buffer, good while the buffer is.
    """

    def __init__(self, slots=64):
        self.words = array("I", bytes(4 * _WORDS * slots))
        self.data = b""
        self.count = 0

    def read(self, data, start=0, end=-1):
        """Reads data[start:end] (end -1: all) and returns how many objects it holds. Raises Malformed with one of WORDS."""
        if end < 0:
            end = len(data)
        self.data = data
        self.count = 0
        count = scan(data, start, end, self.words)
        if count < 0:
            raise Malformed(WORDS[-1 - count])
        self.count = count
        return count

    def tag(self, slot):
        return self.words[slot * _WORDS]

    def start(self, slot):
        return self.words[slot * _WORDS + 1]

    def end(self, slot):
        return self.words[slot * _WORDS + 2]

    def parent(self, slot):
        """Slot of the object that this one lies in, -1 at the top."""
        return self.words[slot * _WORDS + 3] - 1

    def size(self, slot):
        return self.words[slot * _WORDS + 2] - self.words[slot * _WORDS + 1]

    def slot(self, tag, after=-1):
        """First slot after `after` that holds `tag` (an int, 0x9F26), at any depth, or -1."""
        words = self.words
        for at in range((after + 1) * _WORDS, self.count * _WORDS, _WORDS):
            if words[at] == tag:
                return at // _WORDS
        return -1

    def window(self, slot):
        return memoryview(self.data)[self.start(slot):self.end(slot)]

    def get(self, tag):
        """Window on the value of the first object with `tag`, or None."""
        slot = self.slot(tag)
        return None if slot < 0 else self.window(slot)

    def has(self, tag):
        return self.slot(tag) >= 0


def constructed(tag):
    """Whether the object with this tag (an int) holds other objects: bit 6 of its first byte."""
    while tag > 0xFF:
        tag >>= 8
    return tag & 0x20 != 0


def _object(data, at, end):
    """(tag, start, end) of the first object at or after data[at], up to `end`; tag 0 where only padding is left. Raises Malformed."""
    while at < end and not data[at]:
        at += 1
    if at >= end:
        return 0, end, end
    tag = data[at]
    at += 1
    more = 0x80 if tag & 0x1F == 0x1F else 0        # Annex B1: the tag goes on while bit 8 is set
    while more:
        if at >= end or tag > 0xFFFF:
            raise Malformed("tag")
        more = data[at] & 0x80
        tag = tag << 8 | data[at]
        at += 1
    size = data[at] if at < end else 0x80
    at += 1
    if size > 127:                                  # Annex B2
        wide = size - 0x80
        if not 0 < wide < 3 or at + wide > end:
            raise Malformed("length")
        size = data[at] if wide == 1 else data[at] << 8 | data[at + 1]
        at += wide
    if at + size > end:
        raise Malformed("short")
    return tag, at, at + size


def each(data, start=0, end=None):
    """Yields (tag, start, end) of each object in data[start:end], one level deep; padding is skipped. Raises Malformed."""
    end = len(data) if end is None else end
    tag, at, after = _object(data, start, end)
    while tag:
        yield tag, at, after
        tag, at, after = _object(data, after, end)


def find(data, tag, start=0, end=None):
    """(start, end) of the value of the first object with `tag` in data[start:end], one level deep, or None. Raises Malformed."""
    end = len(data) if end is None else end
    found, at, after = _object(data, start, end)
    while found:
        if found == tag:
            return at, after
        found, at, after = _object(data, after, end)
    return None


def find_deep(data, tag):
    """(start, end) of the value of the first object with `tag` anywhere in `data`, or None. For one look; an Index is for many.

    Raises Malformed.
    """
    index = Index(96)
    index.read(data)
    slot = index.slot(tag)
    return None if slot < 0 else (index.start(slot), index.end(slot))


def tree(data, start=0, end=None):
    """[[tag, value or tree], ...] of all of `data`, values copied. For vectors and tests. Raises Malformed."""
    return [[tag, tree(data, at, after) if constructed(tag) else bytes(data[at:after])] for tag, at, after in each(data, start, end)]


def _head(out, at, tag, size):
    """Writes tag and length, returns the position after them. Raises Malformed("full") where value and head find no room."""
    tag_size = 1 if tag < 0x100 else 2 if tag < 0x10000 else 3
    length_size = 1 if size < 0x80 else 2 if size < 0x100 else 3
    if size > 0xFFFF or at + tag_size + length_size + size > len(out):
        raise Malformed("full")
    while tag_size:
        tag_size -= 1
        out[at] = tag >> 8 * tag_size & 0xFF
        at += 1
    if length_size > 1:
        out[at] = 0x7F + length_size
        at += 1
        if length_size > 2:
            out[at] = size >> 8
            at += 1
    out[at] = size & 0xFF
    return at + 1


def put(out, at, tag, value):
    """Writes one object at out[at:], returns the position after it. `tag` is an int. Raises Malformed("full")."""
    size = len(value)
    at = _head(out, at, tag, size)
    out[at:at + size] = value
    return at + size


def nest(out, start, end, tag):
    """Puts out[start:end], already written, into an object with `tag`; returns its end. Raises Malformed("full")."""
    size = end - start
    inside = bytes(memoryview(out)[start:end])
    at = _head(out, start, tag, size)
    out[at:at + size] = inside
    return at + size
