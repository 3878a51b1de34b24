# counters.py: numbers that only grow, synced before they are used. One program of 16 bytes each; a torn one was never handed out.
# Two sectors in turn: a new one begins with every counter, so the old one can go.
from binascii import crc32
from struct import pack_into, unpack_from

from till.core.errors import StorageFault

SECTOR, _PAGE, _SLOT = 4096, 256, 16
_BLANK = b"\xff" * _SLOT
DUKPT, STAN, BOOT, LOGIN, LOOKED_AT, ZEROISED, TDES = 1, 2, 3, 4, 5, 6, 7
NAMES = (TDES, ZEROISED, LOOKED_AT, LOGIN, DUKPT, STAN, BOOT)       # in the order in which a new sector is filled: it counts once the last is there
_FIRST = (DUKPT, STAN, BOOT)            # a sector of an earlier firmware has these alone
_MARK = 0xC7


class Counters:
    """Slot: mark 1, counter 1, generation 2, value 4, zeros 4, CRC-32 of the first 12."""

    def __init__(self, nor, first_address):
        self._nor, self._first = nor, first_address
        self._slot = bytearray(_SLOT)
        self._values = {name: 0 for name in NAMES}
        self._side = self._generation = 0
        self._offset = SECTOR

    def mount(self):
        sides = [self._scan(side) for side in (0, 1)]
        whole = [side for side in (0, 1) if all(name in sides[side][1] for name in _FIRST)]
        if not whole:
            self._turn(0)               # blank, or cut before the very first set was whole
            return self
        self._side = max(whole, key=lambda side: sides[side][0])
        self._generation, found, self._offset = sides[self._side]
        self._values.update(found)
        return self

    def _scan(self, side):
        """(generation, values, offset after the last slot that is not blank) of one sector."""
        values, generation, end, page = {}, 0, 0, memoryview(bytearray(_PAGE))
        for offset in range(0, SECTOR, _SLOT):
            at = offset % _PAGE
            if not at:
                self._nor.read(self._address(side) + offset, page)
            slot = page[at:at + _SLOT]
            if slot == _BLANK:
                continue
            end = offset + _SLOT
            if slot[0] == _MARK and crc32(slot[:12]) & 0xFFFFFFFF == unpack_from("<I", slot, 12)[0]:
                generation = unpack_from("<H", slot, 2)[0]
                values[slot[1]] = max(values.get(slot[1], 0), unpack_from("<I", slot, 4)[0])
        return generation, values, end

    def _address(self, side):
        return self._first + side * SECTOR

    def value(self, name):
        return self._values[name]

    def spend(self, name, value=None):
        """The next value (or this greater one) of a counter, on flash before it is returned. Raises StorageFault; then nothing was spent."""
        value = self._values[name] + 1 if value is None else value
        if value <= self._values[name]:
            raise StorageFault("counter")
        if self._offset + _SLOT > SECTOR:
            self._turn(1 - self._side)
        self._write(name, value)
        self._values[name] = value
        return value

    def _write(self, name, value):
        slot = self._slot
        pack_into("<BBHIIxxxx", slot, 0, _MARK, name, self._generation, value, 0)
        pack_into("<I", slot, 12, crc32(memoryview(slot)[:12]) & 0xFFFFFFFF)
        address = self._address(self._side) + self._offset
        self._offset += _SLOT
        self._nor.program(address, slot)
        check = bytearray(_SLOT)
        self._nor.read(address, check)
        if check != slot:
            raise StorageFault("verify")

    def _turn(self, side):
        """Go on in the other sector: erased, then every counter written, which makes it count."""
        self._nor.erase_now(self._address(side))
        self._side, self._offset = side, 0
        self._generation += 1
        for name in NAMES:
            self._write(name, self._values[name])

    def near_turn(self, left=8):
        """Few slots are left: the quiet moment to turn is now, before a customer waits for an erase."""
        return self._offset + left * _SLOT > SECTOR

    async def turn_ahead(self):
        """At a quiet moment: move to the other sector without holding the loop while it is erased."""
        if not self.near_turn():
            return False
        side = 1 - self._side
        await self._nor.erase(self._address(side))
        self._side, self._offset = side, 0
        self._generation += 1
        for name in NAMES:
            self._write(name, self._values[name])
        return True
