# example.py (ssd1306): a word on a 128x64 display at I2C 0.
import asyncio
from machine import I2C
from ssd1306 import SSD1306


async def main():
    screen = SSD1306(I2C(0), 0x3C)
    await screen.start()
    screen.frame.text("Hello", 44, 28, 1)
    screen.mark(28, 8)
    await screen.flush()

asyncio.run(main())
