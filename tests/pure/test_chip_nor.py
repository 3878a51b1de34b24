# test_chip_nor.py: the flash model: it forgets no rule of NOR, and a cut tears it as a cut does.
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtill.bench.chips.nor import PAGE, SECTOR, Nor, PowerCut
from microtill.bench.world import World


class Bench:
    def __init__(self, seed=1, **how):
        self.world = World()
        self.chip = Nor(self.world, Random(seed), **how)

    def do(self, *parts, wait=True):
        """One select with one or more transfers. Returns what came during the last, and lets the chip finish."""
        self.chip.select(0)
        out = b""
        for part in parts:
            out = self.chip.transfer(part)
        self.chip.select(1)
        if wait:
            self.world.run_until(max(self.world.now, self.chip.busy_until))
        return out

    def read(self, address, size):
        return self.do(b"\x03" + address.to_bytes(3, "big"), bytes(size))

    def program(self, address, data, wait=True):
        self.do(b"\x06")
        self.do(b"\x02" + address.to_bytes(3, "big") + data, wait=wait)

    def erase(self, address, wait=True):
        self.do(b"\x06")
        self.do(b"\x20" + address.to_bytes(3, "big"), wait=wait)

    def status(self):
        return self.do(b"\x05", b"\x00", wait=False)[0]


@pytest.mark.parametrize("size, identity", [(1 << 20, "ef4014"), (4 << 20, "ef4016"), (16 << 20, "ef4018")])
def test_it_says_what_it_is(size, identity):
    assert Bench(size=size).do(b"\x9f", bytes(3)).hex() == identity


def test_one_transfer_or_many_are_the_same():
    bench = Bench()
    bench.program(0, b"abc")
    assert bench.do(b"\x03\x00\x00\x00" + bytes(3))[4:] == b"abc"
    assert bench.do(b"\x03", b"\x00", b"\x00\x00", b"\x00", b"\x00\x00") == b"bc"
    assert bench.do(b"\x0b\x00\x00\x00\x00", bytes(3)) == b"abc"


def test_reading_past_the_end_starts_again():
    bench = Bench(size=65536)
    bench.program(0, b"ab")
    bench.program(65534, b"yz")
    assert bench.read(65534, 4) == b"yzab"


def test_a_program_wraps_in_its_page():
    bench = Bench()
    bench.program(PAGE + 254, b"abcd")
    assert bench.read(PAGE + 254, 2) == b"ab"
    assert bench.read(PAGE, 2) == b"cd"
    assert bench.read(2 * PAGE, 2) == b"\xff\xff"


def test_of_more_than_a_page_the_last_256_bytes_count():
    bench = Bench()
    bench.program(10, b"x" * 44 + bytes(range(256)))
    assert bench.read(54, 202) == bytes(range(202))
    assert bench.read(0, 54) == bytes(range(202, 256))


def test_a_program_only_clears_bits_and_an_erase_sets_them():
    bench = Bench()
    bench.program(0, b"\xf0")
    bench.program(0, b"\x3c")
    assert bench.read(0, 1) == b"\x30"
    bench.erase(5)
    assert bench.read(0, 1) == b"\xff"


def test_without_write_enable_nothing_happens_and_it_holds_for_one_operation():
    bench = Bench()
    bench.do(b"\x02\x00\x00\x00a")
    bench.program(1, b"b")
    bench.do(b"\x02\x00\x00\x02c")
    assert bench.read(0, 3) == b"\xffb\xff"
    bench.do(b"\x06")
    assert bench.status() == 2
    bench.do(b"\x04")
    assert bench.status() == 0


def test_busy_for_its_time_and_deaf_meanwhile():
    bench = Bench(program_us=700, sector_us=45_000)
    bench.program(0, b"a", wait=False)
    assert bench.status() & 1
    assert bench.do(b"\x03\x00\x00\x00", b"\x00", wait=False) == b"\xff"
    bench.program(1, b"b", wait=False)
    bench.world.run_until(700)
    assert bench.status() == 0
    assert bench.read(0, 2) == b"a\xff"
    began = bench.world.now
    bench.erase(0)
    assert bench.world.now - began == 45_000


def test_block_and_chip_erase():
    bench = Bench(size=131072)
    bench.program(0, b"a")
    bench.program(65536, b"b")
    bench.do(b"\x06")
    bench.do(b"\xd8\x01\x00\x00")
    assert (bench.read(0, 1), bench.read(65536, 1)) == (b"a", b"\xff")
    bench.do(b"\x06")
    bench.do(b"\xc7")
    assert bench.read(0, 1) == b"\xff"


def test_asleep_it_knows_one_command():
    bench = Bench()
    bench.do(b"\xb9")
    assert bench.do(b"\x9f", bytes(3)) == b"\xff\xff\xff"
    assert bench.do(b"\xab\x00\x00\x00", b"\x00") == b"\x13"
    assert bench.do(b"\x9f", bytes(3)).hex() == "ef4014"


def test_faults():
    bench = Bench()
    bench.chip.read_only = True
    bench.program(0, b"a")
    assert bench.read(0, 1) == b"\xff"
    assert bench.status() == 0
    bench.chip.stuck_busy = True
    assert bench.status() & 1
    bench.chip.deaf = True
    assert bench.status() == 0xFF


def test_counts_wear_and_the_hook():
    bench, told = Bench(), []
    bench.chip.on_operation = lambda *what: told.append(what)
    bench.program(3, b"abc")
    bench.erase(SECTOR + 7)
    assert told == [("program", 3, 3, 0), ("erase", SECTOR, SECTOR, 700)]
    chip = bench.chip
    assert (chip.operations, chip.programs, chip.erases, chip.programmed_bytes, chip.wear[:3]) == (2, 1, 1, 3, [0, 1, 0])
    chip.reset_counts()
    assert (chip.operations, chip.programs, chip.wear[1]) == (0, 0, 1)


@pytest.mark.parametrize("share, expected", [(0, b"\xff\xff\xff"), (1, b"abc")])
def test_a_cut_before_or_after_leaves_all_or_nothing(share, expected):
    bench = Bench()
    bench.program(100, b"zz")
    bench.chip.cut = (2, share)
    with pytest.raises(PowerCut):
        bench.program(0, b"abc")
    bench.chip.power_on()
    assert bench.read(0, 3) == expected
    assert bench.chip.cut is None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1 << 30), st.floats(0.01, 0.99), *[st.binary(min_size=1, max_size=64)] * 2, st.booleans())
def test_a_torn_operation_changes_only_bits_that_had_to_change(seed, share, before, after, erasing):
    bench = Bench(seed, size=65536)
    bench.program(0, before)
    old = bytes(bench.chip.data)
    bench.chip.cut = (2, share)
    with pytest.raises(PowerCut):
        bench.erase(0) if erasing else bench.program(0, after)
    wanted = bytearray(old)
    if erasing:
        wanted[:SECTOR] = b"\xff" * SECTOR
    else:
        for i, byte in enumerate(after):
            wanted[i] &= byte
    assert all((new ^ was) & ~(was ^ goal) == 0 for new, was, goal in zip(bench.chip.data, old, wanted, strict=True))


def test_a_tear_is_bit_by_bit_and_about_its_share():
    bench = Bench(size=65536)
    bench.program(0, bytes(256))
    bench.chip.cut = (2, 0.25)
    with pytest.raises(PowerCut):
        bench.erase(0)
    set_bits = sum(byte.bit_count() for byte in bench.chip.data[:256])
    assert 400 < set_bits < 620
    assert len(set(bench.chip.data[:256])) > 20


def test_power_lost_in_the_middle_tears_what_was_under_way():
    bench = Bench()
    bench.program(0, bytes(256), wait=False)
    bench.world.run_until(350)
    bench.chip.power_on()
    cleared = sum(8 - byte.bit_count() for byte in bench.chip.data[:256])
    assert 850 < cleared < 1200
    assert bench.status() == 0


def test_the_image_survives(tmp_path):
    path = str(tmp_path / "flash.bin")
    bench, other = Bench(), Bench()
    bench.program(5, b"kept")
    bench.chip.save(path)
    other.chip.load(path)
    assert other.read(5, 4) == b"kept"
    assert [entry.name for entry in tmp_path.iterdir()] == ["flash.bin"]
    other.chip.load(str(tmp_path / "none.bin"))
    assert other.read(5, 4) == b"\xff" * 4
    with pytest.raises(ValueError):
        Nor(World(), Random(1), size=65536).load(path)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=12)), max_size=30))
def test_no_traffic_disturbs_it_for_good(steps):
    bench = Bench(size=65536)
    for level, data in steps:
        bench.chip.select(int(level))
        assert len(bench.chip.transfer(data)) == len(data)
    bench.chip.select(1)
    bench.world.run_until(20_000_000)
    bench.do(b"\xab")
    assert bench.do(b"\x9f", bytes(3)).hex() == "ef4010"
