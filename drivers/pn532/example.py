# example.py (pn532): print the UID of each card, and what it answers to a SELECT of the payment directory. UART 1.
import asyncio
from machine import UART
from pn532 import PN532


async def main():
    reader = PN532(UART(1, 115200, timeout=0))
    await reader.configure()
    while True:
        card = await reader.find()
        print(card.uid.hex(), bytes(await reader.exchange(b"\x00\xa4\x04\x00\x0e2PAY.SYS.DDF01\x00")).hex() if card.iso_dep else "")
        await reader.wait_removed()

asyncio.run(main())
