# test_emv_wallet.py: the terminal's kernels against every card of the wallet: what a person would see, and what the bank would check.
import datetime

import pytest
from pyemv import tlv

from microtill import demo
from microtill.bench.acquirer import issuer
from microtill.bench.cards.wallet import Wallet
from till.cards.emv import data
from till.cards.emv.entry import Tap

NOW = datetime.datetime(2026, 11, 24, 19, 16, 1)
UNPREDICTABLE = b"\x11\x22\x33\x44"
ONLINE = ["visa", "visa-pin", "mc", "mc-pin", "phone", "no-funds", "stolen", "clone"]
STOPPED = {"expired": ("declined", "expired"), "blocked": ("declined", "blocked"), "other-scheme": ("declined", "not_accepted"),
           "pulled": ("try_again", "card_removed")}


def tap_of(amount=12_50, settings=None):
    return Tap(settings, amount, 978, "sale", f"{NOW:%y%m%d}", f"{NOW:%H%M%S}", UNPREDICTABLE)


def talk(tap, card):
    """Lets them finish; [(command, response or None), ...]."""
    said, command = [], tap.begin()
    while command is not None:
        response, _ = card.apdu(command)
        said.append((bytes(command), response))
        if response is None:
            tap.removed()
            break
        command = tap.answer(response)
    return said


def pay(name, amount=12_50, settings=None):
    tap = tap_of(amount, settings)
    talk(tap, Wallet().card(name))
    return tap


def field_55(tap, cvm_done=False):
    out = bytearray(256)
    return bytes(out[:tap.emv_data(out, cvm_done)])


@pytest.mark.parametrize("promise", Wallet().promises(), ids=lambda promise: promise["name"])
def test_each_card_goes_as_far_as_it_promises(promise):
    tap = pay(promise["name"])
    if promise["name"] in STOPPED:
        assert (tap.outcome, tap.reason) == STOPPED[promise["name"]]
        assert tap.reason == promise["reason"]
    else:
        assert (tap.outcome, tap.reason) == ("online", "")
        assert tap.pan == promise["pan"].encode()
    assert (tap.cvm == "online_pin") == ("pin" in promise)


@pytest.mark.parametrize(("name", "outcome", "reason", "cvm"), [
    ("visa", "online", "", "online_pin"), ("visa-pin", "online", "", "online_pin"), ("mc", "declined", "cvm", "none"),
    ("mc-pin", "online", "", "online_pin"), ("phone", "online", "", "device"), ("clone", "online", "", "online_pin"),
    ("expired", "declined", "expired", "none"), ("blocked", "declined", "blocked", "none"),
    ("other-scheme", "declined", "not_accepted", "none"), ("pulled", "try_again", "card_removed", "none")])
def test_above_the_cvm_limit(name, outcome, reason, cvm):
    tap = pay(name, 60_00)
    assert (tap.outcome, tap.reason, tap.cvm) == (outcome, reason, cvm)


@pytest.mark.parametrize(("amount", "cvm"), [(50_00, "none"), (50_01, "online_pin"), (500_00, "online_pin")])
@pytest.mark.parametrize("name", ["visa", "mc-pin"])
def test_a_limit_is_exceeded_above_it(name, amount, cvm):
    tap = pay(name, amount)
    assert (tap.outcome, tap.cvm) == ("online", cvm)


@pytest.mark.parametrize("name", ["visa", "mc"])
def test_above_the_transaction_limit_the_card_is_left_alone(name):
    tap = pay(name, 500_01)
    assert (tap.outcome, tap.reason, tap.commands, tap.aid) == ("declined", "over_limit", 1, b"")


@pytest.mark.parametrize("amount", [12_50, 60_00])
@pytest.mark.parametrize("name", ONLINE)
def test_the_bank_finds_the_cryptogram_good_and_field_55_whole(name, amount):
    tap = pay(name, amount)
    if (name, amount) == ("mc", 60_00):
        assert tap.outcome == "declined"
        return
    person = Wallet().person(name)
    asked = tap.cvm == "online_pin"
    data = field_55(tap, tap.cvm)
    request = FakeRequest({3: "000000", 4: f"{amount:012}", 13: f"{NOW:%m%d}", 23: f"{tap.sequence:03}", 49: "978", 55: data})
    chip = issuer.chip_data(request)
    keys = issuer.CardKeys(person.product, demo.ISSUER_KEYS[person.product], person.pan, person.psn)
    if name == "clone":
        with pytest.raises(issuer.Refuse) as refused:
            keys.verify(chip)
        assert refused.value.response == issuer.FRAUD
    else:
        keys.verify(chip)
    assert issuer.says_online_pin(chip) == asked
    assert not issuer.says_online_pin(issuer.chip_data(FakeRequest({**request.fields, 55: field_55(tap, False)})))
    assert issuer.says_online_pin(issuer.chip_data(FakeRequest({**request.fields, 55: field_55(tap, True)})))
    assert bytes.fromhex(person.pan) not in data and chip["84"] == tap.aid


class FakeRequest:
    def __init__(self, fields):
        self.fields = fields

    def __getitem__(self, number):
        return self.fields[number]


def test_account_data_as_the_bank_wants_them():
    tap = pay("mc")
    assert tap.track2.hex() == "5413330089604111d49122010000000000"
    assert tap.expiry == b"\x49\x12\x31" and tap.sequence == 1
    assert (tap.label, tap.language, tap.aid.hex()) == ("MASTERCARD", b"enfr", "a0000000041010")


def test_wiped_is_wiped():
    tap = pay("visa")
    pan, track2 = tap.pan, tap.track2
    tap.wipe()
    assert (tap.pan, tap.track2, tap.expiry) == (b"", b"", b"") and tap.pan is pan and tap.track2 is track2
    packed = bytes.fromhex(Wallet().person("visa").pan)
    assert packed not in bytes(tap.store._bytes) and packed not in bytes(tap.out)


def test_the_story_tells_no_account():
    for name in ONLINE:
        tap = pay(name, 60_00)
        told = b"".join(value if isinstance(value, bytes) else value.encode() for _, value in tap.steps)
        assert bytes.fromhex(Wallet().person(name).pan) not in told and tap.pan not in told


def test_the_story_of_a_visa_above_the_limit():
    assert pay("visa", 60_00).steps == [
        ("candidate", bytes.fromhex("A0000000031010")), ("kernel", "C-3"), ("ttq", bytes.fromhex("24C04000")), ("cid", b"\x80"),
        ("ctq", b"\x80\x00"), ("cvm", "online_pin"), ("outcome", "online")]


def test_the_story_of_an_mchip():
    assert pay("mc").steps == [
        ("candidate", bytes.fromhex("A0000000041010")), ("kernel", "C-2"), ("iac", bytes(5)), ("cvm", "none"),
        ("tvr", bytes.fromhex("8000008000")), ("cid", b"\x80"), ("outcome", "online")]


def test_a_locked_phone_asks_for_a_look_then_pays():
    phone = Wallet().card("phone")
    phone.unlocked = False
    tap = tap_of(60_00)
    talk(tap, phone)
    assert (tap.outcome, tap.reason) == ("see_phone", "see_phone")
    phone.look()
    phone.power_on()
    tap = tap_of(60_00)
    talk(tap, phone)
    assert (tap.outcome, tap.cvm) == ("online", "device")


@pytest.mark.parametrize("name", ["visa", "mc-pin", "expired"])
def test_pulled_at_any_command_asks_to_tap_again(name):
    whole = len(talk(tap_of(), Wallet().card(name)))
    for number in range(1, whole + 1):
        tap = tap_of()
        talk(tap, Wallet().card(name, pulled_at=number))
        assert (tap.outcome, tap.reason, tap.commands) == ("try_again", "card_removed", number)


@pytest.mark.parametrize(("name", "commands"), [("visa", 3), ("phone", 3), ("expired", 4), ("mc", 7)])
def test_commands_of_a_tap(name, commands):
    assert pay(name).commands == commands


def test_after_the_end_nothing_changes():
    tap = pay("visa")
    tap.removed()
    assert tap.answer(b"\x6f\x00") is None and tap.outcome == "online"


def test_dates_and_money_in_any_form_say_the_same():
    made = [Tap(None, 12_50, currency, kind, day, time, UNPREDICTABLE) for currency, kind, day, time in (
        (978, 0, 261124, 191601), ("978", "sale", "261124", "191601"), (b"\x09\x78", "sale", b"\x26\x11\x24", b"\x19\x16\x01"),
        (b"978", 0, b"261124", b"191601"))]
    for tag in (0x5F2A, 0x9A, 0x9C, 0x9F21):
        assert len({bytes(tap.store.get(tag)) for tap in made}) == 1
    assert {tap.today for tap in made} == {20261124}


def test_generate_ac_carries_what_the_card_asked_for():
    said = talk(tap_of(60_00), Wallet().card("mc-pin"))
    command = said[-1][0]
    assert command.hex() == ("80ae800021" "000000006000" "000000000000" "0620" "8000048000" "0978" "261124" "00"
                             "11223344" "22" "420300" "00")
    assert "9F26" in tlv.decode(said[-1][1][:-2])["77"]


def test_one_room_serves_tap_after_tap():
    room, alone, shared = data.Room(), [], []
    for name in ("mc", "visa", "expired", "mc-pin"):
        card = Wallet().card(name)
        alone.append([command for command, _ in talk(tap_of(), card)])
        card = Wallet().card(name)
        shared.append([command for command, _ in talk(Tap(None, 12_50, 978, "sale", 261124, 191601, UNPREDICTABLE, room), card)])
    assert shared == alone
