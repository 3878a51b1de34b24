# ocr.py: the display's pixels read back as text, with the very glyphs that the firmware draws: the interpreter's small font, and Unifont for
# tall rows, Chinese included. What it cannot read is "?".
import functools
import os
import subprocess
import sys
from pathlib import Path

from microtill import glyphs as unifont

WIDTH, HEIGHT, CELL = 128, 64, 8
_BEYOND = 16                        # dark columns right of the picture, so that a cell may stick out
_DIGITS = bytes(48 + (dot > 0) for dot in range(256))
_DUMP = """
import framebuf
for code in range(32, 127):
    cell = bytearray(8)
    framebuf.FrameBuffer(cell, 8, 8, framebuf.MONO_HLSB).text(chr(code), 0, 0)
    print(cell.hex())
"""


@functools.cache
def glyphs():
    """{8 bytes, a row each: character} of the 8x8 font built into MicroPython, asked of the interpreter itself."""
    program = os.environ.get("MICROPYTHON") or str(Path(sys.executable).parent / "micropython")
    said = subprocess.run([program, "-c", _DUMP], capture_output=True, text=True, check=True).stdout.split()
    return {bytes.fromhex(line): chr(32 + n) for n, line in enumerate(said)}


@functools.cache
def _drawn(wide, high):
    """{rows of a cell as numbers: character} of the small font, each dot `wide` by `high`."""
    return {tuple(_stretched(row, wide) for row in dots for _ in range(high)): char for dots, char in glyphs().items()}


def _stretched(row, wide):
    return sum((row >> bit & 1) * ((1 << wide) - 1) << bit * wide for bit in range(8))


@functools.cache
def _tall(every):
    """({8x16 cell: character}, {16x16 cell: character}) of the languages' characters, or of `every` Chinese one besides."""
    font = unifont.font()
    if font is None:
        return {}, {}
    used = unifont.beyond_ascii("".join(unifont.languages().values()) + "".join(map(chr, range(0xA1, 0x100))) + "€")
    narrow = {_rows(font.glyph(char)): char for char in [*used, *unifont.ASCII] if ord(char) < unifont.WIDE and font.glyph(char)}
    dots = font.wide() if every else {font.glyph(char): char for char in used if ord(char) >= unifont.WIDE and font.glyph(char)}
    return narrow, {_rows(glyph): char for glyph, char in dots.items() if any(glyph)}


def _rows(dots):
    size = len(dots) // 16
    return tuple(int.from_bytes(dots[at:at + size], "big") for at in range(0, len(dots), size))


@functools.lru_cache(maxsize=1024)
def text(pixels):
    """Lines of text on a 128x64 picture (8,192 bytes of 0 or 1): rows of 8 dots, of 16 in double size or of tall letters, dark on light too."""
    rows = [int(pixels[at:at + WIDTH].translate(_DIGITS), 2) for at in range(0, WIDTH * HEIGHT, WIDTH)]
    lines, top = [], 0
    while top < HEIGHT:
        line, high = _read(tuple(rows[top:top + 2 * CELL]))
        lines.append(line)
        top += high
    return "\n".join(line.rstrip() for line in lines).strip("\n")


@functools.lru_cache(maxsize=4096)
def _read(rows):
    """(text, height in dots) of the row that begins here. A letter may be blank in its upper half ("_"), so high ones are tried first."""
    if not any(rows):
        return "", CELL
    ways = ((2 * CELL, _tall(False)), (2 * CELL, ({}, _drawn(2, 2))), (2 * CELL, (_drawn(1, 2), {})), (CELL, (_drawn(1, 1), {})))
    for high, tables in ways:
        line = _either(rows, high, tables)
        if line is not None and (line or high == CELL):
            return line, high
    line = _either(rows, 2 * CELL, _tall(True))             # slower: characters of an owner's own
    return ("?", CELL) if line is None else (line, 2 * CELL)


def _either(rows, high, tables):
    """The text of so many rows of dots, light on dark or dark on light. None where neither can be read, or the picture ends before."""
    if high > len(rows):
        return None
    for inverse in (0, (1 << WIDTH) - 1):
        line = _line([(row ^ inverse) << _BEYOND for row in rows[:high]], *tables)
        if line is not None:
            return line
    return None


def _line(rows, narrow, wide):
    """The text of rows cut into cells of 8 and of 16 columns, "" where blank, None where no alignment reads it."""
    for shift in range(2 * CELL if not narrow else CELL):
        if not any(row >> (WIDTH + _BEYOND - shift) for row in rows):
            got = _aligned(rows, shift, narrow, wide)
            if got is not None:
                return got if got.strip() else ""
    return None


def _aligned(rows, shift, narrow, wide):
    out, left = "", shift
    while left < WIDTH:
        char = None
        for table, size in ((wide, 2 * CELL), (narrow, CELL)):
            if table and char is None:
                right = WIDTH + _BEYOND - left - size
                char = table.get(tuple(row >> right & (1 << size) - 1 for row in rows))
                step = size
        if char is None:
            return None
        out += char
        left += step
    return out
