# store_rows.py: what a durable record costs on flash, beside a plain append on littlefs, and how that grows with the number of records.
import json
import subprocess
import sys
from pathlib import Path

from nor_memory import NorMemory

from till.store import counters
from till.store.counters import Counters
from till.store.ring import Ring

RECORD = 96
_LITTLEFS = """
import vfs, json
class Flash:
    def __init__(self, n):
        self.d = [bytearray(b"\\xff" * 4096) for _ in range(n)]
        self.erases = self.programs = self.programmed = 0
    def readblocks(self, b, buf, off=0):
        buf[:] = memoryview(self.d[b])[off:off + len(buf)]
    def writeblocks(self, b, buf, off=0):
        self.programs += 1
        self.programmed += len(buf)
        self.d[b][off:off + len(buf)] = buf
    def ioctl(self, op, arg):
        if op == 4:
            return len(self.d)
        if op == 5:
            return 4096
        if op == 6:
            self.erases += 1
            self.d[arg] = bytearray(b"\\xff" * 4096)
        return 0
flash = Flash(64)
vfs.VfsLfs2.mkfs(flash, progsize=256, readsize=256)
vfs.mount(vfs.VfsLfs2(flash, progsize=256, readsize=256), "/j")
flash.erases = flash.programs = flash.programmed = 0
for _ in range(200):
    with open("/j/log", "ab") as log:
        log.write(bytes(96))
found = open("/j/log", "rb").read()
print(json.dumps({"erases": flash.erases / 200, "programs": flash.programs / 200, "bytes": flash.programmed / 200, "same": found == bytes(96 * 200)}))
"""


def littlefs():
    """Per append of 96 bytes, opened, written and closed, on the interpreter's own littlefs over a counting flash."""
    program = str(Path(sys.executable).parent / "micropython")
    got = json.loads(subprocess.run([program, "-c", _LITTLEFS], capture_output=True, text=True, check=True).stdout)
    assert got["same"], "littlefs lost bytes"
    return got


def ring(appends, sectors=64):
    """Erases, programs and bytes programmed per append of a 96-byte record, head and check included."""
    nor = NorMemory(sectors)
    journal = Ring(nor, 0, sectors).mount()
    nor.erases = nor.programs = nor.programmed = 0
    for n in range(appends):
        journal.keep = journal.sequence
        journal.append(1, n.to_bytes(4, "little") + bytes(RECORD - 16))
    last = [payload[:4] for _s, _n, _k, payload in map(_copied, journal.records(journal.sequence))][-1]
    assert last == (appends - 1).to_bytes(4, "little"), "the ring lost a record"
    return nor, nor.erases / appends, nor.programs / appends, nor.programmed / appends


def _copied(record):
    sequence, number, kind, payload = record
    return sequence, number, kind, bytes(payload)


def boot_reads(nor, sectors=64):
    """Flash reads of a mount."""
    reads = [0]
    plain = nor.read

    def counted(address, buf):
        reads[0] += 1
        plain(address, buf)
    nor.read = counted
    Ring(nor, 0, sectors).mount()
    nor.read = plain
    return reads[0]


def rows():
    nor, erases, programs, programmed = ring(5000)
    peer = littlefs()
    spent = NorMemory(2)
    count = Counters(spent, 0).mount()
    spent.erases = 0
    for _ in range(5000):
        count.spend(counters.STAN)
    return [
        _row("journal append and sync, 96 bytes: erases", round(erases, 4), round(peer["erases"], 3), "erases", 0.03),
        _row("journal append and sync, 96 bytes: programs", round(programs, 3), round(peer["programs"], 2), "programs", 1.05),
        _row("journal append and sync, 96 bytes: bytes programmed", round(programmed), round(peer["bytes"]), "bytes", None),
        _row("synced counter: erases", round(spent.erases / 5000, 4), None, "erases", 0.01),
        _row("wear, hottest block over mean", round(max(nor.wear) * len(nor.wear) / sum(nor.wear), 3), None, "ratio", 1.5),
    ]


def growth():
    """[(records, programs an append, erases an append, reads of a mount)] from 100 to 100,000."""
    table = []
    for count in (100, 1_000, 10_000, 100_000):
        nor, erases, programs, _ = ring(count)
        table.append((count, round(programs, 3), round(erases, 4), boot_reads(nor)))
    return table


def _row(name, ours, peer, unit, goal):
    return {"name": name, "ours": ours, "peer": peer, "ratio": round(peer / ours, 2) if peer and ours else None, "unit": unit, "goal": goal,
            "met": None if goal is None else ours <= goal}
