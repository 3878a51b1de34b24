# store_rows.py: what a durable record costs on flash, beside a plain append on littlefs, and how that grows with the number of records and of debts.
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from nor_memory import NorMemory

from till.money.ledger import Ledger
from till.store import counters
from till.store.counters import Counters
from till.store.ring import Ring
from till.store.sealed import SealedRing

RECORD = 96
SECTORS = 64                            # of the terminal's journal
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


def _mac(data, out):
    """In place of the device's CMAC, which costs no flash: a hundred thousand of them in Python would take an hour."""
    out[:] = hashlib.blake2b(data, digest_size=len(out)).digest()


class Counted(NorMemory):
    """Counts reads, too. `took(act)`: (its reads, programs, erases)."""

    def __init__(self, sectors):
        super().__init__(sectors)
        self.reads = 0

    def read(self, address, buf):
        self.reads += 1
        super().read(address, buf)

    def took(self, act):
        before = self.reads, self.programs, self.erases
        act()
        return self.reads - before[0], self.programs - before[1], self.erases - before[2]


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
        _row("journal append on files, 96 bytes: erases", round(files()["erases"], 4), round(peer["erases"], 3), "erases", 0.25),
        _row("synced counter: erases", round(spent.erases / 5000, 4), None, "erases", 0.01),
        _row("wear, hottest block over mean", round(max(nor.wear) * len(nor.wear) / sum(nor.wear), 3), None, "ratio", 1.5),
    ]


JOURNAL = ("reads an append", "programs an append", "erases an append", "reads at mount")
OUTBOX = ("programs to add", "reads to add", "reads for the next", "programs to end one", "reads to end one", "bytes of RAM each")


def journal_growth():
    """[(records, JOURNAL's figures)] from 100 to 100,000 of 96 bytes, head and tail included, on the terminal's own journal."""
    table, nor, at = [], Counted(SECTORS), 0
    journal = SealedRing(nor, 0, SECTORS, _mac).mount()

    def append():
        journal.keep = journal.sequence
        journal.append(1, bytes(RECORD - 20))
    for count in (100, 1_000, 10_000, 100_000):
        while at < count - 100:
            append()
            at += 1
        last = [nor.took(append) for _ in range(100)]
        at = count
        mount = nor.took(lambda: SealedRing(nor, 0, SECTORS, _mac).mount())
        table.append((count, *(round(sum(each[n] for each in last) / 100, 3) for n in range(2)), round(nor.erases / count, 4), mount[0]))
    return table


def _sale(stan):
    return {"stan": stan, "kind": 1, "amount_minor": 1250, "currency": 978, "unix": 1767603600, "original_stan": 0, "trigger": "1.%d" % stan,
            "field7": "0105090000", "pan": "476173******0119", "account": "0123456789abcdef", "entry": "contactless", "aid": "A0000000031010",
            "label": "VISA CREDIT"}


def outbox_growth():
    """[(debts, OUTBOX's figures)] from 10 to 300: of the last one that came, of what a look for the oldest costs, and of the oldest's end."""
    return [_outbox(count) for count in (10, 30, 100, 300)]


def _outbox(count):
    nor = Counted(SECTORS)
    ledger = Ledger(SealedRing(nor, 0, SECTORS, _mac).mount())

    def add(stan):
        ledger.owe(_sale(stan))
        ledger.happened(stan, "no_answer", reason="T01")
    for stan in range(1, count):
        add(stan)
    added, looked, ended = nor.took(lambda: add(count)), nor.took(ledger.owed), nor.took(lambda: ledger.happened(1, "reversed"))
    return count, added[1], added[0], looked[0], ended[1], ended[0], _ram(count)


_DEBTS = """
import gc
from till.money.owed import Open, Owed
def fill(n):
    owed = Owed()
    for stan in range(1, n + 1):
        owed.add(Open(stan, 1, 1250, 17676, "1.%%d" %% stan, 1, 24))
        owed.move(stan, 4)
    return owed
kept = fill(2)
gc.collect()
before = gc.mem_alloc()
kept = fill(%d)
gc.collect()
print((gc.mem_alloc() - before) // %d)
"""


def _ram(count):
    """Bytes of the device's heap a debt (64 bit; half of it on a board), as its own interpreter counts them."""
    program, room = str(Path(sys.executable).parent / "micropython"), str(Path(__file__).resolve().parents[2] / "firmware")
    return int(subprocess.run([program, "-c", _DEBTS % (count, count)], capture_output=True, text=True, check=True,
                              env={"MICROPYPATH": room + ":.frozen"}).stdout)


def files():
    """As littlefs(), of the layout for a board with only a file system."""
    program, here = str(Path(sys.executable).parent / "micropython"), Path(__file__).resolve().parents[2]
    path = ":".join([str(here / "boards" / "common"), str(here / "firmware"), ".frozen"])
    done = subprocess.run([program, str(here / "tests" / "pure" / "layouts_device.py"), "files", "figure"], env={**os.environ, "MICROPYPATH": path},
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def _row(name, ours, peer, unit, goal):
    return {"name": name, "ours": ours, "peer": peer, "ratio": round(peer / ours, 2) if peer and ours else None, "unit": unit, "goal": goal,
            "met": None if goal is None else ours <= goal}
