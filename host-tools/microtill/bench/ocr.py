# ocr.py: the display's pixels read back as text, with the very glyphs that the interpreter's framebuf draws. What it cannot read is "?".
import functools
import os
import subprocess
import sys
from pathlib import Path

WIDTH, HEIGHT, CELL = 128, 64, 8
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


def text(pixels):
    """Lines of text on a 128x64 picture (8,192 bytes of 0 or 1): rows of 8 dots, double-size rows of 16, dark on light too."""
    lines, row = [], 0
    while row < HEIGHT // CELL:
        found = _line(pixels, row * CELL, 1)
        high = _line(pixels, row * CELL, 2) if row < HEIGHT // CELL - 1 else None
        if high and high.strip() and (found is None or "?" in found or not found.strip()):
            lines.append(high)
            row += 2
            continue
        lines.append(found if found is not None else "?")
        row += 1
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def _line(pixels, top, scale):
    """The text of one row at this scale, "" where it is blank, None where no alignment reads it."""
    cell = CELL * scale
    invert = sum(pixels[top * WIDTH:(top + 1) * WIDTH]) > WIDTH * 3 // 4
    for shift in range(cell):
        got = _aligned(pixels, top, scale, shift, invert)
        if got is not None:
            return got
    return None


def _aligned(pixels, top, scale, shift, invert):
    cell = CELL * scale
    out = " " * (shift // cell)
    if any(_on(pixels, x, top + y, invert) for x in range(shift) for y in range(cell)):
        return None
    for left in range(shift, WIDTH, cell):
        glyph = _cell(pixels, left, top, scale, invert)
        char = glyphs().get(glyph) if glyph is not None else None
        if char is None:
            return None
        out += char
    return out if out.strip() else ""


def _on(pixels, x, y, invert):
    return (pixels[y * WIDTH + x] if x < WIDTH else 0) ^ (invert and x < WIDTH)


def _cell(pixels, left, top, scale, invert):
    rows = bytearray(CELL)
    for y in range(CELL * scale):
        for x in range(CELL * scale):
            if _on(pixels, left + x, top + y, invert):
                rows[y // scale] |= 0x80 >> (x // scale)
            elif rows[y // scale] >> (7 - x // scale) & 1:
                return None             # half a dot: not this alignment
    return bytes(rows)
