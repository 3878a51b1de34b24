# example.py (ds3231): set the clock, and read it back. I2C 1.
from machine import I2C
from ds3231 import DS3231

clock = DS3231(I2C(1))
clock.set(1767600000)
print(clock.read())
