# board_rows.py: the M3 column: the same figures on the emulated STM32, where an instruction is 8 ns: a count in the clothes of time. Every figure is
# taken twice and must repeat exactly; fails where it does not.
from pathlib import Path

import pure_rows

from microtill import sweep
from microtill.bench.bench import Bench
from microtill.bench.customer import Customer
from microtill.bench.qemu import Qemu
from microtill.bench.rig import ASK_TURNS, Ended

HERE = Path(__file__).resolve().parent
GOAL_TAP_MS, GOAL_HOLD_MS = 40, 10
TIMES = 2
# What is measured: (operation of pure_device, its input, name, goal in us, goal in bytes of garbage)
PURE = (
    ("frames", pure_rows._frames(), "PN532 frame, encode 43 and decode 123 bytes", 300, 0),
    ("tlv_index", pure_rows._record(), "BER-TLV index, 242 bytes", None, 0),
    ("message", pure_rows._message(), "ISO 8583 pack and parse, 307 bytes", None, 512),
    ("mac", bytes(16) + bytes(range(256)), "CMAC of 256 bytes", None, None),
    ("key_next", bytes(range(24)), "AES DUKPT, the next key", None, None),
    ("key_cold", bytes(range(24)), "AES DUKPT, the costliest key", None, None),
    ("receipt", pure_rows._receipt(), "receipt of 32 rows", None, None),
)
RUN = """
import bus, time
def measured(name, once):
    once()
    gc.collect()
    gc.disable()
    alloc, began = gc.mem_alloc(), time.ticks_us()
    for _ in range(%d):
        once()
    took = time.ticks_diff(time.ticks_us(), began)
    alloc = gc.mem_alloc() - alloc
    gc.enable()
    bus.note("%%s %%d %%d" %% (name, took // %d, alloc // %d))
for name, data in %r:
    measured(name, OPERATIONS[name](bytes.fromhex(data))[0])
from machine import SPI, Pin
from nor import Nor
from till.secure.vault import journal_mac
from till.store.sealed import SealedRing
ring = SealedRing(Nor(SPI(0), Pin(15, Pin.OUT, value=1), 1 << 20), 0, 8, journal_mac(bytes(16))).mount()
record = bytes(range(76))
measured("append", lambda: ring.append(3, record))
bus.end()
"""


def rows():
    """As the other parts' rows(), name, ours, unit, goal, met."""
    for row in _twice(_pure) + _twice(_tap):
        yield row


def _twice(measure):
    first, second = measure(), measure()
    assert first == second, "the figures do not repeat: %s" % [pair for pair in zip(first, second) if pair[0] != pair[1]]
    return first


def _row(name, ours, unit, goal=None):
    met = None if goal is None else ours <= goal
    return {"name": name + ", M3", "ours": ours, "peer": None, "ratio": None, "unit": unit, "goal": goal, "met": met}


def _pure():
    source = (HERE / "pure_device.py").read_text().replace("main(*sys.argv[1:3])", "")
    operations = [(name, data.hex()) for name, data, *_ in PURE]
    bench = Bench(None, target=Qemu(script=source + RUN % (TIMES, TIMES, TIMES, operations)))
    bench.start()
    bench.rig.alive = lambda: True
    try:
        bench.rig.serve(bench.channel)
    except Ended:
        pass
    found = {words[0]: (int(words[1]), int(words[2])) for words in map(str.split, bench.rig.notes)}
    bench.close()
    out = []
    for name, _data, words, most_us, most_bytes in PURE:
        out.append(_row(words, found[name][0], "us", most_us))
        out.append(_row(words + ", garbage", found[name][1], "bytes", most_bytes))
    out.append(_row("journal append of 96 bytes, with its chip", found["append"][0], "us"))
    out.append(_row("journal append of 96 bytes, garbage", found["append"][1], "bytes"))
    return out


def _tap():
    out, image = [], sweep.keyed_image()
    for card, name in (("mc", "M/Chip"), ("phone", "qVSDC")):
        sale = Sale(image, card)
        out.append(_row("terminal's own time in a tap, %s" % name, round(sale.own_us / 1000, 1), "ms", GOAL_TAP_MS))
        out.append(_row("longest hold of the loop in a sale, %s" % name, round(sale.longest_us / 1000, 1), "ms", GOAL_HOLD_MS))
        out.append(_row("flash erases in a tap, %s" % name, sale.erases, "erases", 0))
        out.append(_row("garbage of a tap, %s" % name, sale.garbage, "bytes"))
    return out


class Sale:
    """One sale on the board: between the first command to the card and its last answer, own time, erases and garbage; over the whole sale, how
    long one turn of the loop held it."""

    def __init__(self, image, card):
        bench = self.bench = Bench(None, target=Qemu())
        bench.flash.data[:], bench.gauges = image, ASK_TURNS
        self._marks = {}
        bench.story.listeners.append(self._hear)
        person = Customer(bench, 1250, bench.wallet.card(card), bench.wallet.person(card).pin)
        bench.start()
        assert bench.run(lambda: any(row["kind"] == "signed_on" for row in bench.story.rows), 60_000)
        bench.run(lambda: False, 8_000)
        bench.rig.longest_us = 0
        person.begin()
        assert bench.run(lambda: person.finished, 120_000) and person.ending == "Approved"
        begins, ends = self._marks["tap begins"], self._marks["tap ends"]
        self.own_us, self.erases, self.garbage = (after - before for before, after in zip(begins, ends))
        self.longest_us = bench.rig.longest_us
        bench.close()

    def _hear(self, row):
        if row["kind"] == "memory":
            self._marks[row["point"]] = self.bench.rig.own_us, self.bench.flash.erases, int(row["bytes"])
