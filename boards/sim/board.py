# board.py (sim): which driver sits on which bus of this board. Everything is made once, at boot.
import bus
import link
import pins
from machine import I2C, SPI, UART, Pin, fuse_into, random_into  # noqa: F401 (random_into is the board's own source, handed on)
from socket import Socket as connect  # noqa: F401 (connect(host, port), handed on)

from escpos_printer import EscposPrinter, PrinterError as printer_error  # noqa: F401
from matrix_keypad import MatrixKeypad
from nor import Nor
from pn532 import PN532, PN532Error as reader_error  # noqa: F401
from ssd1306 import SSD1306, ScreenError as screen_error  # noqa: F401

firmware = str(link.firmware_hash, "ascii")
random_is_true = False              # the bench's seeded source: for tests only


def service():
    """Asked to start with the console alone?"""
    return bool(bus.flags & 1)


def device_key():
    key = bytearray(16)
    fuse_into(key)
    return key


def flash():
    return Nor(SPI(pins.FLASH_SPI), Pin(pins.FLASH_SELECT, Pin.OUT, value=1), pins.FLASH_SIZE)


def admin_uart():
    return UART(pins.ADMIN_UART, 921600, rxbuf=8192)


def reader():
    return PN532(UART(pins.READER_UART, 115200, rxbuf=512))


def printer():
    return EscposPrinter(UART(pins.PRINTER_UART, 115200, rxbuf=64))


def screen():
    return SSD1306(I2C(pins.SCREEN_I2C), pins.SCREEN_ADDRESS)


def keypad():
    rows = [Pin(n, Pin.OPEN_DRAIN, value=0) for n in pins.KEYPAD_ROWS]
    columns = [Pin(n, Pin.IN, Pin.PULL_UP) for n in pins.KEYPAD_COLUMNS]
    return MatrixKeypad(rows, columns, pins.KEYPAD_LEGEND)


def lights():
    return [Pin(n, Pin.OUT, value=0) for n in (pins.LIGHT_POWER, pins.LIGHT_LINK, pins.LIGHT_ALERT)]
