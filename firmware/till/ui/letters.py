# letters.py: characters beyond ASCII [pure]: how wide they are, their dots, their code on the printer. What nobody gave is None, never a guess.
from micropython import const

_WIDE = const(0x2E80)               # from here on a character takes two columns
_PAGE_1252 = ("\u20ac\0\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\0\u017d\0\0"
              "\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\0\u017e\u0178")        # what it has from 0x80 to 0x9F
_built = []                         # the table made by host-tools/microtill/glyphs.py, loaded when it is first wanted; None where not built in


def width(text):
    """Columns that a text takes, on the display as on paper: two for a Chinese character, one for any other."""
    return len(text) if plain(text) else sum(2 if ord(char) >= _WIDE else 1 for char in text)


def aligned(rows):
    """The same rows, each filled up to the widest, so that a list that stands in the middle has a straight edge."""
    most = max([width(row) for row in rows] or [0])
    return [row + " " * (most - width(row)) for row in rows]


def plain(text):
    """ASCII alone."""
    return len(text) == len(text.encode())


def there():
    """Whether this firmware was built with glyphs."""
    return _table() is not None


def glyph(char, own):
    """Dots of a character, row by row: 16 bytes (8x16) or 32 (16x16); None where neither the table nor `own` has it.
    `own`: {character: "gb:dots" in hexadecimal}, for texts that the firmware was not built with."""
    table, code = _table(), ord(char)
    if table and 32 <= code < 127:
        return table.ASCII[(code - 32) * 16:(code - 31) * 16]
    at = _place(table, code)
    if at is not None:
        return table.DATA[at * 32:at * 32 + (32 if code >= _WIDE else 16)]
    return _of_own(own, char, 1, (32 if code >= _WIDE else 16,))


def gb18030(char, own):
    """Two or four bytes for a Chinese printer, or None."""
    table = _table()
    at = _place(table, ord(char))
    found = table.GB[at * 2:at * 2 + 2] if at is not None else b"\0\0"
    if found != b"\0\0":
        return found
    return _of_own(own, char, 0, (2, 4))


def page_1252(char):
    """One byte of the printer's Western page (an int), or None."""
    code = ord(char)
    if 32 <= code < 127 or 0xA0 <= code < 0x100:
        return code
    at = _PAGE_1252.find(char) if code else -1
    return 0x80 + at if at >= 0 else None


def _of_own(own, char, part, sizes):
    """One part of an owner's letter, or None where it is none: whoever wrote the settings may have erred."""
    try:
        data = bytes.fromhex(own.get(char, ":").split(":")[part])
    except (ValueError, IndexError):
        return None
    return data if len(data) in sizes else None


def _table():
    if not _built:
        try:
            _built.append(__import__("till.ui.glyphs", None, None, ("DATA",)))
        except ImportError:
            _built.append(None)
    return _built[0]


def _place(table, code):
    """Place of a code point in the built-in table, or None."""
    if not table or code > 0xFFFF:
        return None
    low, high, codes = 0, len(table.CODES) // 2, table.CODES
    while low < high:
        mid = (low + high) // 2
        there = codes[mid * 2] << 8 | codes[mid * 2 + 1]
        if there == code:
            return mid
        if there < code:
            low = mid + 1
        else:
            high = mid
    return None
