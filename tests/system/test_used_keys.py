# test_used_keys.py: who takes a terminal apart, knows its device key and recorded all that it ever said, opens none of it; what may have to be said
# again still can be.
import pytest
from hands import Hands

from microtill import demo
from microtill.bench.acquirer import dukpt as bank_side
from microtill.torture.journal import Image
from till.core.errors import NotKeyed
from till.crypto import dukpt
from till.crypto.cmac import cmac
from till.secure.registers import Registers

REGISTERS = 6 * 4096                    # as firmware/till/build.py lays the flash out
DEVICE_KEY = demo.DEVICE_KEY[:16]
IKID, INITIAL = demo.initial_key(demo.SERIAL)


def reached(flash, counter):
    """The PIN key of a counter, as who has all of this flash and the device key makes it; None: there is no way."""
    held = Registers(Image(flash), REGISTERS, cmac(DEVICE_KEY, b"microtill seal"), cmac(DEVICE_KEY, b"microtill mark")).mount()
    try:
        return bytes(dukpt.Dukpt(IKID, held.find).key(counter, dukpt.PIN))
    except NotKeyed:
        return None


def true_key(counter):
    return bank_side.working_key(INITIAL, IKID + counter.to_bytes(4, "big"), dukpt.PIN)


@pytest.fixture
def till(image):
    hands = Hands(image)
    yield hands
    hands.close()


def counters(till):
    """Of the payments and reversals that the bank heard."""
    return sorted(record["counter"] for record in till.bench.bank.records())


def test_after_a_payment_nothing_that_was_said_can_be_opened(till):
    till.pays().pays("2000").ready().waits(2_000)
    flash, used = till.bench.flash.data, counters(till)
    assert len(used) == 2
    assert [counter for counter in used if reached(flash, counter)] == []
    following = dukpt.next_counter(used[-1])
    assert reached(flash, following) == true_key(following) and reached(flash, 0xFFFF0000) == true_key(0xFFFF0000)


def test_the_initial_key_is_nowhere_on_flash_not_even_sealed(image):
    assert INITIAL not in bytes(image) and reached(image, 1) == true_key(1)
    first = bytes(Registers(Image(image), REGISTERS, cmac(DEVICE_KEY, b"microtill seal"), cmac(DEVICE_KEY, b"microtill mark")).mount()._slots)
    assert len(set(first)) == 32                        # a key for each bit of a counter, in a place of its own


def test_while_something_is_owed_its_keys_stay_and_then_they_go(till):
    till.long_without_a_bank()
    owed = [counter for counter in range(1, 60) if reached(till.bench.flash.data, counter)]
    assert owed and min(owed) <= max(counters(till)), "the reversal could not be said again"
    till.bench.network.refuse = False
    till.holds(lambda: till.bench.bank.records()[-1]["mti"] in ("0400", "0401"), "the bank hears of it", 700_000)
    till.ready().waits(5_000)
    assert [counter for counter in counters(till) if reached(till.bench.flash.data, counter)] == []


def test_a_cut_before_the_quiet_moment_is_made_good_by_the_next_start(till, image):
    till.ready().keys("1250D").sees("Tap a card").taps("visa").sees("Approved")
    flash, used = bytes(till.bench.flash.data), counters(till)
    assert reached(flash, used[-1]) == true_key(used[-1])           # it has had no moment yet
    again = Hands(flash)
    try:
        again.ready().waits(3_000)
        assert [counter for counter in used if reached(again.bench.flash.data, counter)] == []
    finally:
        again.close()


def test_registers_that_were_altered_sell_nothing_and_say_so(till):
    till.ready().waits(2_000)
    flash = till.bench.flash.data
    for at in range(REGISTERS, REGISTERS + 2 * 4096, 32):
        if len(set(flash[at:at + 32])) > 2:
            flash[at + 8] ^= 1
    for _ in range(4):                                  # what is at hand still pays; the next quiet moment finds the rest
        till.keys("1250D").waits(2_000)
        if "Tap a card" not in till.screen:
            break
        till.taps("visa").waits(12_000)
    till.sees("No keys yet", 30_000).waits(60_000).sees("No keys yet")          # after a start, too
    assert [name for name, _level in till.alarms() if name == "flash_failed"] and till.events("died") == []
    assert ("digit", "S01") in till.refusals() and till.effects()[0] == till.effects()[1]
