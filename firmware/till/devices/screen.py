# screen.py: the owner of the display: rows of text into a picture, changed pages to the chip. A dead display is an event, not an end.
import asyncio

import framebuf
from micropython import const

from till.core import log
from till.core.flag import Flag
from till.ui import letters

CELL, WIDTH, HEIGHT = const(8), const(128), const(64)
_AGAIN_MS = const(5_000)
BRIGHT, DIM = const(0xCF), const(0x08)              # contrast: as the driver starts the panel, and in the dark
_TWICE = b"\x00\x03\x0c\x0f\x30\x33\x3c\x3f\xc0\xc3\xcc\xcf\xf0\xf3\xfc\xff"        # four dots, each twice
_SWAPPED = framebuf.FrameBuffer(bytearray(b"\x80"), 2, 1, framebuf.MONO_HLSB)       # a palette: dark on light


class Screen:
    """A screen is rows of text. "=" first: a bar, dark on light; "!" first: double size. "|" before all that, or a character beyond ASCII
    in the text: a row of 16 dots instead of 8. `own`: characters that the firmware was not built with, as till.ui.letters takes them.
    `offer` hears ("health", "screen_dead" | "screen_back"); a dead display is tried again whenever something
    changes, and every 5 s."""

    def __init__(self, chip, error, own=None, offer=None):
        self._chip, self._error, self._offer = chip, error, offer
        self._own = {} if own is None else own
        self._rows, self._flag = None, Flag()
        self._level = self._sent_level = BRIGHT
        self.works = None               # unknown until the chip has answered

    def show(self, rows):
        """Draw now; the chip gets it as soon as the loop turns."""
        if rows == self._rows:
            return
        self._rows = rows
        frame = self._chip.frame
        frame.fill(0)
        top = 0
        for style, high, text in fitted(rows):
            self._row(frame, style, high, text, top)
            top += high
        self._flag.set()

    def dim(self, on):
        """As dark as can still be read, or as bright as at start."""
        self.contrast(DIM if on else BRIGHT)

    def contrast(self, level):
        """0 to 255, as soon as the loop turns."""
        if level != self._level:
            self._level = level
            self._flag.set()

    def _row(self, frame, style, high, text, top):
        """Draw one row, in the middle."""
        if style == "=":
            frame.fill_rect(0, top, WIDTH, high, 1)
        if high == CELL:
            frame.text(text, max(0, (WIDTH - len(text) * CELL) // 2), top, 0 if style == "=" else 1)
        elif style == "!" and letters.plain(text):
            _double(frame, text, top)
        elif letters.there() or self._own:
            self._tall(frame, text, top, _SWAPPED if style == "=" else None)
        else:
            text = "".join(char if char < "\x7f" else "?" for char in text)
            frame.text(text, max(0, (WIDTH - len(text) * CELL) // 2), top + CELL // 2, 0 if style == "=" else 1)

    def _tall(self, frame, text, top, palette):
        left = max(0, (WIDTH - letters.width(text) * CELL) // 2)
        for char in text:
            dots = letters.glyph(char, self._own) or letters.glyph("?", self._own)
            if dots is None:            # a table without ASCII: only an owner's letters are known
                frame.text(char if char < "\x7f" else "?", left, top + CELL // 2, 0 if palette else 1)
                left += CELL
                continue
            wide = len(dots) // 2
            frame.blit(framebuf.FrameBuffer(bytearray(dots), wide, 2 * CELL, framebuf.MONO_HLSB), left, top, -1, palette)
            left += wide

    async def run(self):
        """Send what changed, whenever something did."""
        while True:
            if self.works is False:
                await self._awhile()
            else:
                await self._flag.wait()
            try:
                if not self.works:
                    await self._chip.start()
                    self._sent_level = BRIGHT
                if self._level != self._sent_level:
                    self._chip.contrast(self._level)
                    self._sent_level = self._level
                self._chip.mark()
                await self._chip.flush()
                self._told(True)
            except self._error as error:
                if self.works is not False:
                    log.event("device", "", "screen", error.code)
                self._told(False)

    async def _awhile(self):
        """Until something changes, or it is time for another look at a display that is dead."""
        try:
            await asyncio.wait_for_ms(self._flag.wait(), _AGAIN_MS)     # pyright: ignore[reportAttributeAccessIssue]
        except asyncio.TimeoutError:
            pass

    def _told(self, works):
        """Offer a change for the worse, or back from it."""
        before, self.works = self.works, works
        if self._offer and works != before and not (before is None and works):
            self._offer("health", "screen_back" if works else "screen_dead")


def fitted(rows):
    """[(style, height in dots, text)] of rows; where they are too high together, blank ones go, the last first."""
    out = [_split(row) for row in rows]
    over = sum(high for _, high, _ in out) - HEIGHT
    for at in range(len(out) - 1, -1, -1):
        if over > 0 and not out[at][2].strip() and out[at][0] != "=":
            over -= out.pop(at)[1]
    return out


def _split(row):
    tall = row[:1] == "|"
    if tall:
        row = row[1:]
    style = row[:1] if row[:1] in ("=", "!") else ""
    text = row[len(style):]
    return style, 2 * CELL if tall or style == "!" or not letters.plain(text) else CELL, text


def _double(frame, text, top):
    """Letters of the small font, 16 dots high, and 16 wide where that leaves room: byte by byte, each four dots looked up."""
    wide = 2 if len(text) * CELL * 2 <= WIDTH else 1
    left = max(0, (WIDTH - len(text) * CELL * wide) // 2)
    small, large = bytearray(CELL), bytearray(2 * CELL * wide)
    glyph = framebuf.FrameBuffer(small, CELL, CELL, framebuf.MONO_HLSB)
    doubled = framebuf.FrameBuffer(large, CELL * wide, 2 * CELL, framebuf.MONO_HLSB)
    for char in text:
        glyph.fill(0)
        glyph.text(char, 0, 0, 1)
        for y in range(CELL):
            at, row = 2 * y * wide, small[y]
            if wide == 2:
                large[at], large[at + 1] = _TWICE[row >> 4], _TWICE[row & 15]
                large[at + 2:at + 4] = large[at:at + 2]
            else:
                large[at] = large[at + 1] = row
        frame.blit(doubled, left, top)
        left += CELL * wide
