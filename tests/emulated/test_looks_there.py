# test_looks_there.py: on the emulated STM32, after sixty payments within an hour: whatever is looked up in the journal, no turn of the loop is longer
# than ten milliseconds; and where a card alone begins a sale, what its limits ask of the journal is known before the tap.
import pytest
from hands import Hands

from microtill import sweep
from microtill.bench.bench import FIRST_DAY
from microtill.bench.rig import ASK_TURNS
from microtill.torture import journal
from till.core import clock
from till.money import transaction
from till.money.ledger import Ledger

PAYMENTS, EACH_S = 60, 45
MOST_HOLD_US, A_LOOK_US = 10_000, 5_000
OFTEN = {"hour_count": 100, "same_count": 100, "card_count": 100, "card_hours": 24}


def busy_hour(flash):
    """The same flash after sixty payments, each approved and printed twice, the last of them just before the bench begins."""
    ring, unix = journal.ring(flash), [int(FIRST_DAY.timestamp()) - (PAYMENTS + 1) * EACH_S]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "unix", lambda: unix[0])
        ledger = Ledger(ring).mount()
        for n in range(PAYMENTS):
            stan = 900_001 + n
            ledger.owe({"stan": stan, "kind": transaction.SALE, "amount_minor": 250, "currency": 978, "unix": unix[0], "trigger": "1.%d" % stan,
                        "field7": "0105080000", "pan": "476173******0119", "account": "a1b2c3d4e5f60718", "sequence": "001", "entry": "contactless",
                        "aid": "A0000000031010", "label": "VISA", "cvm": "none", "tvr": "0000000000"})
            ledger.happened(stan, "approved", {"response": "00", "auth": "123456", "rrn": "%012d" % stan})
            ledger.printed(stan, 1, "printed")
            ledger.printed(stan, 1, "printed")
            unix[0] += EACH_S
    return bytes(ring._nor.data)        # pyright: ignore[reportAttributeAccessIssue]


def asked_for_turns(bench):
    bench.gauges = ASK_TURNS


@pytest.fixture
def till(on):
    image = busy_hour(sweep.keyed_image())
    on("qemu-stm32")
    hands = Hands(image, setup=asked_for_turns)
    hands.ready().waits(8_000)
    yield hands
    hands.close()


def longest(till, act):
    """Microseconds of the longest turn of the loop while something is done."""
    till.bench.rig.longest_us = 0
    act()
    return till.bench.rig.longest_us


def test_no_look_at_the_journal_holds_the_loop(till):
    till.settings(velocity=OFTEN, limits={"per_card": "9000.00"}).ready().waits(3_000)
    till.keys("25")
    held = {"a sale": longest(till, lambda: till.keys("0D").sees("Tap a card").taps("visa").sees("Approved"))}
    held["a reprint"] = longest(till, lambda: till.ready().waits(2_000).menu("3").sees("Printing"))
    till.ready().waits(2_000).menu("2").sees("Payment number")
    held["a refund"] = longest(till, lambda: till.keys("900001D").sees("most 2.50").keys("100D").sees("do it").keys("D").sees("Declined", 60_000))
    assert {what: us for what, us in held.items() if us > MOST_HOLD_US} == {}


def own_us(till):
    """The terminal's own time from the moment that a card begins a sale until its last answer."""
    marks = []

    def hear(row):
        if row["kind"] == "trigger" and row["name"] == "presented" or row["kind"] == "memory" and row["point"] == "tap ends":
            marks.append(till.bench.rig.own_us)
    till.bench.story.listeners.append(hear)
    till.taps("visa").sees("Approved").sees("Tap to pay").waits(5_000)
    till.bench.story.listeners.remove(hear)
    began, ended = marks
    return ended - began


def test_a_tap_that_begins_a_sale_waits_for_no_look(till):
    kiosk = {"mode": "fixed", "price": "2.50"}
    till.settings(kiosk=kiosk).sees("Tap to pay").waits(5_000)
    without = own_us(till)
    till.settings(kiosk=kiosk, velocity=OFTEN).sees("Tap to pay").waits(5_000)
    assert abs(own_us(till) - without) < A_LOOK_US
    assert till.facts()["recent"][0] == PAYMENTS + 2
