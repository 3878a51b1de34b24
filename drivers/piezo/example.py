# example.py (piezo): a short tone. PWM on pin 21.
import time
from machine import PWM
from piezo import Piezo

piezo = Piezo(PWM(21, freq=2000, duty_u16=0))
piezo.tone(2700)
time.sleep_ms(80)
piezo.off()
