# esp_at: an ESP32 with Espressif's ESP-AT firmware (3.2 or newer) as a network interface on a UART; imports nothing of ours.
#
#     modem = EspAt(UART(3, 115200, rxbuf=1024), enable=Pin("EN", Pin.OUT, value=1), unix=clock)
#     modem.network("ssid", "password")                   # joined when it is first needed, and again after each fall
#     stream = modem.connect("bank.example", 8583, ca_der)    # TLS in the modem, the server's certificate checked against this CA alone
#     while stream.state() == CONNECTING:
#         await stream.readable()
#
# What it cannot do is an EspAtError with a code, or stream.failed; the next connect() begins with a modem that answers again.
from esp_at.device import EspAt
from esp_at.port import EspAtError
from esp_at.stream import CLOSED, CONNECTED, CONNECTING, Stream

__all__ = ("CLOSED", "CONNECTED", "CONNECTING", "EspAt", "EspAtError", "Stream")
