# glyphs.py: dots of characters, from GNU Unifont (Debian package unifont): what is built into the firmware, and what travels in parameters.
# Where there is no font, `font()` is None: the firmware is then built without Chinese and without large text. BadGlyph names what it lacks.
import bisect
import functools
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = (ROOT / ".venv" / "unifont.hex", Path("/usr/share/unifont/unifont.hex"))
MODULE = Path("firmware/till/ui/glyphs.py")          # where the built module would be, were it a source
LANGUAGES = Path("firmware/till/ui/languages")
WIDE = 0x2E80                                        # from here on a character takes two columns (till.ui.letters says the same)
ASCII = "".join(map(chr, range(32, 127)))


class BadGlyph(Exception):
    """args[0]: the characters that the font lacks, or that two bytes cannot number."""
    code = "B02"


class Font:
    """The lines of a .hex file, "5237:<64 digits>", sorted by code."""

    def __init__(self, path):
        self._lines = path.read_text("ascii").split("\n")

    def glyph(self, char):
        """16 bytes (8x16 dots) of a narrow character, 32 (16x16) of a wide one, a row after the other. None where it has none."""
        key = "%04X:" % ord(char)
        at = bisect.bisect_left(self._lines, key)
        if at == len(self._lines) or not self._lines[at].startswith(key):
            return None
        return _fitted(bytes.fromhex(self._lines[at][len(key):]), ord(char) >= WIDE)

    def wide(self):
        """{glyph: character} of all Chinese characters, of kana and punctuation; of two that look alike, the commoner."""
        found = {}
        for first, last in (("3001", "30FF"), ("FF01", "FFEF"), ("4E00", "9FFF")):
            for line in self._lines[bisect.bisect_left(self._lines, first):bisect.bisect_right(self._lines, last + ":~")]:
                code, _, dots = line.partition(":")
                found[_fitted(bytes.fromhex(dots), True)] = chr(int(code, 16))
        return found


def _fitted(dots, wide):
    """A glyph in the cell that its character has: a narrow one in the middle of a wide cell, a wide one pressed into a narrow cell."""
    if wide and len(dots) == 16:
        return b"".join((row << 4).to_bytes(2, "big") for row in dots)
    if not wide and len(dots) == 32:
        pairs = (dots[at] << 8 | dots[at + 1] for at in range(0, 32, 2))
        return bytes(sum((row >> 2 * bit & 3 > 0) << bit for bit in range(8)) for row in pairs)
    return dots


@functools.cache
def font():
    """The Font of this machine, or None."""
    return next((Font(path) for path in PLACES if path.exists()), None)


def beyond_ascii(text):
    """The characters that the display's own font does not have, each once, in order of their codes."""
    return sorted({char for char in text if ord(char) > 126})


def gb(char):
    """Two or four bytes of GB 18030, as Chinese printers want them."""
    return char.encode("gb18030")


def languages(root=ROOT):
    """{code: source text} of the files that hold words."""
    return {path.stem: path.read_text() for path in sorted((root / LANGUAGES).glob("*.py")) if path.stem != "__init__"}


def module(texts):
    """Source of till/ui/glyphs.py for all characters of these texts. None where there is no font. Raises BadGlyph."""
    if font() is None:
        return None
    return _module("".join(beyond_ascii("".join(texts))))


@functools.cache
def _module(chars):
    found = [font().glyph(char) for char in chars]
    lacking = [char for char, dots in zip(chars, found) if dots is None or ord(char) > 0xFFFF]
    if lacking:
        raise BadGlyph("".join(lacking))
    codes = [gb(char) for char in chars]
    values = (("CODES", b"".join(ord(char).to_bytes(2, "big") for char in chars)), ("DATA", b"".join(dots.ljust(32, b"\0") for dots in found)),
              ("GB", b"".join(code if len(code) == 2 else b"\0\0" for code in codes)),
              ("ASCII", b"".join(font().glyph(char) for char in ASCII)))
    return "# glyphs.py: made from GNU Unifont at build time; till.ui.letters reads it.\n" + "".join("%s = %r\n" % pair for pair in values)


def letters(texts):
    """{character: "gb:dots" in hexadecimal} for an owner's own texts: what travels inside parameters. Raises BadGlyph."""
    chars = beyond_ascii("".join(texts))
    found = {char: font().glyph(char) if font() else None for char in chars}
    lacking = [char for char in chars if found[char] is None]
    if lacking:
        raise BadGlyph("".join(lacking))
    return {char: "%s:%s" % (gb(char).hex(), dots.hex()) for char, dots in found.items()}
