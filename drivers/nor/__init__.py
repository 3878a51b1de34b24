# nor: serial NOR flash of the W25Q family on SPI. A page program blocks 0.7 ms, an erase sleeps; nothing is verified here: read it back.
# Fails with NorError(code); the chip may then hold a part of what was asked.
import asyncio
import time
from micropython import const

PAGE, SECTOR = const(256), const(4096)
_WRITE_ENABLE, _READ_STATUS, _READ, _PROGRAM, _ERASE = const(0x06), const(0x05), const(0x03), const(0x02), const(0x20)
_WAKE, _IDENTITY = const(0xAB), const(0x9F)         # W25Q80DV table 8.1.2
_WIP = const(1)                     # status 1, bit 0
_WAKE_US = const(3)                 # tRES1
_PROGRAM_US = const(700)            # tPP, typical
_PROGRAM_MOST_US = const(5_000)     # worst in the family: 3 ms
_ERASE_MS = const(45)               # tSE, typical
_ERASE_MOST_MS = const(500)         # worst in the family: 400 ms
_HEAD = const(4)                    # command and 24-bit address
_LARGEST = const(1 << 24)


class NorError(Exception):
    """`code`: "busy" (the chip did not finish in time), "deaf" (no chip answers), "range" (address or size), "page" (crosses a page)."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Nor:
    """`spi`: a machine.SPI, mode 0. `select_pin`: a machine.Pin, made an output. `size` in bytes, at most 16 MiB.

    `programs` and `erases` count what was started since it was made. `error`: the class that is raised instead, where its owner sets one."""

    error = NorError

    def __init__(self, spi, select_pin, size):
        if not 0 < size <= _LARGEST:
            raise NorError("range")
        self.size, self.programs, self.erases = size, 0, 0
        self._spi, self._select = spi, select_pin
        self._erasing = True                # the chip may be at work: an earlier life, or an erase whose end has not been seen
        self._buf = bytearray(_HEAD + PAGE)
        self._view = memoryview(self._buf)
        self._enable = bytes((_WRITE_ENABLE,))
        self._status = bytearray(2)
        select_pin(1)

    def identify(self):
        """Wake the chip and read its three bytes of JEDEC identity: maker, kind, log2 of the size. Raises NorError("deaf")."""
        self._command(bytes((_WAKE,)))
        time.sleep_us(_WAKE_US)
        found = bytearray((_IDENTITY, 0, 0, 0))
        self._select(0)
        self._spi.write_readinto(found, found)
        self._select(1)
        if found[1] in (0x00, 0xFF):
            raise self.error("deaf")
        return bytes(found[1:])

    def read(self, address, buf):
        """Fill `buf` from `address`. Waits for an erase under way, at most 500 ms. Raises NorError("range", "busy")."""
        size = len(buf)
        self._within(address, size)
        self._settle()
        self._head(_READ, address)
        self._select(0)
        if size <= PAGE:                    # head and data in one transfer
            window = self._view[:_HEAD + size]
            self._spi.write_readinto(window, window)
            self._select(1)
            buf[:] = window[_HEAD:]
            return
        self._spi.write(self._view[:_HEAD])
        self._spi.readinto(buf)
        self._select(1)

    def program(self, address, data):
        """Clear bits: 1 to 256 bytes that lie within one page. Returns when the chip is done; typically 0.8 ms.
        Waits for an erase under way, at most 500 ms. Raises NorError("range", "page", "busy")."""
        size = len(data)
        self._within(address, size)
        if not size or address % PAGE + size > PAGE:
            raise self.error("page")
        self._settle()
        self._head(_PROGRAM, address)
        self._buf[_HEAD:_HEAD + size] = data
        self.programs += 1
        self._command(self._enable)
        self._command(self._view[:_HEAD + size])
        time.sleep_us(_PROGRAM_US)
        start = time.ticks_us()
        while self._busy():
            if time.ticks_diff(time.ticks_us(), start) > _PROGRAM_MOST_US - _PROGRAM_US:
                raise self.error("busy")
            time.sleep_us(50)

    async def erase(self, address):
        """Set a sector of 4,096 bytes to FF. Sleeps meanwhile; cancelled, the chip still finishes and the next call waits for it.
        Raises NorError("range", "busy")."""
        self._sector(address)
        await self._quiet()
        self._start_erase(address)
        await asyncio.sleep_ms(_ERASE_MS)
        await self._quiet()

    def erase_now(self, address):
        """As erase, but holds the loop: for start-up, and where no other task may run."""
        self._sector(address)
        self._settle()
        self._start_erase(address)
        time.sleep_ms(_ERASE_MS)
        self._settle()

    def _start_erase(self, address):
        self._head(_ERASE, address)
        self.erases += 1
        self._command(self._enable)
        self._erasing = True
        self._command(self._view[:_HEAD])

    def _command(self, data):
        """What it asks is carried out as select rises."""
        self._select(0)
        self._spi.write(data)
        self._select(1)

    def _busy(self):
        status = self._status
        status[0] = _READ_STATUS
        self._select(0)
        self._spi.write_readinto(status, status)
        self._select(1)
        return status[1] & _WIP

    def _settle(self):
        """Hold the loop until an erase under way is over."""
        start = time.ticks_ms()
        while self._erasing:
            if not self._busy():
                self._erasing = False
            elif time.ticks_diff(time.ticks_ms(), start) > _ERASE_MOST_MS:
                raise self.error("busy")
            else:
                time.sleep_ms(1)

    async def _quiet(self):
        """As _settle, asleep."""
        start = time.ticks_ms()
        while self._erasing:
            if not self._busy():
                self._erasing = False
            elif time.ticks_diff(time.ticks_ms(), start) > _ERASE_MOST_MS:
                raise self.error("busy")
            else:
                await asyncio.sleep_ms(3)

    def _head(self, command, address):
        buf = self._buf
        buf[0], buf[1], buf[2], buf[3] = command, address >> 16, address >> 8 & 0xFF, address & 0xFF

    def _within(self, address, size):
        if address < 0 or address + size > self.size:
            raise self.error("range")

    def _sector(self, address):
        self._within(address, SECTOR)
        if address % SECTOR:
            raise self.error("range")
