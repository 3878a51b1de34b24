# journal.py: a flash image read in this process, as the firmware's own code reads it: every record, and the sums that the next start believes.
# Works on a copy. What the terminal itself says through its console is books.terminal: slower, and held against this by a test.
from microtill import books, demo
from microtill.device_source import records
from till.money.ledger import Ledger
from till.secure.vault import journal_mac
from till.store.sealed import SealedRing

FIRST, SECTORS, SECTOR = 8 * 4096, 64, 4096             # as firmware/till/build.py lays the flash out


class Image:
    """A flash chip in memory, for a ring that is only read (a blank one gets its first header, here alone)."""

    def __init__(self, data):
        self.data = bytearray(data)

    def read(self, address, buf):
        buf[:] = self.data[address:address + len(buf)]

    def program(self, address, data):
        self.data[address:address + len(data)] = data

    def erase_now(self, address):
        self.data[address:address + SECTOR] = b"\xff" * SECTOR


def ring(flash):
    """The journal of a terminal of the bench, whose device key is known here."""
    return SealedRing(Image(flash), FIRST, SECTORS, journal_mac(demo.DEVICE_KEY[:16])).mount()


def rows(flash):
    """Every record, oldest first, as the console's `journal` gives them."""
    out, found = [], ring(flash)
    for _sequence, number, kind, payload in found.records():
        out.append({**records.decode(kind, payload), "number": number, "record": records.NAMES[kind]})
    return out + [{"number": number, "record": "altered", "count": count} for number, count in sorted(found.altered.items())]


def payments(flash):
    """As books.terminal."""
    return books.from_journal(rows(flash))


def sums(flash, offset_min=0):
    """What a terminal that starts now takes for its sums (totals.nothing's names)."""
    return dict(Ledger(ring(flash), offset_min).mount().sums)
