# board.py (stm32): a PYBv1.1 or a Black Pill with the parts of their pins.py: network through an ESP-AT modem, the journal on an SPI NOR chip.
# Fails as the drivers do; a modem that does not answer is a line that is down.
import gc
import os
import time

import kept
import pins
from buses import spi, uart
from esp_at import EspAt
from fingerprint import firmware_hash
from nor import Nor
from parts import (  # noqa: F401 (a board's parts, handed on)
    case_switch, case_thermometer, charger, fan, gauge, head_thermometer, hold, inside_light, keypad, light, lights, motor, output, piezo, printer,
    printer_error, reader, reader_error, reader_reset, reader_supply, restart, rtc, screen, screen_error, sense_errors, service, set_clock)
from usb import UsbLine

firmware = str(firmware_hash, "ascii")
development = True                  # there is a prompt
images = ""                         # an application comes by microtill deploy
random_is_true = pins.RANDOM_IS_TRUE
clock_is_set = set_clock()
gc.threshold(4096)                      # bytes: what lives long is to lie low (till/core/heap.py)
_TO_1970 = 946684800                    # this port counts from 2000
_modem = None


def random_into(buf):
    buf[:] = os.urandom(len(buf))


def device_key():
    return kept.device_key(random_into)


def flash():
    return kept.flash(Nor(spi(pins.FLASH_SPI), output(pins.FLASH_SELECT, 1), pins.FLASH_SIZE) if pins.FLASH_SPI is not None else None)


def admin_uart():
    return UsbLine()


def _unix():
    """For the dates of a certificate; None while nobody knows the time."""
    return int(time.time()) + _TO_1970 if clock_is_set else None


def modem():
    """The one modem. Nothing is said to it yet."""
    global _modem
    if _modem is None:
        _modem = EspAt(uart(pins.MODEM_UART, 115200, 1024), None if pins.MODEM_ENABLE is None else output(pins.MODEM_ENABLE, 1), _unix)
    return _modem


def network(name, password):
    """The access point to join when a connection is wanted."""
    modem().network(name, password)


def connect(host, port):
    return modem().connect(host, port)
