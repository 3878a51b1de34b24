# test_journal.py: the journal, counters and small values on the bench's flash chip: what was told as kept is there in the next life, torn is not.
from check import measure, raises

import board
from till.core.errors import JournalFull, StorageFault
from till.money import transaction
from till.money.ledger import Ledger
from till.store import counters
from till.store.counters import Counters
from till.secure.vault import journal_mac
from till.store.ring import PAGE, SECTOR, Ring
from till.store.sealed import SealedRing
from till.store.slots import Slots

needs = ("flash",)
within_s = {"test_a_value_outlives_many_others": 120}


def contents(ring):
    return [(number, kind, bytes(payload)) for _sequence, number, kind, payload in ring.records()]


def test_what_was_appended_is_there_after_a_restart():
    first = Ring(board.flash(), 0, 4).mount()
    for n in range(20):
        first.append(n + 1, bytes((n,)) * (n * 13))
    assert contents(Ring(board.flash(), 0, 4).mount()) == [(n + 1, n + 1, bytes((n,)) * (n * 13)) for n in range(20)]


def test_a_torn_record_is_skipped_and_the_next_one_counts():
    flash = board.flash()
    ring = Ring(flash, 0, 4).mount()
    ring.append(1, b"whole")
    flash.program(ring.at * SECTOR + ring.offset, b"\x40\x00\x02\xa7\x02\x00\x00\x00half of a reco")
    again = Ring(board.flash(), 0, 4).mount()
    assert again.torn == 1
    assert contents(again) == [(1, 1, b"whole")]
    again.append(3, b"after")
    assert contents(Ring(board.flash(), 0, 4).mount()) == [(1, 1, b"whole"), (2, 3, b"after")]
    assert again.offset > PAGE


def test_an_open_debt_is_never_overwritten_and_full_says_so():
    ring = Ring(board.flash(), 0, 4).mount()
    ring.append(1, b"owed")

    def fill():
        while True:
            ring.append(2, bytes(200))
    assert raises(JournalFull, fill).code == "F02"
    assert contents(Ring(board.flash(), 0, 4).mount())[0] == (1, 1, b"owed")


async def test_a_sector_that_was_erased_ahead_makes_nobody_wait():
    flash = board.flash()
    ring = Ring(flash, 0, 4).mount()
    assert await ring.erase_ahead() and ring.ahead()
    assert not await ring.erase_ahead()
    erases = flash.erases
    for _ in range(20):
        ring.append(1, bytes(220))
    measure("erases of twenty appends", flash.erases - erases, "", 0, 0)


def test_a_record_that_is_too_long_is_refused_before_flash_is_touched():
    flash = board.flash()
    ring = Ring(flash, 0, 4).mount()
    programs = flash.programs
    assert raises(StorageFault, ring.append, 1, bytes(1537)).args[0] == "size"
    assert flash.programs == programs


def test_an_altered_record_is_told_and_a_torn_one_is_not():
    flash = board.flash()
    ring = SealedRing(flash, 0, 4, journal_mac(bytes(16))).mount()
    for n in range(3):
        ring.append(n + 1, b"record %d" % n)
    ring.sure()
    flash.program(ring.at * SECTOR + ring.offset, b"\x40\x00\x02\xff\x04\x00\x00\x00half of a reco")
    again = SealedRing(board.flash(), 0, 4, journal_mac(bytes(16))).mount()
    assert again.altered == {} and again.torn and len(contents(again)) == 3
    flash.program(ring.FIRST + 8, b"R")                                              # "r" with a bit less
    again = SealedRing(board.flash(), 0, 4, journal_mac(bytes(16))).mount()
    assert [number for number, _kind, _payload in contents(again)] == [2, 3] and again.altered == {1: 1}


def test_a_small_record_is_one_program():
    flash = board.flash()
    ring = Ring(flash, 0, 4).mount()
    programs = flash.programs
    ring.append(1, bytes(120))
    measure("programs of an append", flash.programs - programs, "", 1, 1)


def test_a_counter_is_never_handed_out_twice():
    first = Counters(board.flash(), 0).mount()
    spent = [first.spend(counters.STAN) for _ in range(30)]
    again = Counters(board.flash(), 0).mount()
    assert spent == list(range(1, 31))
    assert again.spend(counters.STAN) == 31
    assert again.value(counters.DUKPT) == 0
    raises(StorageFault, again.spend, counters.STAN, 31)


def test_a_counter_goes_on_in_the_other_sector():
    first = Counters(board.flash(), 0).mount()
    for _ in range(300):
        first.spend(counters.STAN)
    first.spend(counters.DUKPT)
    again = Counters(board.flash(), 0).mount()
    assert (again.value(counters.STAN), again.value(counters.DUKPT)) == (300, 1)


def test_a_counter_torn_in_its_slot_was_never_spent():
    flash = board.flash()
    first = Counters(flash, 0).mount()
    first.spend(counters.STAN)
    flash.program(8 * 16, b"\xc7\x02\x01\x00\x09\x00\x00\x00")       # seven of a new sector, one spent; this one lacks its CRC
    assert Counters(board.flash(), 0).mount().spend(counters.STAN) == 2


def test_the_newest_value_counts():
    slots = Slots(board.flash(), 0).mount()
    for value in (b"one", b"two", b"three"):
        slots.put(7, value)
    again = Slots(board.flash(), 0).mount()
    assert again.get(7) == b"three" and again.get(8) is None and again.has(7) and not again.has(8)


def test_a_value_outlives_many_others():
    slots = Slots(board.flash(), 0).mount()
    slots.put(1, b"kept")
    for n in range(30):
        slots.put(2, bytes((n,)) * 1000)
    again = Slots(board.flash(), 0).mount()
    assert again.get(1) == b"kept"
    assert again.get(2) == bytes((29,)) * 1000


def _whole(look):
    """What a look returns that is let go through at once."""
    try:
        while True:
            next(look)
    except StopIteration as end:
        return end.value


def test_a_payment_that_was_owed_when_the_power_went_is_found():
    ledger = Ledger(Ring(board.flash(), 0, 4).mount()).mount()
    for stan in (1, 2):
        ledger.owe({"stan": stan, "kind": transaction.SALE, "amount_minor": 1250, "currency": 978, "unix": 1_767_600_000, "trigger": "1.1"})
    ledger.happened(1, "approved", {"response": "00", "auth": "123456", "rrn": "000000000001"})
    again = Ledger(Ring(board.flash(), 0, 4).mount()).mount()
    assert again.open.stans() == [2]
    assert _whole(again.find(1))["state"] == transaction.APPROVED and again.sums["batch_sale_minor"] == 1250
    assert again.happened(2, "restarted") == transaction.REVERSAL_DUE
    assert again.owed()["stan"] == 2
