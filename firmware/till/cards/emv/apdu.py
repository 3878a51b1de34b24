# apdu.py: the five commands of a contactless payment, written into one buffer (EMV Book 3 6.5, Book 1 11.3). Raises Malformed.
from till.cards import dol
from till.core.errors import Malformed


def _head(out, cla, ins, p1, p2):
    out[0], out[1], out[2], out[3] = cla, ins, p1, p2


def _close(out, end):
    """Lc and Le around the data that lie at out[5:end]; returns a window on the command."""
    out[4] = end - 5
    out[end] = 0
    return memoryview(out)[:end + 1]


def select(out, name):
    """SELECT by name, first or only occurrence."""
    _head(out, 0x00, 0xA4, 0x04, 0x00)
    end = 5 + len(name)
    out[5:end] = name
    return _close(out, end)


def get_processing_options(out, pdol, value):
    """GET PROCESSING OPTIONS with template 83 over what `pdol` (or None) asks; `value(tag)` as in dol.build. Raises Malformed."""
    _head(out, 0x80, 0xA8, 0x00, 0x00)
    out[5] = 0x83
    start = 7
    end = start if pdol is None else dol.build(pdol, value, out, start)
    size = end - start
    if size > 0x7F:                                # BER length 81 xx: the data move up by one
        if size > 0xFC:
            raise Malformed("long")
        out[start + 1:end + 1] = bytes(memoryview(out)[start:end])
        out[6], out[7] = 0x81, size
        return _close(out, end + 1)
    out[6] = size
    return _close(out, end)


def read_record(out, file, record):
    """READ RECORD: `file` is the short file identifier, 1 to 30."""
    _head(out, 0x00, 0xB2, record, file << 3 | 0x04)
    out[4] = 0
    return memoryview(out)[:5]


def generate_ac(out, kind, cdol, value):
    """GENERATE AC: `kind` is 80 for an ARQC, 00 for an AAC; the data that `cdol` asks for. Raises Malformed."""
    _head(out, 0x80, 0xAE, kind, 0x00)
    return _close(out, dol.build(cdol, value, out, 5))
