# test_sealed.py: a sealed ring: every change of a record is found, whatever was changed, moved, repeated or taken away; what is only torn is not
# called altered; nothing that was not written is ever believed.
import random
from asyncio import run
from binascii import crc32
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, lists
from nor_memory import Cut, NorMemory

from till.core.errors import StorageFault
from till.money import transaction
from till.money.ledger import Ledger
from till.secure.vault import journal_mac
from till.store.ring import PAGE, SECTOR, Ring
from till.store.sealed import SealedRing

KEY = bytes(range(16))
MAC = journal_mac(KEY)


def ring(nor, sectors=4, mac=MAC):
    return SealedRing(nor, 0, sectors, mac).mount()


def contents(of):
    return [(number, kind, bytes(payload)) for _sequence, number, kind, payload in of.records()]


def spans(of, n=0):
    """[(first byte, after the last)] of the records of one sector, as they lie on flash."""
    out = []
    of._expected = 0
    for after, _number, _kind, payload in of._records(n):
        total = 8 + len(payload) + 12
        start = of._address(n) + after - total - (-total & 3)
        out.append((start, start + total))
    return out


def paid(ledger, stan):
    ledger.owe({"stan": stan, "kind": transaction.SALE, "amount_minor": 1250, "currency": 978, "unix": 1_767_600_000, "trigger": "1.%d" % stan,
                "field7": "0105080000", "pan": "476173******0119", "account": "a1b2c3d4e5f60718", "aid": "A0000000031010", "label": "VISA"})
    ledger.happened(stan, "approved", {"response": "00", "auth": "123456", "rrn": "000000000001"})
    ledger.printed(stan, 1, "printed")


@pytest.fixture(scope="module")
def shop():
    """(flash, ring) after three payments, at rest."""
    nor = NorMemory(4)
    of = ring(nor)
    ledger = Ledger(of).mount()
    for stan in (1, 2, 3):
        paid(ledger, stan)
    of.sure()
    return nor, of


def test_every_single_bit_of_every_record_that_changes_is_found(shop):
    nor, of = shop
    whole, lies = contents(of), spans(of)
    assert len(lies) == len(whole) == 10
    newest_mark, tried = lies[-1][0] + 3, 0
    for start, end in [*lies, (0, 32)]:
        for at in range(start, end):
            for bit in range(8):
                nor.data[at] ^= 1 << bit
                again = ring(nor)
                found = contents(again)
                assert all(each in whole for each in found)
                if at == newest_mark:                   # a mark that may be torn says nothing of the record, and is mended at once
                    assert found == whole and nor.data[at] == 0
                    nor.data[at] ^= 1 << bit
                else:
                    assert again.altered, (at - start, bit)
                nor.data[at] ^= 1 << bit
                tried += 1
    assert tried > 5_000 and ring(nor).altered == {} and contents(ring(nor)) == whole
    print("%d single bits" % tried)


def test_another_key_another_journal(shop):
    other = SealedRing(shop[0], 0, 4, journal_mac(bytes(16)))
    other._sequence_of = lambda n, head: Ring._sequence_of(other, n, head)          # as if its header were believed
    other.mount()
    assert contents(other) == [] and other.altered


@pytest.mark.parametrize("how", ["repeated behind", "swapped", "taken away", "taken out of the middle", "moved on"])
def test_a_record_in_another_place_is_not_believed(shop, how):
    nor = NorMemory(4)
    nor.data[:] = shop[0].data
    whole, lies = contents(shop[1]), spans(shop[1])
    outcome = bytes(nor.data[slice(*lies[2])])
    end = lies[-1][1] + 3 & ~3
    if how == "repeated behind":
        nor.data[end:end + len(outcome)] = outcome
    elif how == "swapped":
        a, b = lies[2], lies[5]                         # two outcomes of one size
        assert a[1] - a[0] == b[1] - b[0]
        nor.data[slice(*a)], nor.data[slice(*b)] = nor.data[slice(*b)], outcome
    elif how == "taken away":
        nor.data[slice(*lies[2])] = b"\xff" * len(outcome)
    elif how == "taken out of the middle":
        nor.data[lies[4][0]:lies[5][1]] = b"\xff" * (lies[5][1] - lies[4][0])
    else:
        page = (end // PAGE + 1) * PAGE
        nor.data[page:page + len(outcome)] = outcome
    again = ring(nor)
    assert all(each in whole for each in contents(again)) and again.altered
    again.append(7, b"after")
    assert contents(ring(nor))[-1][2] == b"after" and ring(nor).altered


def test_a_sector_of_an_older_lap_is_not_believed():
    nor = NorMemory(4)
    of = ring(nor)
    laps = []
    for n in range(200):
        of.keep = of.sequence
        of.append(1, n.to_bytes(4, "little") * 30)
        if of.sequence == 4 and not laps:
            laps.append(bytes(nor.data[:SECTOR]))       # what stood in the first sector then
    assert of.sequence > 8
    n = (of.at - 1) % 4
    nor.data[n * SECTOR:(n + 1) * SECTOR] = laps[0]
    again = ring(nor)
    assert again.altered and (4).to_bytes(4, "little") * 30 not in [each[2] for each in contents(again)]


def test_a_header_that_was_altered_hides_nothing():
    """Of the newest sector, or of one that a debt still needs: its records are read all the same, and it is told."""
    nor = NorMemory(8)
    of = SealedRing(nor, 0, 8, MAC).mount()
    for n in range(100):
        of.append(1, bytes((n,)) * 150)
    whole, last = contents(of), of.at
    for n in range(last + 1):
        for at in (0, 5, 9, 13, 17, 21, 25):
            nor.data[n * SECTOR + at] ^= 0x10
            again = SealedRing(nor, 0, 8, MAC).mount()
            assert again.altered and contents(again) == whole, (n, at)
            nor.data[n * SECTOR + at] ^= 0x10


def test_a_journal_that_was_never_sealed_is_told():
    nor = NorMemory(4)
    Ring(nor, 0, 4).mount().append(1, b"owed")
    assert ring(nor).altered == {1: 1}


@settings(max_examples=300, deadline=None)
@given(sizes=lists(integers(0, 204), min_size=1, max_size=30), at=integers(1, 60), share=floats(0, 1), seed=integers(0, 1 << 30))
def test_a_cut_at_any_operation_is_torn_at_most_and_never_altered(sizes, at, share, seed):
    nor = NorMemory(4, seed)
    nor.cut = (at, share)
    believed, tried, chance = [], None, random.Random(seed)
    try:
        of = ring(nor)
        for n, size in enumerate(sizes):
            tried = bytes((n * 7 + k) & 0xFF for k in range(size))
            of.keep = of.sequence
            of.append(1, tried)
            believed.append(tried)
            if chance.random() < 0.5:
                of.sure()
    except Cut:
        pass
    nor.cut = None
    for life in range(3):
        of = ring(nor)
        found = [payload for _number, _kind, payload in contents(of)]
        recent = believed[-min(len(believed), 8):]
        assert of.altered == {} and (found[-len(recent):] == recent or found[-len(recent) - 1:] == [*recent, tried])
        of.append(2, b"after %d" % life)
        believed = [*found, b"after %d" % life]
        assert of.altered == {} and contents(ring(nor))[-1][1:] == (2, b"after %d" % life)


def test_an_append_that_failed_and_was_whole_all_the_same_keeps_its_number():
    class Slow(NorMemory):
        late = False

        def program(self, address, data):
            super().program(address, data)
            if self.late:
                raise StorageFault("busy")
    nor = Slow(4)
    of = ring(nor)
    nor.late = True
    with pytest.raises(StorageFault):
        of.append(1, b"there")
    nor.late = False
    of.append(1, b"next")
    assert [(number, payload) for number, _kind, payload in contents(ring(nor))] == [(1, b"there"), (2, b"next")] and ring(nor).altered == {}


@pytest.mark.parametrize("make", [lambda nor: Ring(nor, 0, 4).mount(), ring])
@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_what_follows_an_append_that_flash_did_not_take_is_found(make, share):
    """A chip that takes nothing for a while, or half: what comes after it, in this life and the next, is there, and nothing is called altered."""
    class Stubborn(NorMemory):
        taken = None

        def program(self, address, data):
            if self.taken is not None:
                self.cut = (self.operations + 1, self.taken)
            try:
                super().program(address, data)
            except Cut:
                raise StorageFault("busy") from None
    nor = Stubborn(4)
    of = make(nor)
    of.append(1, b"before" * 4)
    for _ in range(3):
        nor.taken = share
        with pytest.raises(StorageFault):
            of.append(2, b"in vain" * 4)
        nor.taken = nor.cut = None
        of.append(3, b"after" * 4)
    for again in (of, make(nor)):
        found = [payload for _number, kind, payload in contents(again) if kind != 2]
        assert found == [b"before" * 4] + [b"after" * 4] * 3 and getattr(again, "altered", {}) == {}


def test_a_record_costs_one_program_and_a_small_share_of_an_erase():
    nor = NorMemory(16)
    of = SealedRing(nor, 0, 16, MAC).mount()
    nor.programs = nor.erases = 0
    for _ in range(1000):
        of.keep = of.sequence
        of.append(1, bytes(76))                                     # 96 with its head, its proof and its check
    assert nor.erases / 1000 <= 0.032 and nor.programs / 1000 <= 1.1


def _quick(data, out):
    """Of its length, where only reading and writing count."""
    out[:] = bytes(4) + crc32(data).to_bytes(4, "big")


@settings(max_examples=40, deadline=None)
@given(turns=lists(integers(0, 3), min_size=30, max_size=90))
def test_whoever_reads_while_others_read_and_write_finds_what_was_there_and_doubts_nothing(turns):
    """0: the reader's own turn, 1: somebody else reads all, 2: payments are written, 3: a sector is made blank ahead of the writer."""
    of = ring(NorMemory(4), mac=_quick)
    ledger = Ledger(of).mount()
    for stan in range(1, 25):
        paid(ledger, stan)
    before, found = [number for number, _kind, _payload in contents(of)], []
    reader, stan = of.records(), 25
    for turn in turns:
        if turn == 0:
            found += [number for _sequence, number, _kind, _payload in islice(reader, 2)]
        elif turn == 1:
            contents(of)
        elif turn == 2:
            for _ in range(4):
                paid(ledger, stan)
                stan += 1
        else:
            run(of.erase_ahead())
    found += [number for _sequence, number, _kind, _payload in reader]
    held = {number for number, _kind, _payload in contents(of)}
    assert found == sorted(set(found)) and [number for number in before if number in held and number not in found] == []
    assert of.altered == {}
