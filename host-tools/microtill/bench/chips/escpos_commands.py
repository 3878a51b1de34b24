# escpos_commands.py: the language of ESC/POS, a byte at a time. The unknown is skipped by its length; nothing that comes in can stop it.
from PIL import Image

from microtill.bench.chips.escpos_font import CELLS, styled
from microtill.bench.chips.escpos_line import CENTRE, LEFT, RIGHT, Line, Modes
from microtill.bench.chips.escpos_symbols import bar_image, bars, kind_of, qr_image

_DLE, _ESC, _FS, _GS, _HT, _LF, _CR = 0x10, 0x1B, 0x1C, 0x1D, 0x09, 0x0A, 0x0D
_SKIP = {                                       # commands of no effect here, with the number of their arguments
    _ESC: {0x25: 1, 0x3D: 1, 0x3F: 1, 0x42: 2, 0x4B: 1, 0x4C: 0, 0x53: 0, 0x54: 1, 0x56: 1, 0x57: 8,
           0x65: 1, 0x72: 1, 0x75: 1, 0x76: 0, 0x0C: 0},
    _FS: {0x43: 1, 0x53: 2, 0x70: 2},
    _GS: {0x24: 2, 0x2F: 1, 0x3A: 0, 0x50: 2, 0x54: 1, 0x5C: 2, 0x5E: 3, 0x62: 1, 0x63: 0, 0x67: 0, 0x6A: 1},
}
_ALIGN = {0: LEFT, 1: CENTRE, 2: RIGHT}
_QR_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H"}


def _low(n):
    """0, 1, 2 ... given as a number or as a digit."""
    return n - 48 if n >= 48 else n


class Interpreter:
    """Takes bytes by `feed`. `printer` is the mechanism: moved(rows), cut(), kick(pin, on_ms, off_ms), auto(n), tell(n), identify(n)."""

    def __init__(self, printer, paper, width):
        self.printer, self.paper, self.width = printer, paper, width
        self.line = Line(width, paper, self._fed)
        self._esc = {0x40: (0, self._initialise), 0x21: (1, self._print_mode), 0x45: (1, self._bold), 0x47: (1, self._double_strike),
                     0x2D: (1, self._underline), 0x61: (1, self._align), 0x64: (1, self._feed_lines), 0x4A: (1, self._feed_dots),
                     0x32: (0, self._default_spacing), 0x33: (1, self._spacing), 0x74: (1, self._page), 0x52: (1, self._national),
                     0x4D: (1, self._font), 0x7B: (1, self._upside_down), 0x20: (1, self._gap), 0x24: (2, self._to), 0x5C: (2, self._by),
                     0x70: (3, self._kick), 0x69: (0, self._cut_now), 0x6D: (0, self._cut_now), 0x63: (2, self._nothing)}
        self._gs = {0x21: (1, self._size), 0x42: (1, self._inverse), 0x68: (1, self._bar_height), 0x77: (1, self._bar_width),
                    0x48: (1, self._bar_text), 0x66: (1, self._bar_font), 0x4C: (2, self._margin), 0x57: (2, self._area),
                    0x61: (1, self._auto), 0x72: (1, self._status), 0x49: (1, self._identity)}
        self._fs = {0x26: (0, lambda: setattr(self.line.modes, "chinese", True)), 0x2E: (0, lambda: setattr(self.line.modes, "chinese", False)),
                    0x21: (1, self._chinese_mode), 0x2D: (1, self._chinese_underline), 0x57: (1, self._chinese_large)}
        self.power_on()

    def power_on(self):
        self._initialise()
        self._graphics = None
        self._program = self._read()
        next(self._program)

    def feed(self, byte):
        self._program.send(byte)

    def _fed(self, blank, burnt=0):
        """The line moved paper: blank rows are added, burnt ones are there already; both take time."""
        self.paper.feed(blank)
        self.printer.moved(blank + burnt)

    # --- the grammar

    def _read(self):
        while True:
            byte = yield
            if 0x80 < byte < 0xFF and self.line.modes.chinese:
                yield from self._gb18030(byte)
            elif byte >= 0x20:
                self.line.put(byte)
            elif byte == _LF:
                self.line.print()
            elif byte == _HT:
                self.line.tab()
            elif byte == _DLE:
                yield from self._real_time()
            elif byte == _ESC:
                yield from self._command(_ESC, self._esc, {0x2A: self._bit_image, 0x44: self._tabs, 0x26: self._own_characters,
                                                           0x28: self._block})
            elif byte == _GS:
                yield from self._command(_GS, self._gs, {0x6B: self._bar_code, 0x28: self._block, 0x76: self._raster, 0x56: self._cut,
                                                         0x38: self._long_block, 0x2A: self._own_image})
            elif byte == _FS:
                yield from self._command(_FS, self._fs, {0x28: self._block})

    def _command(self, lead, table, special):
        code = yield
        if code in special:
            yield from special[code]()
        elif code in table:
            count, action = table[code]
            action(*(yield from self._take(count)))
        else:
            yield from self._take(_SKIP[lead].get(code, 0))

    def _gb18030(self, first):
        """The other byte of a character, or its other three: a digit comes second where there are four. Half a character is no command."""
        code = bytes((first, (yield)))
        if 0x30 <= code[1] <= 0x39:
            code += yield from self._take(2)
        self.line.put_chinese(code)

    def _take(self, count):
        got = bytearray()
        while len(got) < count:
            got.append((yield))
        return bytes(got)

    def _number(self, size=2):
        return int.from_bytes((yield from self._take(size)), "little")

    def _real_time(self):
        """DLE EOT, ENQ, DC4: done when they arrived; here only their length counts."""
        code = yield
        n = yield
        if code == 0x04 and n in (7, 8, 18):
            yield
        elif code == 0x14:
            yield from self._take(7 if n == 8 else 2)

    # --- modes

    def _initialise(self):
        self.line.modes = Modes(self.width)
        self.line.clear()

    def _nothing(self, *args):
        """Known, with no effect on this printer."""

    def _print_mode(self, n):
        m = self.line.modes
        m.font, m.bold = "B" if n & 1 else "A", bool(n & 8)
        m.high, m.wide, m.underline = 2 if n & 16 else 1, 2 if n & 32 else 1, 1 if n & 128 else 0

    def _size(self, n):
        """GS !: of Latin and Chinese alike; whichever of this, ESC ! and FS ! came last counts."""
        if n & 0x88 == 0:
            m = self.line.modes
            m.wide, m.high = m.chinese_wide, m.chinese_high = (n >> 4) + 1, (n & 7) + 1

    def _chinese_mode(self, n):
        """FS !: bit 2 double width, 3 double height, 7 underline, of Chinese alone."""
        m = self.line.modes
        m.chinese_wide, m.chinese_high, m.chinese_underline = 2 if n & 4 else 1, 2 if n & 8 else 1, 1 if n & 128 else 0

    def _chinese_large(self, n):
        self.line.modes.chinese_wide = self.line.modes.chinese_high = 2 if n & 1 else 1

    def _chinese_underline(self, n):
        if _low(n) in (0, 1, 2):
            self.line.modes.chinese_underline = _low(n)

    def _bold(self, n):
        self.line.modes.bold = bool(n & 1)

    def _double_strike(self, n):
        self.line.modes.double_strike = bool(n & 1)

    def _underline(self, n):
        if _low(n) in (0, 1, 2):
            self.line.modes.underline = _low(n)

    def _inverse(self, n):
        self.line.modes.inverse = bool(n & 1)

    def _align(self, n):
        if self.line.empty and _low(n) in _ALIGN:       # counts at the beginning of a line only
            self.line.modes.align = _ALIGN[_low(n)]

    def _upside_down(self, n):
        if self.line.empty:
            self.line.modes.upside_down = bool(n & 1)

    def _font(self, n):
        if _low(n) in (0, 1):
            self.line.modes.font = "AB"[_low(n)]

    def _default_spacing(self):
        self.line.modes.spacing = 30

    def _spacing(self, n):
        self.line.modes.spacing = n

    def _page(self, n):
        self.line.modes.page = n

    def _national(self, n):
        self.line.modes.national = n

    def _gap(self, n):
        self.line.modes.gap = n

    def _margin(self, low, high):
        if self.line.empty:
            self.line.modes.margin = min(low | high << 8, self.width - 1)

    def _area(self, low, high):
        if self.line.empty:
            self.line.modes.area = max(1, low | high << 8)

    def _to(self, low, high):
        self.line.move(low | high << 8)

    def _by(self, low, high):
        step = low | high << 8
        self.line.move(self.line.x + (step - 65536 if step & 0x8000 else step))

    def _tabs(self):
        tabs = []
        while len(tabs) < 32 and (tab := (yield)):
            tabs.append(tab)
        self.line.modes.tabs = tuple(tabs)

    def _bar_height(self, n):
        self.line.modes.bar_height = max(1, n)

    def _bar_width(self, n):
        if 1 <= n <= 6:
            self.line.modes.bar_module = n

    def _bar_text(self, n):
        if _low(n) < 4:
            self.line.modes.bar_text = _low(n)

    def _bar_font(self, n):
        if _low(n) in (0, 1):
            self.line.modes.bar_font = "AB"[_low(n)]

    # --- paper, drawer, status

    def _flush(self):
        if not self.line.empty:
            self.line.print()

    def _feed_lines(self, n):
        """ESC d: print what waits, then so many lines on; the print itself is one of them."""
        waited = not self.line.empty
        self._flush()
        self._fed(max(0, n - waited) * self.line.modes.spacing)

    def _feed_dots(self, n):
        spacing, self.line.modes.spacing = self.line.modes.spacing, 0
        self._flush()
        self.line.modes.spacing = spacing
        self._fed(n)

    def _cut_now(self):
        self._flush()
        self.printer.cut()

    def _cut(self):
        """GS V: at once (0, 1, 48, 49), or after feeding n dots (65, 66, 97, 98, 103, 104)."""
        m = yield
        if m in (0, 1, 48, 49):
            self._cut_now()
        elif m in (65, 66, 97, 98, 103, 104):
            n = yield
            self._flush()
            self._fed(n)
            self.printer.cut()

    def _kick(self, pin, on, off):
        self.printer.kick(_low(pin), on * 2, off * 2)

    def _auto(self, n):
        self.printer.auto(n)

    def _status(self, n):
        self.printer.tell(_low(n))

    def _identity(self, n):
        self.printer.identify(n)

    # --- pictures

    def _strip(self, strip, text):
        """A picture on lines of its own."""
        self._flush()
        if strip.width <= self.line.room:
            self.line.burn(strip, text)

    def _bit_image(self):
        """ESC *: columns of 8 or 24 dots, into the line."""
        mode = yield
        columns = yield from self._number()
        if mode not in (0, 1, 32, 33):
            return
        deep = 3 if mode >= 32 else 1
        data = yield from self._take(columns * deep)
        shown = min(columns, self.width)
        cell = Image.new("L", (max(1, shown), deep * 8), 0)
        for x in range(shown):
            for y in range(deep * 8):
                if data[x * deep + y // 8] >> (7 - y % 8) & 1:
                    cell.putpixel((x, y), 255)
        wide, high = (1 if mode & 1 else 2), (1 if deep == 3 else 3)
        cell = cell.resize((cell.width * wide, cell.height * high), Image.Resampling.NEAREST)
        self.line.place(cell, cell.width)

    def _raster(self):
        """GS v 0: rows as they come, so that the head keeps pace with the wire."""
        if (yield) != 0x30:
            return
        mode = yield
        across, rows = (yield from self._number()), (yield from self._number())
        wide, high = 2 if mode & 1 else 1, 2 if mode & 2 else 1
        self._flush()
        self.paper.say(f"[image {across * 8 * wide}x{rows * high}]")
        for _ in range(rows):
            self._row((yield from self._take(across)), wide, high)

    def _row(self, data, wide, high):
        data = data[:self.width // 8]
        if data:
            strip = Image.frombytes("1", (len(data) * 8, 1), data).convert("L")
            self.line.burn(strip.resize((strip.width * wide, high), Image.Resampling.NEAREST))

    def _own_characters(self):
        """ESC &: characters of the user's own are read over."""
        deep, first, last = yield from self._take(3)
        for _ in range(max(0, last - first + 1)):
            yield from self._take((yield) * deep)

    def _own_image(self):
        """GS *: an image of the user's own is read over."""
        x, y = yield from self._take(2)
        yield from self._take(x * y * 8)

    def _bar_code(self):
        m = yield
        data = bytearray()
        if m >= 65:
            data += yield from self._take((yield))
        elif m <= 6:
            while byte := (yield):
                data.append(byte)
        else:
            return
        kind, modes = kind_of(m), self.line.modes
        drawn = bars(kind, bytes(data)) if kind else None
        if drawn is None or len(drawn[0]) * modes.bar_module > self.line.room:
            self._flush()
            return
        modules, text = drawn
        strip = bar_image(modules, modes.bar_module, modes.bar_height)
        self._strip(self._with_text(strip, text, modes), f"[{kind} {text}]")

    def _with_text(self, bars_strip, text, modes):
        """Bars with the readable line above (1), below (2) or both (3)."""
        if not modes.bar_text:
            return bars_strip
        width, height = CELLS[modes.bar_font]
        above, below = (height + 2 if modes.bar_text & 1 else 0), (height + 2 if modes.bar_text & 2 else 0)
        whole = Image.new("L", (max(bars_strip.width, len(text) * width), bars_strip.height + above + below), 0)
        whole.paste(bars_strip, ((whole.width - bars_strip.width) // 2, above))
        for y in [0] * bool(above) + [above + bars_strip.height + 2] * bool(below):
            for i, letter in enumerate(text):
                x = (whole.width - len(text) * width) // 2 + i * width
                whole.paste(styled(letter, modes.bar_font, 1, 1, False, 0, False), (x, y))
        return whole

    # --- blocks with a length: GS ( and friends

    def _block(self):
        kind = yield
        body = yield from self._take((yield from self._number()))
        self._blocked(kind, body)

    def _long_block(self):
        kind = yield
        body = yield from self._take((yield from self._number(4)) & 0xFFFFF)
        self._blocked(kind, body)

    def _blocked(self, kind, body):
        if kind == 0x6B and len(body) >= 2 and body[0] == 49:
            self._qr(body[1], body[2:])
        elif kind == 0x4C and len(body) >= 2 and body[0] == 48:
            self._graphic(body[1], body[2:])

    def _qr(self, function, body):
        modes = self.line.modes
        if function == 67 and body and 1 <= body[0] <= 16:
            modes.qr_module = body[0]
        elif function == 69 and body:
            modes.qr_level = _QR_LEVELS.get(body[0], modes.qr_level)
        elif function == 80:
            modes.qr_data = body[1:]
        elif function == 81 and modes.qr_data:
            strip = qr_image(modes.qr_data, modes.qr_module, modes.qr_level)
            if strip:
                self._strip(strip, "[QR " + modes.qr_data.decode("utf-8", "replace") + "]")

    def _graphic(self, function, body):
        """GS ( L: store a raster (112), print what is stored (2, 50)."""
        if function == 112 and len(body) >= 8:
            wide, high = body[1], body[2]
            columns, rows = body[4] | body[5] << 8, body[6] | body[7] << 8
            across, data = (columns + 7) // 8, body[8:]
            if wide in (1, 2) and high in (1, 2) and columns and rows and len(data) >= across * rows:
                strip = Image.frombytes("1", (across * 8, rows), data[:across * rows]).convert("L").crop((0, 0, columns, rows))
                self._graphics = strip.resize((columns * wide, rows * high), Image.Resampling.NEAREST)
        elif function in (2, 50) and self._graphics:
            strip, self._graphics = self._graphics, None
            self._strip(strip, f"[image {strip.width}x{strip.height}]")
