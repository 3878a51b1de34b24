# nor_memory.py: a NOR chip in memory for pure tests: programs clear bits, erases set them, a cut tears the operation it falls on.
import random


class Cut(Exception):
    """The supply failed."""


class NorMemory:
    """The face of drivers/nor without a wire. `cut` = (operation counted from 1, share of its bits that were done)."""

    def __init__(self, sectors, seed=1):
        self.data, self.random = bytearray(b"\xff" * sectors * 4096), random.Random(seed)
        self.operations = self.erases = self.programs = self.programmed = 0
        self.cut = None
        self.wear = [0] * sectors

    def read(self, address, buf):
        buf[:] = self.data[address:address + len(buf)]

    def program(self, address, data):
        assert address % 256 + len(data) <= 256, "a program may not wrap its page"
        self.programs += 1
        self.programmed += len(data)
        self._change(address, bytes(a & b for a, b in zip(self.data[address:], data, strict=False)))

    def erase_now(self, address):
        assert address % 4096 == 0
        self.erases += 1
        self.wear[address // 4096] += 1
        self._change(address, b"\xff" * 4096)

    async def erase(self, address):
        self.erase_now(address)

    def _change(self, address, wanted):
        self.operations += 1
        if not self.cut or self.cut[0] != self.operations:
            self.data[address:address + len(wanted)] = wanted
            return
        for at, byte in enumerate(wanted):
            for bit in range(8):
                if (byte ^ self.data[address + at]) >> bit & 1 and self.random.random() < self.cut[1]:
                    self.data[address + at] ^= 1 << bit
        raise Cut
