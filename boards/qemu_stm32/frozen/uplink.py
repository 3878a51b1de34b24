# uplink.py (qemu-stm32): the way to the bank is an ESP-AT modem on a UART, which does TLS and the check of the certificate itself.
import pins
from esp_at import EspAt
from machine import UART, Pin
from till.core.clock import unix

_modem = None


def _the_modem():
    """Made when it is first wanted: importing this does nothing to the outside."""
    global _modem
    if _modem is None:
        _modem = EspAt(UART(pins.MODEM_UART, 115200, rxbuf=1024), Pin(pins.MODEM_ENABLE, Pin.OUT, value=1), unix)
    return _modem


def network(name, password):
    """The access point to join when a connection is wanted."""
    _the_modem().network(name, password)


def connect(host, port):
    return _the_modem().connect(host, port)
