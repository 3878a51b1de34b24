# escpos_line.py: what the next line on paper will look like: modes, cells in a row, and the line once it is full. It never overflows.
from PIL import Image

from microtill.bench.chips.escpos_font import CELLS, character, styled

LEFT, CENTRE, RIGHT = 0, 1, 2
_SPACING = 30                                   # dots, ESC 2
_TABS = tuple(range(8, 256, 8))


class Modes:
    """Everything that ESC @ sets back."""

    def __init__(self, width):
        self.font, self.wide, self.high = "A", 1, 1
        self.bold = self.double_strike = self.inverse = self.upside_down = False
        self.underline, self.align, self.spacing, self.gap = 0, LEFT, _SPACING, 0
        self.chinese, self.chinese_wide, self.chinese_high, self.chinese_underline = False, 1, 1, 0
        self.page, self.national, self.tabs = 0, 0, _TABS
        self.margin, self.area = 0, width
        self.bar_height, self.bar_module, self.bar_text, self.bar_font = 162, 3, 0, "A"
        self.qr_module, self.qr_level, self.qr_data = 3, "L", b""


class Line:
    """The print buffer: cells that wait for a line feed. `burn(strip, x, upside_down)` and `feed(dots)` are what it does to paper."""

    def __init__(self, width, paper, feed):
        self.width, self.paper, self.feed = width, paper, feed
        self.modes = Modes(width)
        self.clear()

    def clear(self):
        self._cells, self.x, self._text = [], 0, ""

    @property
    def empty(self):
        return not self._cells

    @property
    def room(self):
        """Dots from the left margin to the end of the print area."""
        return max(1, min(self.modes.area, self.width - self.modes.margin))

    @property
    def cell_width(self):
        return CELLS[self.modes.font][0] * self.modes.wide + self.modes.gap

    def put(self, code):
        """One character of the code page."""
        m = self.modes
        text = character(code, m.page, m.national)
        cell = styled(text, m.font, m.wide, m.high, m.bold or m.double_strike, m.underline, m.inverse)
        self.place(cell, cell.width + m.gap, text)

    def put_chinese(self, code):
        """One character of GB 18030, two or four bytes; what is none is a box."""
        m = self.modes
        text = code.decode("gb18030", "replace")[:1]
        cell = styled(text, "Chinese", m.chinese_wide, m.chinese_high, m.bold or m.double_strike, m.chinese_underline, m.inverse)
        self.place(cell, cell.width, text)

    def place(self, cell, advance, text=""):
        """A cell of any size; a full line goes first."""
        if self._cells and self.x + cell.width > self.room:
            self.print()
        self._cells.append((self.x, cell))
        self.x += advance
        self._text += text

    def tab(self):
        column = self.x // self.cell_width
        stop = next((tab for tab in self.modes.tabs if tab > column), None)
        if stop is not None and stop * self.cell_width < self.room:
            self.move(stop * self.cell_width)

    def move(self, x):
        """To dot `x` of the line (ESC $, ESC \\, HT)."""
        if 0 <= x < self.room:
            gap = (x - self.x) // CELLS[self.modes.font][0]
            self._text += " " * max(0, gap)
            self.x = x

    def print(self):
        """Burn the line and feed by the line spacing, or by the tallest cell where that is more."""
        m = self.modes
        height = max((cell.height for _, cell in self._cells), default=0)
        if self._cells:
            used = max(x + cell.width for x, cell in self._cells)
            strip = Image.new("L", (used, height), 0)
            for x, cell in self._cells:
                strip.paste(cell, (x, height - cell.height))
            self.burn(strip, self._text)
        else:
            self.paper.say("")
        self.clear()
        self.feed(max(0, m.spacing - height))

    def burn(self, strip, text=None):
        """A strip where the alignment wants it; its text twin is indented alike."""
        m = self.modes
        spare = max(0, self.room - strip.width)
        x = m.margin + {LEFT: 0, CENTRE: spare // 2, RIGHT: spare}[m.align]
        self.paper.burn(strip.crop((0, 0, min(strip.width, self.width), strip.height)), x, m.upside_down)
        if text is not None:
            self.paper.say((" " * (x // CELLS["A"][0]) + text).rstrip())
        self.feed(0, strip.height)
