# example.py (nor): erase a sector, program a page, read it back. Needs a W25Q chip on SPI 0, its select on pin 15.
import asyncio
from machine import SPI, Pin
from nor import Nor

flash = Nor(SPI(0), Pin(15, Pin.OUT, value=1), 1 << 20)
print(flash.identify())
asyncio.run(flash.erase(0x1000))
flash.program(0x1000, b"hello")
found = bytearray(5)
flash.read(0x1000, found)
print(found)
