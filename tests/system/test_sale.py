# test_sale.py: what a customer sees, and what both books say afterwards.
import random

import pytest
from hands import Hands

from microtill.bench.cards.wallet import Wallet
from microtill.verbs.pay import pay

WALLET = Wallet(None)
PINS = {name: WALLET.person(name).pin for name in WALLET.names()}


@pytest.mark.parametrize("promise", WALLET.promises(), ids=lambda promise: promise["name"])
def test_every_card_keeps_its_promise(promise, tmp_path):
    answer = pay(tmp_path, "12.50", card=promise["name"], pin=promise.get("pin"))
    assert (answer["outcome"], answer["reason"]) == (promise["outcome"], promise["reason"])
    assert any(promise["screen"] in screen.replace("\n", " ") for screen in answer["screens"])
    assert any("Enter PIN" in screen for screen in answer["screens"]) == ("pin" in promise)
    assert answer["terminal_effects"] == answer["bank_effects"] == (1 if promise["outcome"] == "approved" else 0)


@pytest.mark.parametrize("minor", random.Random(20261124).sample(range(1, 5000), 4))
def test_any_amount_is_paid_once(minor, tmp_path):
    text = "%d.%02d" % divmod(minor, 100)
    answer = pay(tmp_path, text, card="visa")
    assert (answer["outcome"], answer["amount_minor"], answer["terminal_effects"], answer["bank_effects"]) == ("approved", minor, 1, 1)
    assert text + " EUR" in answer["receipt_text"]


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    one = pay(tmp_path / "one", "31.07", card="visa-pin", pin="1234", seed=7)
    two = pay(tmp_path / "two", "31.07", card="visa-pin", pin="1234", seed=7)
    assert {**one, "state": ""} == {**two, "state": ""}
    assert (tmp_path / "one/flash.bin").read_bytes() == (tmp_path / "two/flash.bin").read_bytes()
    assert (tmp_path / "one/story.jsonl").read_text() == (tmp_path / "two/story.jsonl").read_text()
    other = pay(tmp_path / "three", "31.07", card="visa-pin", pin="1234", seed=8)
    assert other["wire"] != one["wire"]


def test_two_payments_on_one_folder_are_two(tmp_path):
    assert [pay(tmp_path, "1.00")["stan"], pay(tmp_path, "2.00")["stan"]] == [2, 4]


def test_one_byte_of_a_cards_key_changed_at_the_bank_turns_approve_into_decline(tmp_path):
    answer = pay(tmp_path, "12.50", card="mc", setup=lambda bench: bench.bank.spoil_card_key("mc"))
    assert (answer["outcome"], answer["reason"], answer["bank_effects"]) == ("declined", "not_genuine", 0)


def test_above_the_cvm_limit_a_pin_is_asked(tmp_path):
    answer = pay(tmp_path, "60.00", card="mc-pin", pin=PINS["mc-pin"])
    assert answer["outcome"] == "approved" and any("Enter PIN" in screen for screen in answer["screens"])


def test_above_the_reader_limit_no_card_is_taken(tmp_path):
    answer = pay(tmp_path, "500.01", card="visa")
    assert (answer["outcome"], answer["reason"]) == ("declined", "over_limit")


@pytest.mark.parametrize("at", range(1, 4))
def test_a_card_pulled_at_any_command_is_asked_for_again_and_then_pays(till, at):
    till.ready().keys("1250D").sees("Tap a card").taps("visa", pulled_at=at).sees("Tap again").taps("visa").sees("Approved").ready()
    assert till.effects() == (1, 1)


def test_cancel_before_the_tap(till):
    till.ready().keys("1250").sees("12.50").keys("A").sees("Cancelled").ready()
    till.keys("1250D").sees("Tap a card").keys("A").sees("Cancelled").ready()
    assert till.effects() == (0, 0) and till.journal() == []


def test_cancel_at_the_pin_wipes_it_and_charges_nothing(till):
    till.ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("Enter PIN").keys("12A").sees("Cancelled").ready()
    assert till.effects() == (0, 0) and till.journal() == []


def test_clear_starts_the_amount_again(till):
    till.ready().keys("99B").sees("0.00").keys("500D").sees("5.00").taps("visa").sees("Approved").ready()
    assert till.journal()[0]["amount_minor"] == 500


def test_nobody_comes_and_the_terminal_is_ready_again(till):
    till.ready().keys("1250D").sees("Tap a card").sees("Nobody came", 40_000).ready()
    assert till.journal() == []


def test_a_wrong_pin_is_a_new_tap_and_the_right_one_pays(till):
    till.ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("Enter PIN").keys("9999D").sees("Wrong PIN")
    till.sees("Tap a card").taps("visa-pin").sees("Enter PIN").keys("1234D").sees("Approved").ready()
    assert till.effects() == (1, 1) and till.agree() == 2


def test_two_cards_are_one_too_many(till):
    till.ready().taps("visa", 3000).taps("mc", 3000).keys("1250D").sees("One card only")
    till.waits(3500).taps("visa").sees("Approved").ready()
    assert till.effects() == (1, 1)


def test_a_key_in_the_wrong_place_is_refused_with_a_reason(till):
    till.ready().keys("D")
    assert till.refusals() == [("enter", "E03")]
    till.sees("That key does").ready()


def test_a_phone_asks_for_a_look_at_its_screen_and_is_tapped_again(till):
    phone = till.bench.wallet.card("phone")
    phone.unlocked = False
    till.ready().keys("6000D").sees("Tap a card").taps(phone).sees("See phone")
    phone.look()
    till.waits(2_000).taps(phone).sees("Approved").ready()
    assert till.effects() == (1, 1) and till.journal()[0]["cvm"] == "device"


def test_a_full_journal_is_said_before_the_customer_pays_and_ends_with_the_debt(image):
    from nor_memory import NorMemory

    from microtill import demo
    from till.secure.vault import journal_mac
    from till.store.sealed import SealedRing
    from till.wire import records
    nor = NorMemory(72)
    nor.data[:] = image[:len(nor.data)]
    ring = SealedRing(nor, 8 * 4096, 64, journal_mac(demo.DEVICE_KEY[:16])).mount()
    owed = {"stan": 77, "kind": 1, "amount_minor": 500, "currency": 978, "unix": 1767600000, "original_stan": 0, "trigger": "1.1",
            "field7": "0105080000", "pan": "476173******0119", "entry": "contactless"}
    ring.append(records.PAYMENT, records.encode(records.PAYMENT, owed))
    while ring.room() > 2000:
        ring.append(records.ALARM, records.encode(records.ALARM, {"unix": 0, "source": "filler", "code": "x" * 180}))
    full = bytearray(image)
    full[:len(nor.data)] = nor.data
    till = Hands(full, setup=lambda bench: setattr(bench.network, "refuse", True))
    try:
        till.sees("waits", 30_000).sees("Not in service").sees("Memory is full").keys("1").sees("Not now").sees("Not in service")
        assert ("digit", "F02") in till.refusals() and till.journal()[-1]["stan"] == 77
        till.bench.network.refuse = False
        till.waits(60_000)
        assert [row["state"] for row in till.events("money") if row["stan"] == "77"][-1:] == ["reversed"]    # its sector may be blank by now
        till.pays("300")
        assert till.effects() == (1, 1)
    finally:
        till.close()


def test_the_terminal_waits_for_its_keys_when_it_is_blank(till_with):
    till = till_with(lambda bench: bench.flash.data.__setitem__(slice(None), b"\xff" * len(bench.flash.data)))
    till.sees("No keys yet").keys("1")
    assert ("digit", "S01") in till.refusals()


def test_paper_out_in_the_middle_of_a_receipt(till):
    def run_out():
        till.bench.printer.paper_out()
    till.ready().keys("1250D").sees("Tap a card")
    till.bench.world.after(3_000_000, run_out)
    till.taps("visa").sees("Approved").sees("Paper is out")
    assert till.effects() == (1, 1)
    till.bench.printer.reload()
    till.keys("D").ready()
    assert len(till.papers()) == 2 and all("APPROVED" in paper for paper in till.papers())


def test_a_printer_that_says_nothing_is_not_paper_out(till_with):
    till = till_with(lambda bench: setattr(bench.printer, "deaf", True))
    till.ready().keys("1250D").sees("Tap a card").taps("visa").sees("No receipt came").keys("A").ready()
    assert till.effects() == (1, 1) and till.journal()[0]["printed"] == "silent"


def test_a_deaf_reader_is_said_and_nothing_is_charged(till_with):
    till = till_with(lambda bench: setattr(bench.reader, "deaf", True))
    till.sees("Not in service").sees("does not answer").keys("1").sees("Not now").sees("Not in service")
    assert ("digit", "D01") in till.refusals()


def test_a_key_storm_is_never_lost_in_silence(till):
    till.ready().keys("A" * 12)
    rows = [row for row in till.events("trigger") if row["name"] == "cancel"]
    assert len(rows) == 12 and all(row["end"] == "refused" and row["reason"] for row in rows)
