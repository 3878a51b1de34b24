# ssd1306.py: a 128x64 OLED at its I2C wire, from Solomon's SSD1306 rev 1.1. Unknown commands are taken and do nothing, as the chip does.
from PIL import Image, ImageChops, ImageDraw, ImageFilter

WIDTH, HEIGHT, _PAGES = 128, 64, 8
_HORIZONTAL, _VERTICAL, _PAGE = 0, 1, 2
_ARGUMENTS = {0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2, 0xA8: 1,
              0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1}        # table 9-1
_BIT = tuple(tuple(bytes(byte >> bit & 1 ^ inverse for byte in range(256)) for bit in range(8)) for inverse in (0, 1))
_WHITE = bytes((0, 255)) + bytes(254)
_GLOW, _DARK, _GLASS = (150, 222, 255), (14, 19, 26), (4, 6, 10)


class SSD1306:
    """The controller and its glass. `gddram` is 1,024 bytes, page by page, least significant bit on top."""

    def __init__(self, world, address=0x3C):
        self.world, self.address, self.on_change = world, address, None
        self.bytes_in = 0
        self.gddram = bytearray(WIDTH * _PAGES)
        self.power_on()

    def power_on(self):
        """Reset values of section 8.5. The memory holds whatever it held: the chip clears nothing."""
        self.display_on = self.inverse = self.all_on = self.charge_pump = self.remap = self.scan_down = False
        self.contrast, self.start_line, self.offset, self.multiplex = 0x7F, 0, 0, 64
        self.mode, self.columns, self.pages = _PAGE, (0, WIDTH - 1), (0, _PAGES - 1)
        self.column = self.page = self.page_start = 0
        self._command, self._wanted = bytearray(), 0
        self.bytes_in = 0

    @property
    def lit(self):
        """Something can be seen: display on, and the charge pump feeds the panel."""
        return self.display_on and self.charge_pump

    def write(self, data):
        """One transaction after the address: control bytes with Co and D/C#, then commands or data (8.1.5.2)."""
        self.bytes_in += len(data)
        before = self._seen()
        at, changed = 0, False
        while at < len(data):
            control = data[at]
            if control & 0x80:
                stream, at = data[at + 1:at + 2], at + 2
            else:
                stream, at = data[at + 1:], len(data)
            if control & 0x40:
                changed |= self._store(stream)
            else:
                for byte in stream:
                    self._take(byte)
        if self.on_change and (changed or self._seen() != before):
            self.on_change()

    def read(self, size):
        """Status: bit 6 is set while the display is off."""
        return bytes((0x00 if self.display_on else 0x40,)) * size

    def _seen(self):
        return (self.display_on, self.charge_pump, self.inverse, self.all_on, self.start_line, self.offset, self.multiplex,
                self.remap, self.scan_down, self.contrast)

    def _store(self, data):
        changed = False
        for byte in data:
            at = self.page * WIDTH + self.column
            if self.gddram[at] != byte:
                self.gddram[at], changed = byte, True
            self._advance()
        return changed

    def _advance(self):
        """The address pointer after one byte (10.1.3)."""
        first, last = self.columns if self.mode != _PAGE else (0, WIDTH - 1)
        if self.mode == _VERTICAL:
            if self.page == self.pages[1]:
                self.page = self.pages[0]
                self.column = first if self.column == last else (self.column + 1) % WIDTH
            else:
                self.page = (self.page + 1) % _PAGES
            return
        if self.column != last:
            self.column = (self.column + 1) % WIDTH
            return
        self.column = first
        if self.mode == _HORIZONTAL:
            self.page = self.pages[0] if self.page == self.pages[1] else (self.page + 1) % _PAGES

    def _take(self, byte):
        self._command.append(byte)
        if len(self._command) == 1:
            self._wanted = _ARGUMENTS.get(byte, 0)
        if len(self._command) > self._wanted:
            command, arguments = self._command[0], bytes(self._command[1:])
            self._command.clear()
            self._run(command, arguments)

    def _run(self, command, arguments):
        if command < 0x10:
            self.column = self.column & 0xF0 | command
        elif command < 0x20:
            self.column = (self.column & 0x0F | command << 4) & 0x7F
        elif 0x40 <= command < 0x80:
            self.start_line = command & 0x3F
        elif 0xB0 <= command < 0xB8:
            self.page = command & 7
        elif command in (0xA0, 0xA1):
            self.remap = bool(command & 1)
        elif command in (0xA4, 0xA5):
            self.all_on = bool(command & 1)
        elif command in (0xA6, 0xA7):
            self.inverse = bool(command & 1)
        elif command in (0xAE, 0xAF):
            self.display_on = bool(command & 1)
        elif command & 0xF0 == 0xC0:
            self.scan_down = bool(command & 8)
        elif arguments:
            self._set(command, arguments)

    def _set(self, command, arguments):
        first = arguments[0]
        if command == 0x20 and first & 3 != 3:
            self.mode = first & 3
        elif command == 0x21:
            self.columns = (first & 0x7F, arguments[1] & 0x7F)
            self.column = self.columns[0]
        elif command == 0x22:
            self.pages = (first & 7, arguments[1] & 7)
            self.page = self.pages[0]
        elif command == 0x81:
            self.contrast = first
        elif command == 0x8D:
            self.charge_pump = bool(first & 4)
        elif command == 0xA8 and first & 0x3F >= 15:
            self.multiplex = (first & 0x3F) + 1
        elif command == 0xD3:
            self.offset = first & 0x3F

    def pixels(self):
        """What the eye sees on a module whose glass is wired as usual (SEG0 at the right, COM0 at the bottom): A1 and C8 are upright.

        Returns 64 rows of 128 bytes, 1 for a lit dot, as `bytes` of 8,192. All 0 while nothing is lit."""
        if not self.lit:
            return bytes(WIDTH * HEIGHT)
        out = bytearray()
        for y in range(HEIGHT):
            com = HEIGHT - 1 - y                # COM line behind this row of glass
            row = (self.multiplex - 1 - com if self.scan_down else com)
            if not 0 <= row < self.multiplex:
                out += bytes(WIDTH)
                continue
            line = (row + self.start_line + self.offset) % HEIGHT
            base = (line >> 3) * WIDTH
            stored = b"\xff" * WIDTH if self.all_on else self.gddram[base:base + WIDTH]
            dots = stored.translate(_BIT[self.inverse][line & 7])
            out += dots if self.remap else dots[::-1]
        return bytes(out)

    def rows(self):
        """The picture as 64 strings of '#' and '.', for tests and eyes."""
        dots = self.pixels()
        return ["".join("#" if dot else "." for dot in dots[y * WIDTH:(y + 1) * WIDTH]) for y in range(HEIGHT)]

    def image(self, scale=4, border=12):
        """A picture of the glass: every dot a square with a gap, unlit ones just visible, lit ones with a glow. `scale` pixels a dot."""
        inner, outer = (WIDTH * scale, HEIGHT * scale), (WIDTH * scale + 2 * border, HEIGHT * scale + 2 * border)
        share = 0.45 + 0.55 * self.contrast / 255
        glow = tuple(int(part * share) for part in _GLOW)
        dot = Image.new("L", (scale, scale), 255)
        if scale > 2:                           # a gap between dots
            ImageDraw.Draw(dot).line([(scale - 1, 0), (scale - 1, scale - 1), (0, scale - 1)], fill=0)
        grid = Image.frombytes("L", inner, _tiled(dot, scale))
        lit = Image.frombytes("L", (WIDTH, HEIGHT), self.pixels().translate(_WHITE)).resize(inner, Image.Resampling.NEAREST)
        lit = ImageChops.multiply(lit, grid)
        picture = Image.new("RGB", outer, _GLASS)
        picture.paste(_DARK, (border, border), grid)
        picture.paste(glow, (border, border), lit)
        halo = Image.new("L", outer, 0)
        halo.paste(lit.point(lambda level: level // 3), (border, border))
        halo = halo.filter(ImageFilter.GaussianBlur(scale * 0.9))
        return ImageChops.add(picture, Image.composite(Image.new("RGB", outer, glow), Image.new("RGB", outer), halo))


def _tiled(dot, scale):
    """One dot's square, over the whole glass, as raw bytes."""
    rows = dot.tobytes()
    band = b"".join(rows[y * scale:(y + 1) * scale] * WIDTH for y in range(scale))
    return band * HEIGHT
