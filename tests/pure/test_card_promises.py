# test_card_promises.py: every card of the wallet, tapped at a plain till with the bank behind it, does what `microtill cards` promises.
import json

import pytest
from pyemv import tlv
from test_bank_double import NOW, PPSE, Pulled, Shop, Stopped, Tap

from microtill import demo
from microtill.bench.cards.wallet import Wallet

REASONS = {"00": "approved", "51": "no_funds", "43": "pick_up", "54": "expired", "59": "not_genuine"}
NAMES = [person.name for person in demo.CARDS]
GPO_VISA = "80A80000238321{ttq}{amount:012}" "000000000000" "0620" "0000000000" "0978" "261124" "00" "11223344" "00"


@pytest.fixture
def shop():
    return Shop()


def pay(shop, name, amount=12_50, pin=None):
    """(outcome, reason, whether a PIN was asked) as a person would see them."""
    try:
        tap = shop.tap(name, amount)
    except Stopped as stopped:
        return "declined", stopped.args[0], False
    except Pulled:
        return "cancelled", "card_removed", False
    code = shop.ask(shop.till.sale(tap, pin=(pin or shop.wallet.person(name).pin) if tap.asks_pin else None))
    return ("approved" if code == "00" else "declined"), REASONS.get(code, code), tap.asks_pin


@pytest.mark.parametrize("promise", Wallet().promises(), ids=lambda promise: promise["name"])
def test_each_card_keeps_its_promise(shop, promise):
    assert pay(shop, promise["name"]) == (promise["outcome"], promise["reason"], "pin" in promise)
    assert shop.bank.effects() == (promise["outcome"] == "approved")


def test_promises_name_every_card_once_and_a_test_number():
    promises = Wallet().promises()
    assert [promise["name"] for promise in promises] == NAMES == Wallet().names()
    assert [promise["pin"] for promise in promises if "pin" in promise] == ["1234"]
    assert len({promise["pan"] for promise in promises}) == len(promises)


@pytest.mark.parametrize(("name", "asked"), [("visa", True), ("visa-pin", True), ("mc", False), ("mc-pin", True), ("phone", False)])
def test_above_the_cvm_limit(shop, name, asked):
    assert pay(shop, name, 60_00) == ("approved", "approved", asked)


def test_a_second_tap_is_a_new_counter_and_a_new_cryptogram(shop):
    first, second = shop.tap("mc"), shop.tap("mc")
    assert (first.tags["9F36"], second.tags["9F36"]) == (b"\x00\x01", b"\x00\x02")
    assert first.tags["9F26"] != second.tags["9F26"]


@pytest.mark.parametrize("name", ["visa", "visa-pin", "no-funds", "mc", "mc-pin"])
def test_plastic_thinks_about_250_to_325_ms(shop, name):
    assert 250_000 <= shop.tap(name).took_us <= 325_000


def test_a_phone_thinks_about_165_to_250_ms(shop):
    assert 165_000 <= shop.tap("phone").took_us <= 250_000


@pytest.mark.parametrize(("name", "commands"), [("visa", 3), ("phone", 3), ("mc", 7)])
def test_commands_of_a_tap(shop, name, commands):
    assert shop.tap(name).commands == commands


@pytest.mark.parametrize("name", ["visa", "mc-pin"])
def test_pulled_at_any_command_never_answers_again(name):
    whole = Tap(Wallet().card(name), 12_50).commands
    for number in range(1, whole + 1):
        card = Wallet().card(name, pulled_at=number)
        with pytest.raises(Pulled):
            Tap(card, 12_50)
        assert card.heard == number and card.apdu(PPSE) == (None, 0)


def test_the_card_that_leaves_does_so_at_its_third_command_every_time():
    card = Wallet().card("pulled")
    for _ in range(2):
        with pytest.raises(Pulled):
            Tap(card, 12_50)
        assert card.heard == 3


def test_a_locked_phone_asks_for_a_look_above_the_limit_only():
    phone = Wallet().card("phone")
    phone.unlocked = False
    assert not Tap(phone, 12_50).by_device
    with pytest.raises(Stopped, match="see_phone"):
        Tap(phone, 60_00)
    phone.look()
    assert Tap(phone, 60_00).by_device


def test_counters_outlive_the_wallet_and_hold_no_card_number(tmp_path):
    path = tmp_path / "bench" / "cards.json"
    Tap(Wallet(path).card("visa"), 12_50)
    assert Tap(Wallet(path).card("visa"), 12_50).tags["9F36"] == b"\x00\x02"
    assert json.loads(path.read_text()) == {"visa": 2}


def test_a_card_at_the_end_of_its_counter_starts_no_payment(tmp_path):
    path = tmp_path / "cards.json"
    path.write_text('{"visa": 65535}')
    with pytest.raises(Stopped, match="blocked"):
        Tap(Wallet(path).card("visa"), 12_50)


def test_the_blocked_card_says_so_twice():
    card = Wallet().card("blocked")
    assert card.apdu(PPSE)[0][-2:] == b"\x90\x00"
    assert card.apdu(bytes.fromhex("00A4040007A000000004101000"))[0][-2:] == b"\x62\x83"
    assert card.apdu(bytes.fromhex("80A8000002830000"))[0] == b"\x69\x85"


def test_the_expired_card_shows_its_date_in_a_record_and_no_leave_to_go_online():
    card = Wallet().card("expired")
    with pytest.raises(Stopped, match="expired"):
        Tap(card, 12_50)
    assert tlv.decode(card.apdu(bytes.fromhex("00B2010C00"))[0][:-2])["70"]["5F24"].hex() == "221231" < f"{NOW:%y%m%d}"


def test_a_visa_without_a_cvm_in_common_declines_above_the_limit():
    card = Wallet().card("visa")
    card.apdu(bytes.fromhex("00A4040007A000000003101000"))
    response, _ = card.apdu(bytes.fromhex(GPO_VISA.format(ttq="22C04000", amount=60_00)))
    assert tlv.decode(response[:-2])["77"]["9F27"] == b"\x00"


def test_languages_of_the_cards():
    assert {person.name: person.languages for person in demo.CARDS if person.languages} == {
        "visa": "en", "mc": "enfr", "mc-pin": "zhen", "phone": "en"}
    assert Tap(Wallet().card("mc-pin"), 12_50).tags["5F2D"] == b"zhen"


def test_what_the_radio_needs_to_know():
    for name in NAMES:
        card = Wallet().card(name)
        assert card.ats[0] == len(card.ats) and card.sak & 0x20
        assert (len(card.uid), card.atqa) in ((4, b"\x00\x04"), (7, b"\x00\x44"))
    assert Wallet().card("phone").uid[0] == 0x08
