# parts.py: which driver sits on which bus, for every board with real pins: pins.py says where, buses.py makes the board's own UART, I2C and PWM.
# A place that pins.py gives as None is a part that this board has no pin for; NoPin and NoLine stand there. Everything is made once, at boot.
import io
import time

import buses
import pins
from machine import Pin, RTC, reset as restart  # noqa: F401 (handed on)

from bh1750 import BH1750, LightError
from bq24074 import BQ24074, ChargerError
from ds3231 import DS3231, ClockError
from escpos_printer import EscposPrinter, PrinterError as printer_error  # noqa: F401
from fan import Fan, FanError
from matrix_keypad import MatrixKeypad
from max17048 import MAX17048, GaugeError
from piezo import Piezo, PiezoError
from pn532 import PN532, PN532Error as reader_error  # noqa: F401
from ssd1306 import SSD1306, ScreenError as screen_error  # noqa: F401
from thermistor import Thermistor, ThermistorError
from tmp117 import TMP117, ThermometerError

sense_errors = (GaugeError, ChargerError, ThermometerError, ThermistorError, LightError, FanError, ClockError, PiezoError)
_TO_1970 = 946684800 if time.gmtime(0)[0] == 2000 else 0


class NoPin:
    """A part without a pin: what is written is forgotten, it reads `level` and never changes."""

    IRQ_RISING, IRQ_FALLING = 1, 2

    def __init__(self, level):
        self._level = level

    def value(self, level=None):
        return self._level if level is None else None

    __call__ = value

    def irq(self, handler=None, trigger=3):
        """It never comes."""


class NoLine(io.IOBase):
    """A UART without pins: nobody answers, so what hangs on it is unknown."""

    IRQ_RXIDLE = 1

    def init(self, baudrate=115200, rxbuf=256):
        """Any rate will do."""

    def irq(self, handler=None, trigger=1):
        """It never comes."""

    def any(self):
        return 0

    def readinto(self, buf, size=-1):
        return None

    def write(self, data):
        return len(data)

    def flush(self):
        """Nothing is on the wire."""

    def ioctl(self, request, flags):
        return flags & 4 if request == 3 else -1


def output(name, level):
    return NoPin(level) if name is None else Pin(name, Pin.OUT, value=level)


def pulled_up(name, level=1):
    """An input with a pull-up; `level` is what it reads where the board has no pin for it."""
    return NoPin(level) if name is None else Pin(name, Pin.IN, Pin.PULL_UP)


def line(number, baud, rxbuf):
    return NoLine() if number is None else buses.uart(number, baud, rxbuf)


def service():
    """Asked to start with the console alone? Yes while the last key of the last row is held."""
    rows = [Pin(n, Pin.OPEN_DRAIN, value=1) for n in pins.KEYPAD_ROWS]
    column = Pin(pins.KEYPAD_COLUMNS[-1], Pin.IN, Pin.PULL_UP)
    time.sleep_ms(1)
    if not column():
        return False                        # low although no row is: a broken wire holds nothing
    rows[-1](0)
    time.sleep_ms(1)
    return not column()


def set_clock():
    """The board's own clock from the one with the coin cell. Where that one does not know, time stays unset."""
    try:
        at = time.gmtime(rtc().read() - _TO_1970)
    except ClockError:
        return False
    RTC().datetime((at[0], at[1], at[2], at[6] + 1, at[3], at[4], at[5], 0))
    return True


def reader():
    return PN532(line(pins.READER_UART, 115200, 512))


def printer():
    return EscposPrinter(line(pins.PRINTER_UART, 115200, 64))


def screen():
    return SSD1306(buses.i2c(pins.SCREEN_I2C), pins.SCREEN_ADDRESS)


def keypad():
    rows = [Pin(n, Pin.OPEN_DRAIN, value=0) for n in pins.KEYPAD_ROWS]
    columns = [Pin(n, Pin.IN, Pin.PULL_UP) for n in pins.KEYPAD_COLUMNS]
    return MatrixKeypad(rows, columns, pins.KEYPAD_LEGEND)


def lights():
    return [output(n, 0) for n in (pins.LIGHT_POWER, pins.LIGHT_LINK, pins.LIGHT_ALERT)]


def reader_reset():
    """RSTPDN of the reader: low holds it in reset."""
    return output(pins.READER_RESET, 1)


def reader_supply():
    """The switch of the reader's supply: high is on."""
    return output(pins.READER_SUPPLY, 1)


def gauge():
    return MAX17048(buses.i2c(pins.SENSE_I2C), pins.GAUGE_ADDRESS)


def charger():
    return BQ24074(pulled_up(pins.MAINS_GOOD), pulled_up(pins.CHARGING))


def case_thermometer():
    return TMP117(buses.i2c(pins.SENSE_I2C), pins.THERMOMETER_ADDRESS)


def head_thermometer():
    return Thermistor(buses.adc(pins.HEAD_ADC))


def light():
    return BH1750(buses.i2c(pins.SENSE_I2C), pins.LIGHT_ADDRESS)


def inside_light():
    """A light sensor in the dark of the closed case, where one was put in."""
    return BH1750(buses.i2c(pins.SENSE_I2C), pins.INSIDE_LIGHT_ADDRESS)


def rtc():
    return DS3231(buses.i2c(pins.SENSE_I2C), pins.RTC_ADDRESS)


def fan():
    return Fan(buses.pwm(pins.FAN_PWM, 25_000), pulled_up(pins.FAN_TACHO))


def case_switch():
    """High while the case is open."""
    return pulled_up(pins.CASE_SWITCH)


def piezo():
    return Piezo(buses.pwm(pins.PIEZO, 2000))


def motor():
    return output(pins.MOTOR, 0)


def hold():
    """The power latch: low switches the terminal off."""
    return output(pins.HOLD, 1)
