# partition.py: a raw partition of the chip's own flash, in the shape of drivers/nor: read, program within a page, erase a sector. No wear
# levelling, no file system. Fails with FlashError. While an erase runs the whole chip stands still, some 45 ms: nothing can sleep meanwhile.
import asyncio

from esp32 import Partition
from micropython import const

PAGE, SECTOR = const(256), const(4096)
_BLOCKS, _ERASE = const(4), const(6)            # of ioctl: how many, erase one


class FlashError(Exception):
    """`code`: "absent" (no such partition), "range" (address or size), "page" (crosses a page), "write", "read" (what esp-idf says no to)."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class PartitionFlash:
    """The data partition with this label. `programs` and `erases` count what was started since it was made. `error`: the class that is raised
    instead of FlashError, where its owner sets one."""

    error = FlashError

    def __init__(self, label):
        found = Partition.find(Partition.TYPE_DATA, label=label, block_size=SECTOR)
        if not found:
            raise FlashError("absent")
        self._part = found[0]
        self.size = self._part.ioctl(_BLOCKS, 0) * SECTOR
        self.programs = self.erases = 0

    def read(self, address, buf):
        """Fill `buf` from `address`. Raises FlashError("range", "read")."""
        self._within(address, len(buf))
        try:
            self._part.readblocks(address // SECTOR, buf, address % SECTOR)
        except OSError:
            raise self.error("read") from None

    def program(self, address, data):
        """Clear bits: 1 to 256 bytes that lie within one page. Raises FlashError("range", "page", "write")."""
        size = len(data)
        self._within(address, size)
        if not size or address % PAGE + size > PAGE:
            raise self.error("page")
        self.programs += 1
        try:
            self._part.writeblocks(address // SECTOR, data, address % SECTOR)       # with an offset it does not erase
        except OSError:
            raise self.error("write") from None

    async def erase(self, address):
        """Set a sector of 4,096 bytes to FF; other tasks run before and after. Raises FlashError("range", "write")."""
        await asyncio.sleep_ms(0)
        self.erase_now(address)
        await asyncio.sleep_ms(0)

    def erase_now(self, address):
        self._within(address, SECTOR)
        if address % SECTOR:
            raise self.error("range")
        self.erases += 1
        try:
            self._part.ioctl(_ERASE, address // SECTOR)
        except OSError:
            raise self.error("write") from None

    def _within(self, address, size):
        if address < 0 or address + size > self.size:
            raise self.error("range")
