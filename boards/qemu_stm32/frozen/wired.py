# wired.py (qemu-stm32): the board where reader, printer, modem and keypad hang on real USARTs and pins of the emulated chip, by the port's own
# drivers; everything else stays on the bus. Stands in the place of `board`.
import board
import bus
import pins
import utime
import wired_pins
from machine import Pin as BusPin
from umachine import UART, Pin

from esp_at import EspAt
from escpos_printer import EscposPrinter
from matrix_keypad import MatrixKeypad
from pn532 import PN532
from till.core.clock import unix

SETTLED = 0x34                  # of the bus: has what hangs on our pins followed them?
_LOOK_US = 200


def __getattr__(name):
    return getattr(board, name)


class _Row:
    """A row of the keypad. A wire follows its pin at once; where the bench is the wire, a write waits for it."""

    def __init__(self, name):
        self._pin = Pin(name, Pin.OPEN_DRAIN, Pin.PULL_UP, value=0)

    def __call__(self, level):
        self._pin(level)
        while not bus.call(SETTLED):
            utime.sleep_us(_LOOK_US)


def reader():
    return PN532(UART(wired_pins.READER_UART, 115200, rxbuf=512))


def printer():
    return EscposPrinter(UART(wired_pins.PRINTER_UART, 115200, rxbuf=64))


def keypad():
    columns = [Pin(name, Pin.IN, Pin.PULL_UP) for name in wired_pins.KEYPAD_COLUMNS]
    return MatrixKeypad([_Row(name) for name in wired_pins.KEYPAD_ROWS], columns, pins.KEYPAD_LEGEND)


_modem = None


def _the_modem():
    global _modem
    if _modem is None:
        _modem = EspAt(UART(wired_pins.MODEM_UART, 115200, rxbuf=1024), BusPin(pins.MODEM_ENABLE, BusPin.OUT, value=1), unix)
    return _modem


def network(name, password):
    """The access point to join when a connection is wanted."""
    _the_modem().network(name, password)


def connect(host, port):
    return _the_modem().connect(host, port)
