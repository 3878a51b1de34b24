# test_store.py: ring, counters and slots: after a cut at any operation, torn in any way, each record is whole or absent and none is lost.
import asyncio

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, floats, integers, lists
from nor_memory import Cut, NorMemory

from till.core.errors import JournalFull, StorageFault
from till.store import counters
from till.store.counters import Counters
from till.store.ring import Ring
from till.store.slots import Slots


def ring(nor, sectors=4):
    return Ring(nor, 0, sectors).mount()


def contents(of):
    return [(number, kind, bytes(payload)) for _sequence, number, kind, payload in of.records()]


@given(payloads=lists(binary(max_size=300), max_size=40))
def test_what_was_appended_is_there_after_a_restart(payloads):
    nor = NorMemory(8)
    first = Ring(nor, 0, 8).mount()
    for n, payload in enumerate(payloads):
        first.append(n % 250 + 1, payload)
    again = Ring(nor, 0, 8).mount()
    assert contents(again) == [(n + 1, n % 250 + 1, payload) for n, payload in enumerate(payloads)]


@settings(max_examples=300, deadline=None)
@given(sizes=lists(integers(0, 400), min_size=1, max_size=30), at=integers(1, 60), share=floats(0, 1), seed=integers(0, 1 << 30))
def test_a_cut_at_any_operation_leaves_each_record_whole_or_absent(sizes, at, share, seed):
    nor = NorMemory(4, seed)
    nor.cut = (at, share)
    believed, tried = [], None
    try:
        of = ring(nor)
        for n, size in enumerate(sizes):
            tried = bytes((n * 7 + k) & 0xFF for k in range(size))
            of.keep = of.sequence
            of.append(1, tried)
            believed.append(tried)
    except Cut:
        pass
    nor.cut = None
    of = ring(nor)
    found = [payload for _number, _kind, payload in contents(of)]
    recent = believed[-min(len(believed), 8):]                  # older ones may have left the ring by its own rule
    assert found[-len(recent):] == recent or found[-len(recent) - 1:] == recent + [tried]
    of.append(2, b"after")
    assert contents(ring(nor))[-1][1:] == (2, b"after")


def test_an_open_debt_is_never_overwritten_and_full_says_so():
    of = ring(NorMemory(4))
    of.append(1, b"owed")                                       # keep stays at the first sector
    with pytest.raises(JournalFull):
        for _ in range(1000):
            of.append(2, bytes(200))
    assert contents(of)[0][2] == b"owed"
    assert of.room() < 256


def test_a_record_of_96_bytes_takes_one_program_and_a_small_share_of_an_erase():
    nor = NorMemory(16)
    of = Ring(nor, 0, 16).mount()
    nor.programs = nor.erases = 0
    for _ in range(1000):
        of.keep = of.sequence
        of.append(1, bytes(84))                                 # 96 with its head and check
    assert nor.erases / 1000 <= 0.032
    assert nor.programs / 1000 <= 1.1                           # one each, a header a sector, a retirement a sector


def test_wear_is_even():
    nor = NorMemory(8)
    of = Ring(nor, 0, 8).mount()
    for _ in range(5000):
        of.keep = of.sequence
        of.append(1, bytes(90))
    assert max(nor.wear) <= 1.5 * sum(nor.wear) / len(nor.wear)


def test_erase_ahead_spares_the_append_an_erase():
    nor = NorMemory(4)
    of = ring(nor)
    of.keep = of.sequence
    assert asyncio.run(of.erase_ahead()) and of.ahead()
    before = nor.erases
    while of.sequence == 1:
        of.append(1, bytes(200))
    assert nor.erases == before


def test_an_altered_bit_is_found():
    nor = NorMemory(4)
    of = ring(nor)
    of.append(1, b"twelve fifty")
    nor.data[nor.data.index(b"twelve")] ^= 0x01
    assert contents(ring(nor)) == []


def test_a_chip_that_does_not_hold_is_a_fault():
    class Dead(NorMemory):
        def program(self, address, data):
            self.programs += 1
    nor = NorMemory(4)
    of = ring(nor)
    of._nor = Dead(4)
    with pytest.raises(StorageFault):
        of.append(1, b"x")


@settings(max_examples=200, deadline=None)
@given(spends=integers(1, 700), at=integers(1, 900), share=floats(0, 1), seed=integers(0, 1 << 30))
def test_no_counter_is_ever_handed_out_twice(spends, at, share, seed):
    nor = NorMemory(2, seed)
    nor.cut = (at, share)
    last = 0
    try:
        of = Counters(nor, 0).mount()
        for _ in range(spends):
            last = of.spend(counters.DUKPT)
    except Cut:
        pass
    nor.cut = None
    of = Counters(nor, 0).mount()
    assert of.value(counters.DUKPT) in (last, last + 1)
    assert of.spend(counters.DUKPT) > last


def test_a_counter_costs_a_small_share_of_an_erase():
    nor = NorMemory(2)
    of = Counters(nor, 0).mount()
    nor.erases = 0
    for _ in range(2000):
        of.spend(counters.STAN)
    assert nor.erases / 2000 <= 0.01


@settings(max_examples=100, deadline=None)
@given(writes=lists(integers(1, 5), min_size=1, max_size=60), at=integers(1, 120), share=floats(0, 1))
def test_a_slot_holds_its_old_value_or_its_new_one(writes, at, share):
    nor = NorMemory(4)
    nor.cut = (at, share)
    believed, tried = {}, (0, b"")
    try:
        of = Slots(nor, 0).mount()
        for n, name in enumerate(writes):
            tried = name, bytes([n]) * 300
            of.put(*tried)
            believed[name] = tried[1]
    except Cut:
        pass
    nor.cut = None
    of = Slots(nor, 0).mount()
    for name, value in believed.items():
        assert of.get(name) == value or (name == tried[0] and of.get(name) == tried[1])
