# test_every_row_people.py: what customers and operators see of each row of theirs, and that they see it no more once the row is gone.
import pytest
from every_row import of, play, scene

from microtill import demo
from microtill.bench import firmware
from microtill.bench.acquirer import tdes

PIN_OF_THE_OPERATOR = "00112233445566778899aabbccddeeff:1000:58b2aa9ef0b6e54d5ba6f3ac2eb16d79b4d80e9f4d35d1d2d1f2a9f6c2ce8a07"


def into_training(till):
    return till.menu("7").sees("No bank is", 5_000).ready()


def by_number(till, digit, index=0):
    """Void or refund of a payment on record, its number keyed."""
    stan = till.records("owed")[index]["stan"]
    return till.menu(digit).sees("Payment number", 5_000).keys("%dD" % stan)


@scene("customer", "digit", "flows.practice")
def in_training_a_digit_begins_a_sale_that_no_bank_hears_of(till):
    into_training(till).sees("TRAINING").keys("1250D").sees("Tap a card", 3_000).taps("visa").sees("Approved", 20_000).ready()
    assert till.bench.bank.records() == [] and till.records("owed") == [] and "TRAINING" in till.papers()[0]


@scene("customer", "digit", "flows.sale")
def a_digit_begins_a_sale_and_it_is_paid(till):
    till.ready().keys("1250D").sees("Tap a card", 3_000).taps("visa").sees("Approved", 10_000).ready()
    assert till.effects() == (1, 1) and "12.50 EUR" in till.papers()[0]


@scene("customer", "presented", "flows.practice")
def a_tap_at_a_kiosk_in_training_practises(till):
    into_training(till).settings(kiosk={"mode": "fixed", "price": "2.50"}).sees("Tap to pay").waits(300).taps("visa").sees("Approved", 20_000)
    till.sees("Tap to pay")
    assert till.bench.bank.records() == [] and till.records("owed") == [] and "TRAINING" in till.papers()[0]


@scene("customer", "presented", "flows.sale")
def a_tap_on_the_resting_screen_of_a_kiosk_pays_its_price(till):
    till.ready().settings(kiosk={"mode": "fixed", "price": "2.50"}).sees("Tap to pay", 5_000).waits(300).taps("visa").sees("Approved", 10_000)
    till.sees("Tap to pay")
    assert till.effects() == (1, 1) and till.records("owed")[0]["amount_minor"] == 250


@scene("customer", "amount")
def an_amount_over_the_limit_is_refused_and_one_under_it_goes_on(till):
    till.ready().settings(limits={"single": "10.00"}).ready().keys("1250D").sees("Over the limit", 3_000).ready()
    assert [(row["reason"], row["amount_minor"]) for row in till.records("refused")] == [("L01", 1250)]
    till.keys("900D").sees("Tap a card", 3_000)


@scene("customer", "card")
def a_card_that_has_paid_enough_today_is_told_so(till):
    till.ready().settings(limits={"per_card": "20.00"}).pays()
    till.keys("1250D").sees("Tap a card").taps("visa").sees("Card's daily", 5_000).ready()
    assert till.effects() == (1, 1) and [row["reason"] for row in till.records("refused")] == ["L05"]


@scene("customer", "pin")
def without_a_key_for_it_no_pin_is_asked_for_and_with_it_the_pin_pays(till):
    till.ready().settings(host={"pin_format": "iso-0-tdes"}).ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("No key for PINs", 5_000)
    till.bench.bank.allow_tdes(demo.SERIAL)
    till.ask("tdes_key", hex=tdes.under(demo.TDES_BDK)(demo.initial_key(demo.SERIAL)[0] + bytes(2)).hex())
    till.ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("Enter PIN", 5_000).keys("1234D").sees("Approved", 10_000)
    assert till.effects() == (1, 1) and [row["reason"] for row in till.records("refused")] == ["S21"]


@scene("operator", "refund_amount")
def a_refund_over_the_limit_is_refused_and_one_under_it_is_paid_back(till):
    till.pays().settings(limits={"single": "5.00"})
    by_number(till, "2").sees("most 12.50").keys("600D").sees("Over the limit", 3_000)
    by_number(till, "2").sees("most 12.50").keys("400D").sees("do it", 3_000).keys("D").sees("Take the receipt").ready()
    assert [(row["kind"], row["amount_minor"]) for row in till.journal()] == [("sale", 1250), ("refund", 400)]


@scene("operator", "menu", "flows.menu")
def the_menu_key_shows_the_menu(till):
    till.ready().keys("C").sees("Menu", 2_000)
    assert "1 void" in till.screen


@scene("operator", "void", "flows.void")
def void_in_the_menu_takes_a_sale_back(till):
    till.pays()
    by_number(till, "1").sees("do it").keys("D").sees("Void").sees("Take the receipt").ready()
    assert till.effects() == (0, 0) and till.agree() == 2


@scene("operator", "refund", "flows.refund")
def refund_in_the_menu_gives_money_back(till):
    till.pays()
    by_number(till, "2").sees("most 12.50").keys("500D").sees("do it").keys("D").sees("Take the receipt").ready()
    assert till.agree() == 2 and "5.00 EUR" in till.papers()[-1]


@scene("operator", "reprint", "flows.reprint")
def copy_of_last_in_the_menu_prints_a_copy(till):
    till.pays().menu("3").sees("A copy of", 2_000).ready()
    assert "*** COPY ***" in till.papers()[-1]


@scene("operator", "x_totals", "flows.x_totals")
def x_totals_in_the_menu_print_the_shift_and_leave_it_open(till):
    till.pays().menu("4").sees("X TOTALS", 2_000).ready()
    assert "X TOTALS" in till.papers()[-1] and "12.50 EUR" in till.papers()[-1] and till.records("closing") == []


@scene("operator", "z_totals", "flows.z_totals")
def z_totals_in_the_menu_print_the_shift_and_close_it(till):
    till.pays().menu("5").sees("Z TOTALS", 2_000).ready()
    assert "Z TOTALS" in till.papers()[-1]
    assert [(row["what"], row["sale_minor"]) for row in till.records("closing")] == [("z", 1250)]


@scene("operator", "settle", "flows.settle")
def settlement_in_the_menu_closes_the_batch_at_the_bank(till):
    till.pays().menu("6").sees("Settled", 10_000).ready()
    assert [row["closed"] for row in till.bench.bank.records() if row["kind"] == "settlement"] == [True]
    assert [(row["what"], row["result"]) for row in till.records("closing")] == [("settled", "agreed")]


@scene("operator", "training", "flows.training")
def training_in_the_menu_says_that_no_money_moves(till):
    till.menu("7").sees("No money moves", 2_000).ready()
    assert till.screen.startswith("TRAINING") and till.notes() == [("training", "off", "on")]
    till.menu("7").sees("Training is over").ready()
    assert till.notes()[-1] == ("training", "on", "off") and "TRAINING" not in till.screen


@scene("operator", "self_test", "flows.self_test")
def the_self_test_in_the_menu_looks_at_every_part_and_prints_it(till):
    till.menu("8").sees("12 / 12", 20_000).ready()
    assert "SELF-TEST" in till.papers()[-1] and ("self_test", "0 of 12 failed") in till.alarms()


@scene("operator", "login", "flows.login")
def log_in_in_the_menu_asks_who_it_is_and_for_the_pin(till):
    till.ready().settings(pins={"operator": PIN_OF_THE_OPERATOR}).menu("9").sees("1 operator", 2_000).keys("1").sees("Log in").keys("1234D")
    till.sees("Wrong PIN", 10_000).ready()
    assert till.alarms() == [("login", "operator A02")]


@pytest.mark.parametrize("key", of("customer", "operator"))
def test_every_row(key, image):
    play(key, image)


@pytest.mark.parametrize("key", of("customer", "operator"))
def test_without_its_row(key, image, leaving_out, monkeypatch):
    tree = leaving_out.row(key)
    monkeypatch.setattr(firmware, "compiled", lambda *a, **k: tree)
    with pytest.raises(AssertionError):
        play(key, image)
