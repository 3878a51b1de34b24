# example.py (bh1750): how bright it is, in lux. I2C 1.
import asyncio
from machine import I2C
from bh1750 import BH1750

print(asyncio.run(BH1750(I2C(1)).read()))
