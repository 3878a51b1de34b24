# test_bank_tdes.py: PIN blocks under TDES at the bank: its keys against published ones and the device's, and what it takes from whom, once.
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bank_double import NOW, Shop

from microtill import demo
from microtill.bench.acquirer import dukpt, tdes
from microtill.bench.acquirer.bank import Bank
from microtill.keys import NoKey, ciphers
from till.core.errors import Malformed, WornOut
from till.crypto import des, dukpt_tdes, pinblock_tdes

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors" / "dukpt_tdes.json").read_text())
BDK, FIRST = bytes.fromhex(PUBLISHED["bdk"]), bytes.fromhex(PUBLISHED["initial_key"])
PAN = "4012888888881881"
IKID, _KEY = demo.initial_key(demo.SERIAL)


def test_the_published_keys_and_blocks_of_a_day():
    assert tdes.under(BDK)(bytes.fromhex(PUBLISHED["initial_ksn"])) == FIRST
    for case in PUBLISHED["transactions"]:
        key = tdes.pin_key(FIRST, bytes.fromhex(case["ksn"]))
        assert key.hex().upper() == case["pin_key"]
        assert ciphers.tdes(key, bytes.fromhex(case["encrypted_pin_block"]), back=True).hex().upper() == PUBLISHED["clear_pin_block"]


counters = st.integers(1, 0x1FFFFF).filter(lambda counter: counter.bit_count() <= 10)


@settings(max_examples=20, deadline=None)
@given(bdk=st.binary(min_size=16, max_size=16), key_id=st.binary(min_size=8, max_size=8), counter=counters)
def test_bank_and_device_have_the_same_keys(bdk, key_id, counter):
    ksn = dukpt_tdes.ksn(key_id, counter)
    assert (len(ksn), tdes.counter_of(ksn), tdes.terminal_of(ksn)) == (10, counter, tdes.terminal_of(key_id))
    first = tdes.under(bdk)(ksn)
    assert first == dukpt_tdes.initial_key(bdk, ksn)
    assert tdes.pin_key(first, ksn) == dukpt_tdes.working_key(dukpt_tdes.transaction_key(first, ksn), dukpt_tdes.PIN)


@given(counter=st.integers(0, 0x1FF7FF))
def test_no_counter_is_left_out_or_comes_twice(counter):
    following = dukpt_tdes.next_counter(counter)
    assert following.bit_count() <= 10 and all(between.bit_count() > 10 for between in range(counter + 1, min(following, counter + 3000)))


def test_after_the_last_counter_there_is_none():
    assert dukpt_tdes.next_counter(0x1FF7FF) == 0x1FF800
    with pytest.raises(WornOut):
        dukpt_tdes.next_counter(0x1FF800)
    for counter in (0, 0x7FF):
        with pytest.raises(Malformed):
            dukpt_tdes.transaction_key(FIRST, dukpt_tdes.ksn(bytes(8), counter))


def test_a_short_number_has_zeros_before_it_in_the_block():
    block = bytearray(8)
    pinblock_tdes.encode(0, b"1234", b"123456789012", block)
    assert block == bytearray.fromhex("041234FFFFFFFFFF")[:2] + bytes(a ^ b for a, b in zip(
        bytes.fromhex("34FFFFFFFFFF"), bytes.fromhex("012345678901"), strict=True))


def block(counter=1, pin=b"1234", key_id=IKID, bdk=demo.TDES_BDK):
    """(fields, private set) of a PIN under this counter, as the device makes them."""
    ksn, out = dukpt_tdes.ksn(key_id, counter), bytearray(8)
    pinblock_tdes.encode(0, pin, PAN.encode(), out)
    if 0 < counter.bit_count() <= 10:
        des.encrypt(dukpt_tdes.working_key(dukpt_tdes.transaction_key(dukpt_tdes.initial_key(bdk, ksn), ksn), dukpt_tdes.PIN), out)
    return {52: bytes(out), 53: tdes.CONTROL}, {"DF06": ksn}


def ask(shop, fields, private, **more):
    return shop.ask(shop.till.sale(shop.tap("visa-pin"), change=fields, private=private, **more)), shop.bank.refusals[-1:]


@pytest.fixture
def shop():
    shop = Shop()
    shop.bank.allow_tdes(demo.SERIAL)
    return shop


def test_a_right_pin_pays_and_a_wrong_one_is_counted(shop):
    assert ask(shop, *block(1))[0] == "00"
    assert ask(shop, *block(2, b"1235")) == ("55", ["wrong pin"])
    assert ask(shop, *block(4))[0] == "00"              # one was used for nothing; what counts is that it grows
    assert shop.bank.effects() == 2


def test_a_counter_counts_once_whatever_came_of_it(shop):
    assert ask(shop, *block(5, b"0000"))[0] == "55"
    for counter in (5, 4, 1):
        assert ask(shop, *block(counter)) == ("63", ["tdes counter"])
    assert ask(shop, *block(6))[0] == "00"


def test_a_repeat_of_the_same_bytes_has_the_same_answer(shop):
    fields, private = block(1)
    request = shop.till.sale(shop.tap("visa-pin"), change=fields, private=private)
    assert shop.bank.handle(request) == shop.bank.handle(request) and shop.bank.effects() == 1


def test_a_terminal_that_may_not_is_refused():
    shop = Shop()
    assert ask(shop, *block(1)) == ("63", ["no tdes here"])
    assert ask(shop, {53: tdes.CONTROL}, {}) == ("63", ["no tdes here"])
    assert ask(shop, {}, {"DF06": dukpt_tdes.ksn(IKID, 1)}) == ("63", ["no tdes here"])
    assert shop.bank.effects() == 0


OTHER = demo.initial_key("MT-0043")[0]


@pytest.mark.parametrize(("fields", "private", "response", "why"), [
    ({53: "2001020000000000"}, {}, "30", "field 52 or 53"), ({53: None}, {}, "30", "field 52 or 53"), ({52: None}, {}, "30", "field 52 or 53"),
    ({}, {"DF06": dukpt_tdes.ksn(OTHER, 1)}, "63", "tdes ksn"), ({}, {"DF06": dukpt_tdes.ksn(IKID, 1)[1:]}, "63", "tdes ksn"),
    ({}, {"DF06": dukpt_tdes.ksn(IKID, 0)}, "63", "tdes counter"), ({}, {"DF06": dukpt_tdes.ksn(IKID, 0x7FF)}, "63", "tdes counter"),
    ({}, {"DF06": dukpt_tdes.ksn(IKID, 2)}, "63", "pin block"), ({52: bytes(8)}, {}, "63", "pin block"),
    ({}, {"DF02": b"\x04", "DF03": bytes(16)}, "30", "two pin blocks")])
def test_one_thing_wrong(shop, fields, private, response, why):
    good = block(1)
    assert ask(shop, {**good[0], **fields}, {**good[1], **private}) == (response, [why])
    assert shop.bank.effects() == 0
    assert ask(shop, *block(3))[0] == "00"


def test_a_block_under_another_base_key_is_none(shop):
    assert ask(shop, *block(1, bdk=BDK)) == ("63", ["pin block"])
    assert ask(shop, *block(2, bdk=demo.BDK)) == ("63", ["pin block"])


def test_where_the_store_has_the_key_no_more_it_is_refused():
    def gone(ksn):
        raise NoKey("bdk-tdes/1 is retired")
    shop = Shop()
    shop.bank = Bank(now=lambda: NOW, keys=lambda ikid: dukpt.initial_key(demo.BDK, ikid), tdes_keys=gone)
    shop.bank.enrol(demo.SERIAL, demo.TERMINAL_ID, demo.MERCHANT_ID)
    shop.bank.allow_tdes(demo.SERIAL)
    assert ask(shop, *block(1)) == ("63", ["no tdes here"])


def test_a_terminal_that_may_may_still_send_the_newer_format(shop):
    assert ask(shop, {}, {}, pin="1234")[0] == "00"
