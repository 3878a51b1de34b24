# board.py (sim): which driver sits on which bus of this board. Everything is made once, at boot.
import bus
import link
import pins
from machine import ADC, I2C, PWM, SPI, UART, Pin, fuse_into, random_into, reset as restart  # noqa: F401 (handed on, as random_into is)
from uplink import connect, network  # noqa: F401 (the way to the bank, handed on)

from bh1750 import BH1750, LightError
from bq24074 import BQ24074, ChargerError
from ds3231 import DS3231, ClockError
from escpos_printer import EscposPrinter, PrinterError as printer_error  # noqa: F401
from fan import Fan, FanError
from matrix_keypad import MatrixKeypad
from max17048 import MAX17048, GaugeError
from nor import Nor
from piezo import Piezo, PiezoError
from pn532 import PN532, PN532Error as reader_error  # noqa: F401
from ssd1306 import SSD1306, ScreenError as screen_error  # noqa: F401
from thermistor import Thermistor, ThermistorError
from tmp117 import TMP117, ThermometerError

firmware = str(link.firmware_hash, "ascii")
development = link.development
images = link.images
sense_errors = (GaugeError, ChargerError, ThermometerError, ThermistorError, LightError, FanError, ClockError, PiezoError)
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


def reader_reset():
    """RSTPDN of the reader: low holds it in reset."""
    return Pin(pins.READER_RESET, Pin.OUT, value=1)


def reader_supply():
    """The switch of the reader's supply: high is on."""
    return Pin(pins.READER_SUPPLY, Pin.OUT, value=1)


def gauge():
    return MAX17048(I2C(pins.SENSE_I2C), pins.GAUGE_ADDRESS)


def charger():
    return BQ24074(Pin(pins.MAINS_GOOD, Pin.IN, Pin.PULL_UP), Pin(pins.CHARGING, Pin.IN, Pin.PULL_UP))


def case_thermometer():
    return TMP117(I2C(pins.SENSE_I2C), pins.THERMOMETER_ADDRESS)


def head_thermometer():
    return Thermistor(ADC(pins.HEAD_ADC))


def light():
    return BH1750(I2C(pins.SENSE_I2C), pins.LIGHT_ADDRESS)


def inside_light():
    """A light sensor in the dark of the closed case, where one was put in."""
    return BH1750(I2C(pins.SENSE_I2C), pins.INSIDE_LIGHT_ADDRESS)


def rtc():
    return DS3231(I2C(pins.SENSE_I2C), pins.RTC_ADDRESS)


def fan():
    return Fan(PWM(pins.FAN_PWM, freq=25_000, duty_u16=0), Pin(pins.FAN_TACHO, Pin.IN, Pin.PULL_UP))


def case_switch():
    """High while the case is open."""
    return Pin(pins.CASE_SWITCH, Pin.IN, Pin.PULL_UP)


def piezo():
    return Piezo(PWM(pins.PIEZO, freq=2000, duty_u16=0))


def motor():
    return Pin(pins.MOTOR, Pin.OUT, value=0)


def hold():
    """The power latch: low switches the terminal off."""
    return Pin(pins.HOLD, Pin.OUT, value=1)
