# buses.py (stm32): the chip's UARTs, I2C, SPI, ADC and PWM: their numbers say which pins they have. machine.PWM needs MicroPython 1.28 or newer.
from machine import ADC, I2C, PWM, SPI, UART, Pin

_made = {}


def uart(number, baud, rxbuf):
    return UART(number, baud, rxbuf=rxbuf, timeout=0)


def i2c(number):
    if number not in _made:
        _made[number] = I2C(number, freq=400_000)
    return _made[number]


def spi(number):
    return SPI(number, baudrate=20_000_000, polarity=0, phase=0)


def adc(pin):
    return ADC(Pin(pin))


def pwm(pin, hertz):
    return PWM(Pin(pin), freq=hertz, duty_u16=0)
