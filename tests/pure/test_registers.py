# test_registers.py: no key that was used can be had again, and each that is to come can; whatever was cut, at any operation, torn in any way.
import asyncio

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists, sets
from nor_memory import Cut, NorMemory

from till.core.errors import NotKeyed, StorageFault
from till.crypto import dukpt
from till.crypto.cmac import cmac
from till.secure import registers
from till.secure.registers import Registers

IKID = bytes.fromhex("1234567890123456")
INITIAL = bytearray.fromhex("1273671EA26AC29AFA4D1084127652A1")
SEAL, MARK = bytes(range(16)), bytes(range(16, 32))
COUNTERS = sets(integers(0, 31), min_size=1, max_size=16).map(lambda places: sum(1 << place for place in places))
LAST = 0xFFFF0000


def mounted(nor):
    return Registers(nor, 0, SEAL, MARK).mount()


def loaded(counter=1, seed=0):
    nor = NorMemory(2, seed)
    held = mounted(nor)
    held.load(INITIAL, IKID, counter)
    return nor, held


def advance(held, counter):
    """What a quiet moment does."""
    asyncio.run(held.advance(counter, dukpt.Dukpt(IKID, held.find)))


def right(held, counter):
    return dukpt.Dukpt(IKID, held.find).key(counter, dukpt.PIN) == dukpt.under(INITIAL, IKID).key(counter, dukpt.PIN)


def all_on(nor):
    """Each counter whose key lies on this flash, whole or followed by another, for who has the vault's keys."""
    out = []
    for at in range(0, len(nor.data), registers.SLOT):
        slot = bytes(nor.data[at:at + registers.SLOT])
        node = int.from_bytes(slot[:4], "little")
        if slot[20:] == bytes(cmac(MARK, slot[:20]))[:12] and at % registers.SECTOR >= registers.KEYS * registers.SLOT:
            out.append(node)
    return out


def after(counter, steps):
    for _ in range(steps):
        counter = dukpt.next_counter(counter)
    return counter


@given(COUNTERS)
def test_a_frontier_reaches_what_comes_and_nothing_before(counter):
    nodes = list(dukpt.frontier(counter))
    assert len(nodes) <= 32 and len({node & -node for node in nodes}) == len(nodes) and all(map(dukpt.valid, nodes))
    for later in {counter, after(counter, 1) if counter < LAST else counter, LAST}:
        assert sum(dukpt.comes_from(later, node) for node in nodes) == 1
    assert min(nodes) == counter                    # below a node are greater counters alone


@given(COUNTERS, COUNTERS)
def test_of_two_counters_the_later_one_is_reached(one, other):
    assert any(dukpt.comes_from(other, node) for node in dukpt.frontier(one)) is (other >= one)


@settings(max_examples=60, deadline=None)
@given(COUNTERS, lists(integers(1, 70), min_size=1, max_size=12))
def test_no_key_that_was_used_can_be_had_again(first, steps):
    nor, held = loaded(first)
    counter = first
    for step in steps:
        used = [counter := after(counter, 1) for _ in range(step) if counter < LAST]
        advance(held, counter)
        assert all(node >= counter for node in all_on(nor)), "a key from which a used one comes lies on flash"
        assert right(held, counter) and held.reaches(counter)
        for gone in used[:-1]:
            with pytest.raises(NotKeyed):
                dukpt.Dukpt(IKID, held.find).key(gone, dukpt.PIN)


@settings(max_examples=40, deadline=None)
@given(first=COUNTERS, later=COUNTERS)
def test_all_that_is_to_come_is_right(first, later):
    first, later = min(first, later), max(first, later)
    _nor, held = loaded(first)
    assert right(held, first) and right(held, later) and right(held, LAST)
    advance(held, later)
    assert right(held, later) and right(held, LAST)


def test_a_key_after_a_quiet_moment_takes_one_block_or_two():
    _nor, held = loaded()
    keys, counter = dukpt.Dukpt(IKID, held.find), 1
    for _ in range(300):
        asyncio.run(held.advance(counter, keys))
        before = keys.blocks
        keys.key(counter, dukpt.PIN)
        assert keys.blocks - before == 1                # it was at hand
        keys.key(dukpt.next_counter(counter), dukpt.PIN)
        assert keys.blocks - before <= 3
        counter = dukpt.next_counter(counter)


def test_an_erase_serves_a_hundred_requests_about():
    nor, held = loaded()
    erased, counter = nor.erases, 1
    for _ in range(2_000):
        counter = after(counter, 1)
        advance(held, counter)
    assert nor.erases - erased <= 25


@settings(max_examples=120, deadline=None)
@given(at=integers(1, 260), share=floats(0, 1), seed=integers(0, 1 << 30), steps=lists(integers(1, 9), min_size=1, max_size=40))
def test_a_cut_at_any_operation_loses_no_key_and_brings_none_back(at, share, seed, steps):
    nor, held = loaded(seed=seed)
    nor.cut, counter = (nor.operations + at, share), 1
    try:
        for step in steps:
            counter = after(counter, step)
            advance(held, counter)
    except Cut:
        pass
    nor.cut = None
    held = mounted(nor)
    assert held.reaches(counter) and right(held, counter) and right(held, LAST)
    advance(held, counter)
    assert all(node >= counter for node in all_on(nor))
    for _ in range(25):                                 # and it goes on, into the other sector
        counter = after(counter, 7)
        advance(held, counter)
        assert right(held, counter)
    again = mounted(nor)
    assert right(again, counter) and all(node >= counter for node in all_on(nor))


@settings(max_examples=60, deadline=None)
@given(cuts=lists(integers(1, 12), min_size=1, max_size=8), seed=integers(0, 1 << 30))
def test_cut_again_and_again_while_it_starts(cuts, seed):
    nor, held = loaded(seed=seed)
    counter = 1
    while held.room() >= 4:                             # soon the next quiet moment goes over to the other sector
        counter = after(counter, 1)
        advance(held, counter)
    counter = after(counter, 5)
    for at in cuts:
        nor.cut = (nor.operations + at, 0.5)
        try:
            held = mounted(nor)
            advance(held, counter)
        except Cut:
            pass
        nor.cut = None
    held = mounted(nor)
    advance(held, counter)
    assert right(held, counter) and held.reaches(counter) and all(node >= counter for node in all_on(nor))


@given(COUNTERS, integers(0, 31 * 8 - 1))
@settings(max_examples=40, deadline=None)
def test_an_altered_register_keys_nothing(counter, bit):
    nor, held = loaded(counter)
    nor.data[registers.KEYS * registers.SLOT + bit // 8] ^= 1 << bit % 8        # the first one: of the counter that comes next
    with pytest.raises(StorageFault):
        dukpt.Dukpt(IKID, held.find).key(counter, dukpt.PIN)
    assert not mounted(nor).reaches(counter)


def test_a_read_that_goes_wrong_once_loses_nothing():
    nor, _held = loaded()

    class Noisy:
        """Tells nonsense once, of the page where the keys begin."""
        reads = 0

        def __getattr__(self, name):
            return getattr(nor, name)

        def read(self, address, buf):
            nor.read(address, buf)
            if len(buf) == 256 and not self.reads:
                self.reads, buf[100] = 1, buf[100] ^ 4
    held = Registers(Noisy(), 0, SEAL, MARK).mount()
    assert held.reaches(1) and right(held, 1)


def test_wiped_while_it_goes_on_it_stays_wiped():
    nor, held = loaded()

    async def both():
        going = asyncio.create_task(held.advance(0x00000F0F, dukpt.Dukpt(IKID, held.find)))
        await asyncio.sleep(0)
        held.wipe()
        await going
    asyncio.run(both())
    assert nor.data == b"\xff" * len(nor.data) and not held.begun()
    with pytest.raises(NotKeyed):
        dukpt.Dukpt(IKID, held.find).key(0x00000F10, dukpt.PIN)


def test_a_sector_that_is_full_says_so():
    _nor, held = loaded()
    with pytest.raises(StorageFault):
        for counter in range(1, 400, 2):
            held._append(counter, bytearray(registers.SLOT))


class Stubborn:
    """A chip that takes nothing for a while: from an operation on, for so many of them."""

    def __init__(self, nor, first, many):
        self.nor, self.left, self.spoiled = nor, first, many

    def __getattr__(self, name):
        return getattr(self.nor, name)

    def _takes(self):
        self.left -= 1
        if -self.spoiled <= self.left < 0:
            raise StorageFault("mute")

    def program(self, address, data):
        self._takes()
        self.nor.program(address, data)

    async def erase(self, address):
        self._takes()
        self.nor.erase_now(address)


@settings(max_examples=25, deadline=None)
@given(first=integers(0, 60), many=integers(1, 45))
def test_a_chip_that_takes_nothing_for_a_while_loses_no_key(first, many):
    nor, held = loaded()
    counter = 1
    while held.room() >= 8:                             # soon the next quiet moment goes over to the other sector
        counter = after(counter, 1)
        advance(held, counter)
    held._nor = Stubborn(nor, first, many)
    for _ in range(90):
        counter = after(counter, 3)
        try:
            advance(held, counter)
        except StorageFault:
            pass
        assert right(held, counter)
        assert mounted(copy(nor)).reaches(counter)
    again = mounted(nor)
    assert right(again, counter) and right(again, LAST) and all(node >= counter for node in all_on(nor))


def copy(nor):
    other = NorMemory(2)
    other.data[:] = nor.data
    return other
