# buses.py (esp32s3): the chip's UARTs, I2C, ADC and PWM on the pins of pins.py. Any signal may go to any pin here, so every call names them.
import pins
from machine import ADC, I2C, PWM, UART, Pin

_UARTS = {pins.ADMIN_UART: (pins.ADMIN_TX, pins.ADMIN_RX), pins.READER_UART: (pins.READER_TX, pins.READER_RX),
          pins.PRINTER_UART: (pins.PRINTER_TX, pins.PRINTER_RX)}
_I2CS = {pins.SCREEN_I2C: (pins.SCREEN_SCL, pins.SCREEN_SDA), pins.SENSE_I2C: (pins.SENSE_SCL, pins.SENSE_SDA)}
_REFERENCE_UV = 3_300_000               # what the divider hangs on; the converter's own full scale is another
_made = {}


class Ratio:
    """An ADC whose reading is a part of the supply, as the divider at it gives it; the chip's calibration is in it."""

    def __init__(self, adc):
        self._adc = adc

    def read_u16(self):
        """0 to 65535 for nothing to 3.3 V. Above some 3.1 V the converter sees no more: an open line reads 62,000."""
        return min(65535, self._adc.read_uv() * 655 // (_REFERENCE_UV // 100))


def uart(number, baud, rxbuf):
    tx, rx = _UARTS[number]
    return UART(number, baud, tx=tx, rx=rx, rxbuf=rxbuf, timeout=0)


def i2c(number):
    if number not in _made:
        scl, sda = _I2CS[number]
        _made[number] = I2C(number, scl=Pin(scl), sda=Pin(sda), freq=400_000)
    return _made[number]


def adc(pin):
    return Ratio(ADC(Pin(pin), atten=ADC.ATTN_11DB))


def pwm(pin, hertz):
    return PWM(Pin(pin), freq=hertz, duty_u16=0)
