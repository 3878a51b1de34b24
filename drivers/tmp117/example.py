# example.py (tmp117): the temperature in hundredths of a degree. I2C 1.
import asyncio
from machine import I2C
from tmp117 import TMP117

print(asyncio.run(TMP117(I2C(1)).read()))
