# layouts_device.py: one layout of flash through the same trials, on the interpreter that ships: layouts_device.py raw|files. Prints JSON: {"runs",
# "wrong" [words], "erases", "bytes" (an append of 96 bytes)}; "figure" as a second word leaves the trials out. Raw is a NOR chip in memory; files
# lie on littlefs over a block device in memory.
import asyncio
import json
import random
import sys
import vfs

import filed
from till.core.errors import JournalFull, StorageFault
from till.secure.vault import journal_mac
from till.store import counters
from till.store.counters import Counters
from till.store.ring import MOST, Ring
from till.store.sealed import SealedRing
from till.store.slots import Slots

BLOCK, BLOCKS, SECTORS = 4096, 64, 4
FS = {"readsize": 128, "progsize": 128, "lookahead": 32}
SHARES = (0, 50, 100)                   # of a cut operation's bits, in hundredths
MAC = journal_mac(bytes(range(16)))
RINGS = {"plain": lambda nor, sectors=SECTORS: Ring(nor, 0, sectors, MOST), "sealed": lambda nor, sectors=SECTORS: SealedRing(nor, 0, sectors, MAC)}
wrong, runs = [], [0]


class Cut(Exception):
    """The supply failed."""


class Cells:
    """Blocks of NOR cells: programs clear bits, erases set them. `cut`: (operation counted from 1, share of its bits); dead afterwards."""

    def __init__(self):
        self.blocks = [bytearray(b"\xff" * BLOCK) for _ in range(BLOCKS)]
        self.operations = self.erases = self.programmed = 0
        self.cut, self.dead = None, False

    def change(self, block, offset, wanted):
        """False where the supply has failed, in this operation or before."""
        if self.dead:
            return False
        self.operations += 1
        cells = self.blocks[block]
        if self.cut is None or self.cut[0] != self.operations:
            cells[offset:offset + len(wanted)] = wanted
            return True
        self.dead = True
        for at in range(len(wanted)):
            left = cells[offset + at] ^ wanted[at]
            for bit in range(8):
                if left >> bit & 1 and random.randrange(100) < self.cut[1]:
                    cells[offset + at] ^= 1 << bit
        return False


class RawFlash:
    """The face of drivers/nor."""

    def __init__(self, cells):
        self.cells = cells

    def read(self, address, buf):
        cells = self.cells.blocks[address // BLOCK]
        buf[:] = cells[address % BLOCK:address % BLOCK + len(buf)]

    def program(self, address, data):
        now = bytearray(len(data))
        self.read(address, now)
        self.cells.programmed += len(data)
        if not self.cells.change(address // BLOCK, address % BLOCK, bytes(now[at] & data[at] for at in range(len(data)))):
            raise Cut

    def erase_now(self, address):
        self.cells.erases += 1
        if not self.cells.change(address // BLOCK, 0, b"\xff" * BLOCK):
            raise Cut

    async def erase(self, address):
        self.erase_now(address)


class Blocks:
    """A block device for littlefs: an error from the moment that the supply fails."""

    def __init__(self, cells):
        self.cells = cells

    def readblocks(self, block, buf, offset=0):
        buf[:] = memoryview(self.cells.blocks[block])[offset:offset + len(buf)]

    def writeblocks(self, block, buf, offset=0):
        cells = self.cells
        cells.programmed += len(buf)
        now = cells.blocks[block]
        return 0 if cells.change(block, offset, bytes(now[offset + at] & buf[at] for at in range(len(buf)))) else -5

    def ioctl(self, op, arg):
        if op == 4:
            return BLOCKS
        if op == 5:
            return BLOCK
        if op == 6:
            self.cells.erases += 1
            return 0 if self.cells.change(arg, 0, b"\xff" * BLOCK) else -5
        return 0


class Raw:
    def __init__(self):
        self.cells = Cells()

    def on(self):
        self.cells.cut, self.cells.dead = None, False
        return RawFlash(self.cells)

    def alter(self, flash, address):
        self.cells.blocks[address // BLOCK][address % BLOCK] ^= 0x04


class Files:
    mounted = False

    def __init__(self):
        self.cells = Cells()
        vfs.VfsLfs2.mkfs(Blocks(self.cells), **FS)

    def on(self):
        if Files.mounted:
            vfs.umount("/f")
        self.cells.cut, self.cells.dead, Files.mounted = None, False, True
        vfs.mount(vfs.VfsLfs2(Blocks(self.cells), **FS), "/f")
        return filed.FileFlash("/f/flash", SECTORS * 4 * 4096)

    def alter(self, flash, address):
        flash._empty()
        with open("/f/flash/s%d" % (address // 4096), "r+b") as file:
            file.seek(address % 4096)
            byte = file.read(1)[0]
            file.seek(address % 4096)
            file.write(bytes((byte ^ 0x04,)))


def contents(ring):
    return [(number, kind, bytes(payload)) for _sequence, number, kind, payload in ring.records()]


def check(true, *words):
    runs[0] += 1
    if not true:
        wrong.append(" ".join(str(word) for word in words))


def payload(n):
    return bytes((n * 7 + k) & 0xFF for k in range(n * 53 % 200))


def what_was_appended_is_there(layout, make, name):
    power = layout()
    ring, said = make(power.on()).mount(), []
    for n in range(45):
        ring.append(n % 250 + 1, payload(n))
        said.append((n + 1, n % 250 + 1, payload(n)))
    check(contents(make(power.on()).mount()) == said, name, "what was appended is not there")


def a_cut(layout, make, name, at, share):
    """Some appends with a cut in one operation of the chip, then a restart and some more."""
    power = layout()
    flash = power.on()
    random.seed(at * 1000 + share)
    ring, believed, tried = make(flash).mount(), [], None
    power.cells.cut = (power.cells.operations + at, share)
    try:
        for n in range(26):
            tried = payload(n)
            ring.keep = ring.sequence
            ring.append(1, tried)
            believed.append(tried)
            if n % 2:
                ring.sure()
    except (Cut, StorageFault, OSError):
        pass
    whole = not power.cells.dead
    for life in range(2):
        ring = make(power.on()).mount()
        found = [record[2] for record in contents(ring)]
        recent = believed[-min(len(believed), 8):]
        good = found[-len(recent):] == recent or found[-len(recent) - 1:] == recent + [tried]
        check(good and not getattr(ring, "altered", None), name, "cut at", at, share, "life", life, getattr(ring, "altered", None))
        ring.append(2, b"after %d" % life)
        believed = found + [b"after %d" % life]
    return whole


def full_says_so(layout, make, name):
    power = layout()
    ring = make(power.on()).mount()
    ring.append(1, b"owed")
    try:
        while True:
            ring.append(2, bytes(200))
    except JournalFull:
        pass
    check(contents(make(power.on()).mount())[0][2] == b"owed" and ring.room() < 256, name, "a debt was written over")


def erased_ahead(layout, make, name):
    power = layout()
    ring = make(power.on()).mount()
    ring.keep = ring.sequence
    did = asyncio.run(ring.erase_ahead())
    check(did and ring.ahead() and not asyncio.run(ring.erase_ahead()), name, "nothing was erased ahead")


def altered_is_found(layout, make, name):
    power = layout()
    flash = power.on()
    ring = make(flash).mount()
    for n in range(6):
        ring.append(1, b"record %d" % n)
    ring.sure()
    power.alter(flash, ring.began + 10)
    again = make(power.on()).mount()
    found = [record[2] for record in contents(again)]
    check(found == [b"record %d" % n for n in range(5)], name, "an altered record is believed")
    check(name == "plain" or again.altered == {6: 1}, name, "an altered record is not told")


def a_counter_and_a_value(layout):
    """Cut at each operation: no number twice, and each value the old one or the new."""
    at, whole = 1, False
    while not whole and at < 400:
        power = layout()
        flash = power.on()
        spent, kept = Counters(flash, 0).mount(), Slots(flash, 2 * 4096).mount()
        kept.put(3, b"old")
        power.cells.cut, last, believed, tried = (power.cells.operations + at, 50), 0, b"old", b"old"
        try:
            for n in range(12):
                last = spent.spend(counters.STAN)
                tried = bytes((65 + n,)) * 40
                kept.put(3, tried)
                believed = tried
        except (Cut, StorageFault, OSError):
            pass
        whole = not power.cells.dead
        flash = power.on()
        spent, kept = Counters(flash, 0).mount(), Slots(flash, 2 * 4096).mount()
        check(spent.value(counters.STAN) in (last, last + 1), "a counter, cut at", at)
        check(kept.get(3) in (believed, tried), "a value, cut at", at)
        at += 5


def trials(layout):
    for kind, make in RINGS.items():
        what_was_appended_is_there(layout, make, kind)
        full_says_so(layout, make, kind)
        erased_ahead(layout, make, kind)
        altered_is_found(layout, make, kind)
        at, whole = 1, False
        while not whole and at < 400:
            whole = all([a_cut(layout, make, kind, at, share) for share in SHARES])
            at += 2
    a_counter_and_a_value(layout)


def figure(layout):
    """(erases, bytes programmed) an append of 96 bytes, head, proof and check included."""
    power = layout()
    ring = SealedRing(power.on(), 0, 8, MAC).mount()
    for n in range(400):
        if n == 100:
            power.cells.erases = power.cells.programmed = 0
        ring.keep = ring.sequence
        ring.append(1, bytes(76))
    return power.cells.erases / 300, power.cells.programmed / 300


def main(name, short):
    layout = {"raw": Raw, "files": Files}[name]
    if not short:
        trials(layout)
    erases, programmed = figure(layout)
    print(json.dumps({"runs": runs[0], "wrong": wrong[:20], "erases": erases, "bytes": programmed}))


main(sys.argv[1], "figure" in sys.argv)
