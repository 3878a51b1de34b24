# printer.py: the owner of the printer: whole receipts, one at a time. What did not come out is "paper_out", "silent" and so on; never a guess.
import asyncio

from till.core import log

PRINTED, UNKNOWN = "printed", "unknown"
_NAMED = {"paper_out": "paper_out", "silent": "printer_silent"}
_FEED_LINES = 4                 # from the head to the cutter
_STYLES = {                     # align (0 left, 1 centre), bold, double width, double height
    "title": (1, True, True, True), "big": (1, True, False, True), "centre": (1, False, False, False),
    "bold": (0, True, False, False), "line": (0, False, False, False),
}


class Printer:
    """`chip`: drivers/escpos_printer. `print(lines)` takes (style, text) rows and says how it ended."""

    def __init__(self, chip, offer, error):
        self._chip, self._offer, self._error = chip, offer, error
        self._busy, self._style = asyncio.Lock(), None
        self.state = UNKNOWN            # until the printer has said something

    async def print(self, rows, within_ms=30_000):
        """Print and cut. Returns "printed", or the reason why it is not known to be: "paper_out", "silent", "cover", "hot" ..."""
        async with self._busy:
            return await self._told(self._whole(rows, within_ms))

    async def resume(self, within_ms=30_000):
        """The paper is back: what the printer still holds comes out. Returns as `print`."""
        async with self._busy:
            return await self._told(self._chip.finish(within_ms))

    async def _told(self, work):
        try:
            await work
            self.state = PRINTED
        except self._error as error:
            self.state = error.code
            log.event("device", "", "printer", error.code)
            if error.code in _NAMED:
                self._offer("health", _NAMED[error.code])
        return self.state

    async def _whole(self, rows, within_ms):
        await self._chip.start()
        self._style = _STYLES["line"]
        for style, text in rows:
            await self._row(style, text)
        await self._chip.cut(_FEED_LINES)
        await self._chip.finish(within_ms)

    async def _row(self, style, text):
        align, bold, wide, high = _STYLES[style]
        chip = self._chip
        if (align, bold, wide, high) != self._style:
            await chip.align(align)
            await chip.bold(bold)
            await chip.size(wide, high)
            self._style = align, bold, wide, high
        await chip.write_line(text.encode())
