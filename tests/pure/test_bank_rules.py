# test_bank_rules.py: what the bank refuses, one broken rule at a time, and that a refusal never moves money.
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from pyemv import tlv
from test_bank_double import NOW, Shop

from microtill import demo
from microtill.bench.acquirer import dukpt, messages
from microtill.bench.acquirer.bank import Bank


@pytest.fixture
def shop():
    return Shop()


def refused(shop, request, response, why=None):
    before = shop.bank.effects(), shop.bank.balance_minor("visa")
    assert shop.ask(request) == response
    assert why is None or shop.bank.refusals[-1] == why
    assert (shop.bank.effects(), shop.bank.balance_minor("visa")) == before


@pytest.mark.parametrize(("change", "response", "why"), [
    ({4: "000000001251"}, "30", "tag 9F02"), ({4: "000000000000"}, "30", "field 4"), ({4: "00000000125A"}, "30", "field 4"),
    ({49: "840"}, "12", "currency"), ({13: "1123"}, "30", "tag 9A"), ({13: "1131"}, "30", "day"), ({7: "1331191601"}, "30", "day"),
    ({12: "240000"}, "30", "time"), ({2: "476173******0118"}, "30", "field 2"), ({2: "4761739001010119"}, "30", "field 2"),
    ({23: "002"}, "30", "tag 5F34"), ({22: "021"}, "30", "field 22 or 25"), ({25: "01"}, "30", "field 22 or 25"),
    ({3: "310000"}, "12", "no such service"), ({3: "010000"}, "12", "no such service"),
    ({35: "4761739001010119=49122010000000000"}, "63", "field 35"), ({52: bytes(8)}, "63", "no tdes here"),
    ({60: "hello"}, "63", "field 60"),
    ({41: "TILL0002"}, "63", "terminal or merchant"), ({42: "MERCHANT0000002"}, "63", "terminal or merchant"),
    ({2: None}, "30", "no field 2"), ({55: None}, "30", "no field 55"), ({49: None}, "30", "no field 49"),
    ({22: None}, "30", "no field 22"),
    ({11: "00000A"}, "30", "no key"), ({11: None}, "30", "no key"), ({41: None}, "30", "no key"), ({55: b"\x9f"}, "30", "field 55")])
def test_one_wrong_field(shop, change, response, why):
    refused(shop, shop.till.sale(shop.tap("visa"), change=change), response, why)


def bent_chip(tap, **tags):
    """Field 55 with tags replaced, added, or (None) left out."""
    values = {**tlv.decode(tap.field55()), **{name.lstrip("t"): value for name, value in tags.items()}}
    return {55: tlv.encode({tag: value for tag, value in values.items() if value is not None})}


@pytest.mark.parametrize(("tags", "response", "why"), [
    ({"t9F02": bytes.fromhex("000000001200")}, "30", "tag 9F02"), ({"t5F2A": b"\x08\x40"}, "30", "tag 5F2A"),
    ({"t9C": b"\x20"}, "30", "tag 9C"),
    ({"t9F27": b"\x40"}, "30", "not an ARQC"), ({"t9F27": b"\x00"}, "30", "not an ARQC"), ({"t9F26": None}, "30", "tag 9F26"),
    ({"t9F37": b"\x11"}, "30", "tag 9F37"), ({"t57": b"\x47\x61"}, "63", "account number in the clear"),
    ({"t5A": b"\x47\x61"}, "63", "account number in the clear"), ({"t9F26": bytes(8)}, "59", "cryptogram"),
    ({"t9F1A": b"\x08\x40"}, "59", "cryptogram"),
    ({"t95": b"\x00\x00\x00\x80\x00"}, "59", "cryptogram"), ({"t82": b"\x20\x00"}, "59", "cryptogram"),
    ({"t9F36": b"\x00\x09"}, "59", "cryptogram"),
    ({"t9F10": None}, "59", "cryptogram version"), ({"t9F10": bytes.fromhex("06010A03A00000")}, "59", "cryptogram version"),
    ({"t9F34": b"\x42\x03\x00"}, "30", "no pin block")])
def test_one_wrong_chip_tag(shop, tags, response, why):
    tap = shop.tap("visa")
    refused(shop, shop.till.sale(tap, change=bent_chip(tap, **tags)), response, why)


def sealed(shop, plain):
    """DF04 holding exactly these bytes, for the next request."""
    cipher = Cipher(algorithms.AES(shop.till.key(dukpt.DATA_REQUEST, shop.till.counter + 1)), modes.CBC(bytes(16))).encryptor()
    return cipher.update(plain) + cipher.finalize()


def padded(data):
    return data + b"\x80" + bytes(-(len(data) + 1) % 16)


@pytest.mark.parametrize(("plain", "change", "response", "why"), [
    (bytes(16), {}, "30", "account padding"), (b"\x01" * 16, {}, "30", "account padding"),
    (padded(b"\x57\x20\x01"), {}, "30", "account tlv"), (padded(b"\x9a\x01\x00"), {}, "30", "account tags"),
    (padded(b"\x57\x08" + bytes.fromhex("4761739001010118")), {}, "30", "account digits"),
    (padded(b"\x57\x0b" + bytes.fromhex("4761739001010118D49122")), {}, "30", "luhn"),
    (padded(b"\x57\x0b" + bytes.fromhex("4242424242424242D49122")), {2: "424242******4242"}, "14", "no such account")])
def test_wrong_account_data(shop, plain, change, response, why):
    tap = shop.tap("visa")
    refused(shop, shop.till.sale(tap, private={"DF04": sealed(shop, plain)}, change=change), response, why)


def test_account_data_may_be_number_and_date(shop):
    plain = padded(tlv.encode({"5A": bytes.fromhex("4761739001010119"), "5F24": bytes.fromhex("491231")}))
    assert shop.ask(shop.till.sale(shop.tap("visa"), private={"DF04": sealed(shop, plain)})) == "00"


@pytest.mark.parametrize(("private", "response"), [
    ({"DF02": b"\x04"}, "30"), ({"DF02": b"\x00", "DF03": bytes(16)}, "30"), ({"DF02": b"\x04", "DF03": bytes(8)}, "30"),
    ({"DF02": b"\x04", "DF03": bytes(16)}, "63"), ({"DF04": b""}, "30"), ({"DF04": bytes(15)}, "30"), ({"DF09": b"\x01"}, "30"),
    ({"DF05": b"3.17\n"}, "30"), ({"DF05": b"3" * 17}, "30")])
def test_wrong_private_tags(shop, private, response):
    refused(shop, shop.till.sale(shop.tap("visa"), private=private), response)


def test_a_wrong_mac_is_refused_and_leaves_no_trace(shop):
    request = shop.till.sale(shop.tap("visa"))
    refused(shop, request[:-1] + bytes((request[-1] ^ 1,)), "63", "mac")
    assert shop.bank.records() == []
    assert shop.ask(request) == "00"


@pytest.mark.parametrize("length", [b" 15", b"+15", b"1_5"])
def test_a_length_has_three_digits(shop, length):
    request = shop.till.admin()
    bent = request.replace(b"015\xdf\x01\x0c", length + b"\xdf\x01\x0c")
    assert bent != request and shop.bank.handle(bent) is None


def test_a_tag_stands_once(shop):
    tap = shop.tap("visa")
    refused(shop, shop.till.sale(tap, change={55: bytes.fromhex("9F0206000000000001") + tap.field55()}), "30", "field 55")


def test_a_terminal_that_nobody_enrolled_hears_nothing():
    shop = Shop()
    shop.till.ikid, shop.till.first_key = demo.initial_key("MT-OTHER-0001")
    request = shop.till.admin()
    assert shop.bank.handle(request) is None
    shop.bank.enrol("MT-OTHER-0001", demo.TERMINAL_ID, demo.MERCHANT_ID)
    assert shop.ask(request) == "00"


@pytest.mark.parametrize("counter", [0x0001FFFF, 0xFFFF0001])
def test_a_worn_out_counter_is_not_even_answered(shop, counter):
    shop.till.key = lambda usage, at=None: bytes(16)
    assert shop.bank.handle(shop.till.admin(counter=counter)) is None
    assert shop.bank.refusals[-1] == "counter"


@pytest.mark.parametrize("counter", [1, 2])
def test_a_counter_never_goes_back(shop, counter):
    shop.ask(shop.till.admin())
    shop.ask(shop.till.admin())
    refused(shop, shop.till.sale(shop.tap("visa"), counter=counter), "63", "counter")


def test_the_same_request_gets_the_same_bytes(shop):
    request, answer = shop.sale()
    shop.ask(shop.till.admin())
    assert shop.bank.handle(request) == answer
    assert shop.bank.effects() == 1


def test_another_request_under_the_same_key_is_a_duplicate(shop):
    shop.sale()
    refused(shop, shop.till.sale(shop.tap("mc"), change={11: "000001"}), "94", "same key, other message")


def test_a_cryptogram_is_good_once(shop):
    tap = shop.tap("visa")
    assert shop.ask(shop.till.sale(tap)) == "00"
    refused(shop, shop.till.sale(tap), "59", "replayed cryptogram")


def test_a_spoiled_key_turns_approval_into_decline(shop):
    shop.bank.spoil_card_key("visa")
    refused(shop, shop.till.sale(shop.tap("visa")), "59", "cryptogram")
    shop.bank.spoil_card_key("4761739001010119", spoiled=False)
    assert shop.ask(shop.till.sale(shop.tap("visa"))) == "00"


def test_other_issuer_keys_refuse_our_cards():
    shop = Shop()
    shop.bank = Bank(now=lambda: NOW, issuer_keys={"visa-18": bytes(range(16))})
    assert shop.ask(shop.till.sale(shop.tap("visa"))) == "59"
    assert shop.ask(shop.till.sale(shop.tap("mc"))) == "00"


def test_three_wrong_pins_and_the_right_one_comes_too_late(shop):
    pins = ("0000", "1235", "12345", "1234")
    assert [shop.ask(shop.till.sale(shop.tap("visa-pin"), pin=pin)) for pin in pins] == ["55", "55", "75", "75"]


def test_the_right_pin_gives_the_tries_back(shop):
    pins = ("0000", "0000", "1234", "0000", "0000", "1234")
    assert [shop.ask(shop.till.sale(shop.tap("visa-pin"), pin=pin)) for pin in pins] == ["55", "55", "00", "55", "55", "00"]


def test_an_answer_holds_what_it_must(shop):
    request, answer = shop.sale("mc")
    asked, said = messages.decode(request), shop.till.read(answer)
    assert set(said.fields) == {3, 4, 7, 11, 12, 13, 37, 38, 39, 41, 42, 49, 55, 126, 128}
    assert all(said[number] == asked[number] for number in (3, 4, 7, 11, 12, 13, 41, 42, 49))
    assert said[37].isdigit() and len(said[37]) == 12 and len(said[38]) == 6
    assert tlv.decode(said[55])["91"][8:] == b"\x00\x10"
    assert tlv.decode(said[126]) == {"DF01": tlv.decode(asked[126])["DF01"]}


@pytest.mark.parametrize(("mti", "answered"), [("0200", "0210"), ("0100", "0110")])
def test_the_mti_of_an_answer(shop, mti, answered):
    said = shop.till.read(shop.bank.handle(shop.till.sale(shop.tap("visa"), mti=mti)))
    assert (said.mti, said[39]) == (answered, "00")
    assert shop.bank.effects() == (mti == "0200")


@pytest.mark.parametrize(("code", "response"), [("001", "00"), ("301", "00"), ("002", "12")])
def test_sign_on_and_echo(shop, code, response):
    said = shop.till.read(shop.bank.handle(shop.till.admin(code)))
    assert (said.mti, said[39], 37 in said.fields) == ("0810", response, False)


def test_an_answer_is_not_answered(shop):
    _, answer = shop.sale()
    assert shop.bank.handle(answer) is None


def test_a_declined_sale_carries_no_approval(shop):
    said = shop.till.read(shop.sale("no-funds")[1])
    assert said[39] == "51" and 38 not in said.fields and tlv.decode(said[55])["91"][8:] == b"51"
