# parts.py: all chips on their wires and nothing else: no bank, no flows. For programs of one's own on a target: tests/target, and the drivers' tests.
# An operation on a part that was left out fails on the target with ENODEV, as on a board that lacks it.
import datetime
import random
from collections import deque

from microtill.bench.bench import pins
from microtill.bench.chips.escpos import Escpos
from microtill.bench.chips.keypad import Keypad
from microtill.bench.chips.nor import Nor
from microtill.bench.chips.pn532 import PN532
from microtill.bench.chips.ssd1306 import SSD1306
from microtill.bench.rig import Rig
from microtill.bench.senses import Senses
from microtill.bench.wires import I2cBus, Pins, SpiBus, UartLine
from microtill.bench.world import World

FIRST_SECOND = 1_767_600_000                    # Unix time at which they begin: 2026-01-05 08:00:00 UTC
NAMES = ("reader", "printer", "screen", "keypad", "flash", "senses")


class NoNetwork:
    """Nothing is plugged in."""

    def ready_bits(self):
        return 0

    def poll(self):
        """Nothing comes."""

    def wait(self, seconds):
        """Nothing to wait for: these runs are stepped."""

    def foreign(self):
        return False


class Parts:
    """`rig` is the bench's end of the bus; each chip is an attribute. `needs`: those of NAMES that are joined to the bus. `on_note(text)` hears
    what the program says, and may answer it with bytes."""

    def __init__(self, seed=1, needs=NAMES):
        self.board = board = pins()
        self.world, self.edges, self.random = World(), deque(), random.Random(seed)
        self.fuse, self.service, self.firmware, self.gauges = bytes(16), False, "", 0
        self.reader, self.printer, self.screen = PN532(self.world), Escpos(self.world), SSD1306(self.world, board.SCREEN_ADDRESS)
        self.keypad = Keypad(self.world, board.KEYPAD_ROWS, board.KEYPAD_COLUMNS, random.Random(seed + 1))
        self.flash = Nor(self.world, random.Random(seed + 2), board.FLASH_SIZE)
        self.pins = Pins(self.edges)
        self.senses = Senses(self.world, board, lambda: datetime.datetime.fromtimestamp(FIRST_SECOND + self.world.now / 1e6, datetime.UTC), seed)
        self.around, self.analog = self.senses.around, self.senses.analog
        self._wire(needs)
        self.network = NoNetwork()
        self.rig = Rig(self.world, self)

    def _wire(self, needs):
        board = self.board
        self.lines, self.i2c, self.spi = {}, {}, {}
        for name, number, chip in (("reader", board.READER_UART, self.reader), ("printer", board.PRINTER_UART, self.printer)):
            if name in needs:
                self.lines[number] = UartLine(self.world, number, self.edges, chip)
        if "keypad" in needs:
            self.pins.attach(self.keypad)
        if "reader" in needs:
            self.reader.watch(self.pins, board.READER_RESET, board.READER_SUPPLY)
        if "senses" in needs:
            self.senses.wire(self.pins)
            self.i2c.update(self.senses.i2c)
        if "screen" in needs:
            self.i2c[board.SCREEN_I2C] = I2cBus(self.screen)
        if "flash" in needs:
            self.spi[board.FLASH_SPI] = SpiBus(self.flash)
            self.pins.attach(self.spi[board.FLASH_SPI], watches=(board.FLASH_SELECT,))

    def power_on(self):
        self.world.clear()
        for part in (*self.lines.values(), self.pins, self.reader, self.printer, self.screen, self.keypad, self.flash, self.senses):
            part.power_on()

    def unix_time(self):
        return FIRST_SECOND + self.world.now // 1_000_000

    def on_note(self, text):
        """Nobody listens."""
