# screen.py: the owner of the display: rows of text into a picture, changed pages to the chip. A dead display is an event, not an end.
import asyncio
import framebuf

from till.core import log

ROWS, CELL, WIDTH = 8, 8, 128


class Screen:
    """A screen is rows of text: "=" first: a bar, dark on light; "!" first: double size, two rows high."""

    def __init__(self, chip, error):
        self._chip, self._error = chip, error
        self._rows, self._flag = None, asyncio.ThreadSafeFlag()
        self.works = None               # unknown until the chip has answered

    def show(self, rows):
        """Draw now; the chip gets it as soon as the loop turns."""
        if rows == self._rows:
            return
        self._rows = rows
        frame = self._chip.frame
        frame.fill(0)
        at = 0
        for row in rows:
            at += self._row(frame, row, at)
        self._flag.set()

    def _row(self, frame, row, at):
        """Draw one row; returns how many rows it took."""
        style, text = row[:1], row[1:]
        if style == "!":
            self._big(frame, text, at * CELL)
            return 2
        if style == "=":
            frame.fill_rect(0, at * CELL, WIDTH, CELL, 1)
        else:
            text = row
        frame.text(text, max(0, (WIDTH - len(text) * CELL) // 2), at * CELL, 0 if style == "=" else 1)
        return 1

    def _big(self, frame, text, top):
        """Double size, dot by dot of the small glyphs: drawn on a row below, then doubled."""
        if not text:
            return
        small = bytearray(len(text) * CELL)
        glyphs = framebuf.FrameBuffer(small, len(text) * CELL, CELL, framebuf.MONO_VLSB)
        glyphs.text(text, 0, 0, 1)
        left = max(0, (WIDTH - len(text) * CELL * 2) // 2)
        for x in range(len(small)):
            column = small[x]
            y = top
            while column:
                if column & 1:
                    frame.fill_rect(left + 2 * x, y, 2, 2, 1)
                column >>= 1
                y += 2

    async def run(self):
        """Send what changed, whenever something did."""
        while True:
            await self._flag.wait()
            try:
                if not self.works:
                    await self._chip.start()
                self._chip.mark()
                await self._chip.flush()
                self.works = True
            except self._error as error:
                if self.works is not False:
                    self.works = False
                    log.event("device", "", "screen", error.code)
