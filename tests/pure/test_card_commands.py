# test_card_commands.py: a card is never surprised: wrong commands, wrong order and noise get status words, and the state holds.
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyemv import tlv
from test_bank_double import PPSE

from microtill.bench.cards.wallet import Wallet

SELECT_VISA, SELECT_MC = "00A4040007A000000003101000", "00A4040007A000000004101000"
GPO_EMPTY = "80A8000002830000"
PAYMENT = "000000001250" "000000000000" "0620" "0000000000" "0978" "261124" "00" "11223344"       # 9F02 9F03 9F1A 95 5F2A 9A 9C 9F37
GPO_VISA = "80A8000023" "8321" "26804000" + PAYMENT + "00"
READ = "00B2011400"
GENERATE = "80AE800021" + PAYMENT + "22" "1F0302" "00"


def said(card, *commands):
    """The status words of the commands, in hex."""
    return [card.apdu(bytes.fromhex(command))[0][-2:].hex() for command in commands]


@pytest.mark.parametrize(("command", "status"), [
    ("", "6700"), ("00A404", "6700"), ("00A40400", "6700"), ("00A4040008A0000000031010", "6700"), ("00A4040000000A", "6700"),
    ("00A40000023F0000", "6a86"), ("00A4040007A000000025010900", "6a82"), ("00A4040003A00000", "6a82"),
    ("00A4040207A000000003101000", "6a82"),
    ("0084000008", "6d00"), ("80B2011400", "6d00"), ("90A4040007A000000003101000", "6e00"), ("FF00000000", "6e00"),
    (GPO_VISA, "6985"), (READ, "6985"), (GENERATE, "6985"), ("80CA9F3600", "6985")])
def test_before_anything_is_selected(command, status):
    assert said(Wallet().card("visa"), command) == [status]


@pytest.mark.parametrize(("command", "status"), [
    ("80A80100" + GPO_VISA[8:], "6a86"), ("80A8000000", "6a80"), (GPO_EMPTY, "6700"), ("80A80000028402", "6a80"),
    ("80A80000048303AABB", "6700"), (GPO_VISA[:14] + "00804000" + GPO_VISA[22:], "6985"), (READ, "6985"),
    ("80CA9F3600", "6a88"), ("80CA9F1700", "6a88"), (GENERATE, "6d00")])
def test_with_visa_selected(command, status):
    assert said(Wallet().card("visa"), SELECT_VISA, command) == ["9000", status]


@pytest.mark.parametrize(("command", "status"), [
    ("00B2001400", "6a86"), ("00B2011000", "6a86"), ("00B2011500", "6a86"), ("00B2010C00", "6a82"), ("00B2021400", "6a83"),
    ("00B20114020102", "6700"),
    (READ, "9000"), (GPO_EMPTY, "6985"), ("80AE8001" + GENERATE[8:], "6a86"), ("80AEC000" + GENERATE[8:], "6a86"),
    ("80AE8000020102", "6700"), (GENERATE, "9000"), ("80AE9000" + GENERATE[8:], "9000"), ("80CA9F3600", "9000"), ("80CA9F360101", "6700")])
def test_with_mchip_started(command, status):
    assert said(Wallet().card("mc"), SELECT_MC, GPO_EMPTY, command) == ["9000", "9000", status]


def test_one_cryptogram_a_payment():
    assert said(Wallet().card("mc"), SELECT_MC, GPO_EMPTY, GENERATE, GENERATE, READ) == ["9000", "9000", "9000", "6985", "9000"]
    assert said(Wallet().card("visa"), SELECT_VISA, GPO_VISA, GPO_VISA) == ["9000", "9000", "6985"]


def test_selecting_again_starts_a_new_payment():
    card = Wallet().card("mc")
    assert said(card, SELECT_MC, GPO_EMPTY, GENERATE, SELECT_MC, GPO_EMPTY, GENERATE) == ["9000"] * 6
    assert card.atc == b"\x00\x02"


def test_the_field_going_off_forgets_the_selection():
    card = Wallet().card("mc")
    said(card, SELECT_MC, GPO_EMPTY)
    card.power_on()
    assert said(card, READ) == ["6985"]


@pytest.mark.parametrize(("asked", "given"), [("80", 0x80), ("40", 0x80), ("00", 0x00), ("90", 0x80)])
def test_online_only_whatever_the_reader_asks(asked, given):
    card = Wallet().card("mc")
    said(card, SELECT_MC, GPO_EMPTY)
    answer, _ = card.apdu(bytes.fromhex("80AE" + asked + GENERATE[6:]))
    assert tlv.decode(answer[:-2])["77"]["9F27"][0] == given


def test_an_application_answers_to_the_start_of_its_name():
    assert said(Wallet().card("visa"), "00A4040005A000000003") == ["9000"]


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(Wallet().names()), commands=st.lists(st.one_of(
    st.binary(max_size=40),
    st.sampled_from([PPSE, *map(bytes.fromhex, (SELECT_VISA, SELECT_MC, GPO_EMPTY, GPO_VISA, READ, GENERATE))])), max_size=8))
def test_noise_gets_status_words(name, commands):
    card = Wallet().card(name, pulled_at=99)
    for command in commands:
        answer, took_us = card.apdu(command)
        assert 2 <= len(answer) <= 258 and took_us > 0
        assert answer[-2:] in (b"\x90\x00", b"\x62\x83") or len(answer) == 2
