# board.py (esp32s3): an ESP32-S3-DevKitC-1 with the parts of pins.py. Network and flash are the chip's own.
# Raises FlashError("absent") where the partition of partitions.csv is missing: that board was flashed with another table.
import os

import kept
import pins
import wifi
from buses import uart
from fingerprint import firmware_hash
from partition import PartitionFlash
from parts import (  # noqa: F401 (a board's parts, handed on)
    case_switch, case_thermometer, charger, fan, gauge, head_thermometer, hold, inside_light, keypad, light, lights, motor, piezo, printer,
    printer_error, reader, reader_error, reader_reset, reader_supply, restart, rtc, screen, screen_error, sense_errors, service, set_clock)

firmware = str(firmware_hash, "ascii")
development = True                  # there is a prompt
images = ""                         # an application comes by microtill deploy
random_is_true = True                   # while the radio is on, which wifi.py sees to before anything is drawn
clock_is_set = set_clock()


def random_into(buf):
    """Fill `buf` from the chip's noise source (technical reference manual, 25: true random with the radio on)."""
    wifi.radio_on()
    buf[:] = os.urandom(len(buf))


def device_key():
    return kept.device_key(random_into)


def flash():
    return kept.flash(PartitionFlash(pins.FLASH_PARTITION) if pins.FLASH_PARTITION else None)


def admin_uart():
    return uart(pins.ADMIN_UART, 921600, 8192)


def network(name, password):
    """The access point to join when a connection is wanted."""
    wifi.join(name, password)


def connect(host, port):
    return wifi.Socket(host, port)
