# ssd1306: a monochrome OLED on I2C (Solomon SSD1306 rev 1.1). Draw on `frame`, mark, flush: pages that changed go out one at a time.
# Fails with ScreenError; what was not sent stays marked.
import asyncio
import framebuf
from micropython import const

_COMMANDS = const(0x00)             # control byte: commands to the end (8.1.5.2)
_COMMAND = const(0x80)              # control byte: one command
_DATA = const(0x40)                 # control byte: data to the end
_HEAD = const(7)                    # page, two halves of the column, data: each with its control byte
_CONTRAST, _ON, _OFF, _INVERSE, _PUMP = const(0x81), const(0xAF), const(0xAE), const(0xA6), const(0x8D)
_PUMP_ON, _PUMP_OFF = const(0x14), const(0x10)      # application note, page 62


class ScreenError(Exception):
    """`code`: "absent": no acknowledge from the display."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class SSD1306:
    """`i2c`: a machine.I2C of up to 400 kHz (a page takes 3.1 ms there). `frame` is a framebuf.FrameBuffer, 1 bit a dot, on `buffer`.

    Nothing is sent before start(). `pages_sent` counts."""

    def __init__(self, i2c, address=0x3C, width=128, height=64):
        self._i2c, self._address, self.width, self.height = i2c, address, width, height
        self.buffer = bytearray(width * height // 8)
        self.frame = framebuf.FrameBuffer(self.buffer, width, height, framebuf.MONO_VLSB)
        self.pages = height // 8
        self.pages_sent = 0
        self._sent = bytearray(len(self.buffer))        # what the display holds
        self._now = self._cut(self.buffer)
        self._old = self._cut(self._sent)
        self._all = (1 << self.pages) - 1
        self._dirty = self._unknown = self._all         # a bit a page; unknown: the display may hold anything
        self._out = bytearray(_HEAD + width)
        self._body = memoryview(self._out)[_HEAD:]
        self._out[:_HEAD] = bytes((_COMMAND, 0xB0, _COMMAND, 0x00, _COMMAND, 0x10, _DATA))

    def _cut(self, buffer):
        view = memoryview(buffer)
        return [view[at:at + self.width] for at in range(0, len(buffer), self.width)]

    def _start_sequence(self):
        """Application note, figure 2: a display that stays dark until its memory is ours; page addressing (10.1.1), SEG and COM turned."""
        high = self.height
        return bytes((_COMMANDS, _OFF, 0xD5, 0x80, 0xA8, high - 1, 0xD3, 0x00, 0x40, 0x20, 0x02, 0xA1, 0xC8,
                      0xDA, 0x12 if high == 64 else 0x02, _CONTRAST, 0xCF, 0xD9, 0xF1, 0xDB, 0x30, 0xA4, _INVERSE, 0x2E,
                      _PUMP, _PUMP_ON))

    async def start(self):
        """Set the controller up, send the whole picture, switch the panel on. Again after a loss of power. Raises ScreenError."""
        self._write(self._start_sequence())
        self._dirty = self._unknown = self._all
        await self.flush()
        self.power(True)

    def mark(self, y=0, rows=None):
        """Dot rows y to y + rows may have changed; without arguments all of them."""
        if rows is None:
            rows = self.height - y
        if rows > 0:
            first, last = max(0, y) >> 3, min(self.height, y + rows) - 1 >> 3
            self._dirty |= (2 << last) - (1 << first) if last >= first else 0

    async def flush(self):
        """Send the marked pages that differ from what the display holds, and let others run in between. Raises ScreenError("absent")."""
        for page in range(self.pages):
            bit = 1 << page
            if not self._dirty & bit:
                continue
            self._dirty &= ~bit
            if self._unknown & bit or self._now[page] != self._old[page]:
                self._send(page, bit)
                await asyncio.sleep_ms(0)

    def _send(self, page, bit):
        self._out[1] = 0xB0 | page
        self._body[:] = self._now[page]
        self._old[page][:] = self._body
        self._unknown |= bit                # until it has acknowledged
        self._dirty |= bit
        self._write(self._out)
        self._unknown &= ~bit
        self._dirty &= ~bit
        self.pages_sent += 1

    def contrast(self, level):
        """0 to 255. Raises ScreenError."""
        self._write(bytes((_COMMANDS, _CONTRAST, level & 0xFF)))

    def invert(self, on):
        """Dark on light. Raises ScreenError."""
        self._write(bytes((_COMMANDS, _INVERSE | (1 if on else 0))))

    def power(self, on):
        """Panel and charge pump on or off; the picture stays in the display. Raises ScreenError."""
        self._write(bytes((_COMMANDS, _PUMP, _PUMP_ON, _ON)) if on else bytes((_COMMANDS, _OFF, _PUMP, _PUMP_OFF)))

    def _write(self, data):
        try:
            self._i2c.writeto(self._address, data)
        except OSError:
            raise ScreenError("absent") from None
