# example.py (thermistor): the temperature of a print head, in hundredths of a degree. ADC on pin 26.
from machine import ADC
from thermistor import Thermistor

print(Thermistor(ADC(26)).read())
