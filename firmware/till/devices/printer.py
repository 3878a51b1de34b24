# printer.py: the owner of the printer: whole receipts, one at a time. What did not come out is "paper_out", "silent" and so on; never a guess.
import asyncio

from till.core import log

PRINTED, UNKNOWN = "printed", "unknown"
_NAMED = {"paper_out": "paper_out", "silent": "printer_silent"}


class Printer:
    """`chip`: drivers/escpos_printer. `print(lines)` takes (style, text) rows and says how it ended."""

    def __init__(self, chip, offer, error):
        self._chip, self._offer, self._error = chip, offer, error
        self._busy = asyncio.Lock()
        self.state = UNKNOWN            # until the printer has said something

    async def print(self, rows, within_ms=30_000):
        """Print and cut. Returns "printed", or the reason why it is not known to be: "paper_out", "silent", "cover", "hot"."""
        async with self._busy:
            try:
                for style, text in rows:
                    await self._row(style, text)
                await self._chip.cut()
                await self._chip.finish(within_ms)
                self.state = PRINTED
            except self._error as error:
                self.state = error.code
                log.event("device", "", "printer", error.code)
                if error.code in _NAMED:
                    self._offer("health", _NAMED[error.code])
            return self.state

    async def _row(self, style, text):
        chip = self._chip
        if style == "title":
            await chip.style(align=1, bold=True, width=2, height=2)
        elif style == "big":
            await chip.style(align=1, bold=True, width=1, height=2)
        elif style == "centre":
            await chip.style(align=1)
        elif style == "bold":
            await chip.style(bold=True)
        else:
            await chip.style()
        if style == "qr":
            await chip.style(align=1)
            await chip.qr(text)
        else:
            await chip.write_line(text.encode())
