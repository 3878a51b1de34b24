# example.py (bq24074): is the terminal on mains, and does its cell fill? Pins 16 and 17.
from machine import Pin
from bq24074 import BQ24074

charger = BQ24074(Pin(16, Pin.IN, Pin.PULL_UP), Pin(17, Pin.IN, Pin.PULL_UP))
print("mains" if charger.mains() else "battery", "charging" if charger.charging() else "not charging")
