# example.py (escpos_printer): a short receipt, and whether it is really on paper. UART 2.
import asyncio
from machine import UART
from escpos_printer import EscposPrinter


async def main():
    printer = EscposPrinter(UART(2, 115200, timeout=0))
    print(await printer.start())
    await printer.write_line(b"Hello")
    await printer.cut()
    print(await printer.finish(5000))

asyncio.run(main())
