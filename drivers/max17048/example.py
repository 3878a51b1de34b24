# example.py (max17048): how full the cell is, and how fast that changes. I2C 1.
from machine import I2C
from max17048 import MAX17048

gauge = MAX17048(I2C(1))
print(gauge.read(), "%", gauge.millivolts(), "mV", gauge.rate() // 1000, "%/h")
