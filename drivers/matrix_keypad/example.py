# example.py (matrix_keypad): print keys of a 4x4 foil, rows on pins 0 to 3, columns on 4 to 7.
import asyncio
from machine import Pin
from matrix_keypad import MatrixKeypad


async def main():
    rows = [Pin(n, Pin.OPEN_DRAIN, value=0) for n in range(4)]
    columns = [Pin(n, Pin.IN, Pin.PULL_UP) for n in range(4, 8)]
    pad = MatrixKeypad(rows, columns, "123A456B789C*0#D")
    while True:
        print(await pad.key())

asyncio.run(main())
