# printer.py: the owner of the printer: whole receipts, one at a time. What did not come out is "paper_out", "silent" and so on; never a guess.
import asyncio
from micropython import const

from till.core import log
from till.ui import letters

PRINTED, UNKNOWN, HOT = "printed", "unknown", "hot"
_NAMED = {"paper_out": "paper_out", "silent": "printer_silent"}
_FEED_LINES = const(4)          # from the head to the cutter
_LOOSE = const(60)              # dots a line of double height, where Chinese fills its cells to the brim
_PAUSE_MS = const(150)          # after each row while the head is hot
_COOLS = const(2000)            # hundredths of a degree that a head loses in a minute, about
_STYLES = {                     # align (0 left, 1 centre), bold, double width, double height
    "title": (1, True, True, True), "big": (1, True, False, True), "centre": (1, False, False, False),
    "bold": (0, True, False, False), "line": (0, False, False, False),
}


class Printer:
    """`chip`: drivers/escpos_printer. `print(lines)` takes (style, text) rows and says how it ended. `own`: characters that the firmware was
    not built with, as till.ui.letters takes them. `facts.head_level`: "hot" slows printing, "too_hot" stops it before the next row.
    `watched(on)` hears when printing begins and ends."""

    def __init__(self, chip, offer, error, own=None, facts=None):
        self._chip, self._offer, self._error, self._facts = chip, offer, error, facts
        self._own = {} if own is None else own
        self._busy, self._style, self._troubled = asyncio.Lock(), None, False
        self._rows, self._next, self._cut = (), None, False     # next: the row to send, None before the printer was started
        self.watched = lambda on: None
        self.state = UNKNOWN            # until the printer has said something

    async def print(self, rows, within_ms=30_000):
        """Print and cut. Returns "printed", or the reason why it is not known to be: "paper_out", "silent", "cover", "hot" ..."""
        async with self._busy:
            self._rows, self._next, self._cut = tuple(rows), None, False
            return await self._told(within_ms)

    async def resume(self, within_ms=30_000):
        """The paper is back, or the head has cooled: what is left comes out, and what the printer still holds. One that was silent may have lost
        what it held, so it gets all of it again. Returns as `print`."""
        async with self._busy:
            if self.state == "silent":
                self._next, self._cut = None, False
            return await self._told(within_ms)

    async def answers(self):
        """Is it there, and ready to print? None where it says nothing."""
        async with self._busy:
            return (await self._chip.status()).online

    def too_hot(self):
        return self._level() == "too_hot"

    def cool_min(self):
        """Minutes until the head has cooled, about; "?" where nobody knows how hot it is."""
        centi = self._facts.head_c if self._facts else None
        return "?" if centi is None else max(1, (centi - self._facts.head_again_c + _COOLS - 1) // _COOLS)

    def _level(self):
        return self._facts.head_level if self._facts else None

    async def _told(self, within_ms):
        self.watched(True)
        try:
            self.state = await self._out(within_ms)
        except self._error as error:
            self.state = error.code
        finally:
            self.watched(False)
        if self.state == PRINTED:
            if self._troubled:
                self._troubled = False
                self._offer("health", "printer_prints")
            return PRINTED
        log.event("device", "", "printer", self.state)
        if self.state in _NAMED:
            self._troubled = True
            self._offer("health", _NAMED[self.state])
        return self.state

    async def _out(self, within_ms):
        """From the row where it stopped. A row counts once the driver has taken it."""
        if self.too_hot():
            return HOT
        if self._next is None:
            await self._chip.start()
            self._style, self._next = _STYLES["line"], 0
        while self._next < len(self._rows):
            if self.too_hot():
                return HOT
            await self._row(*self._rows[self._next])
            self._next += 1
            if self._level() == "hot":
                await asyncio.sleep_ms(_PAUSE_MS)
        if not self._cut:
            await self._chip.cut(_FEED_LINES)
            self._cut = True
        await self._chip.finish(within_ms)
        return PRINTED

    async def _row(self, style, text):
        align, bold, wide, high = _STYLES[style]
        chip = self._chip
        if (align, bold, wide, high) != self._style:
            await chip.align(align)
            await chip.bold(bold)
            await chip.size(wide, high)
            self._style = align, bold, wide, high
        if letters.plain(text):
            return await chip.write_line(text.encode())
        if high:
            await chip.spacing(_LOOSE)
        await chip.write_text(encoded(text, self._own))
        if high:
            await chip.spacing()


def encoded(text, own):
    """(chinese, bytes) parts of a row: page 1252 as far as it goes, GB 18030 for what is in the table of glyphs, "?" for the rest."""
    parts = []
    for char in text:
        code = letters.page_1252(char)
        data = bytes((code,)) if code is not None else letters.gb18030(char, own)
        chinese = code is None and data is not None
        if not parts or parts[-1][0] != chinese:
            parts.append((chinese, b""))
        parts[-1] = chinese, parts[-1][1] + (data or b"?")
    return parts
