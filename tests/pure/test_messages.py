# test_messages.py: what the terminal says is what the bank reads, and of what it hears it believes only the answer to its own question.
import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers

from microtill import demo
from microtill.bench.acquirer.bank import Bank
from till.acquirer.messages import SETTLE, SETTLE_AFTER_UPLOAD, SIGN_ON, Messages
from till.core.errors import Malformed, TillError, WrongAnswer, WrongMac
from till.crypto import dukpt
from till.money import totals
from till.secure.vault import Envelope

IKID, KEY = demo.initial_key(demo.SERIAL)
KEYS = dukpt.under(bytearray(KEY), IKID)
WORDS = Messages(demo.TERMINAL_ID, demo.MERCHANT_ID)
UNIX = 1767603663


def signed_on(stan=1, counter=1, bank=None):
    """(request, envelope, the bank's answer) of a sign-on."""
    envelope = Envelope(KEYS, counter)
    request = bytes(WORDS.network(stan, UNIX, SIGN_ON, envelope, "1.2"))
    return request, envelope, (bank or Bank()).handle(request)


REQUEST, ENVELOPE, ANSWER = signed_on()


def test_the_bank_reads_what_we_say_and_we_believe_what_it_answers():
    assert WORDS.answer(ANSWER, REQUEST, ENVELOPE) == {"response": "00", "auth": "", "rrn": ""}


@given(at=integers(0, 10_000), bit=integers(0, 7))
def test_one_turned_bit_anywhere_and_the_answer_is_not_believed(at, bit):
    bad = bytearray(ANSWER)
    bad[at % len(bad)] ^= 1 << bit
    with pytest.raises((WrongMac, Malformed)):
        WORDS.answer(bytes(bad), REQUEST, ENVELOPE)


@settings(max_examples=300)
@given(noise=binary(max_size=300))
def test_noise_is_refused_with_a_code(noise):
    with pytest.raises(TillError):
        WORDS.answer(noise, REQUEST, ENVELOPE)


@given(cut=integers(0, len(ANSWER) - 1))
def test_a_short_answer_is_refused(cut):
    with pytest.raises(TillError):
        WORDS.answer(ANSWER[:cut], REQUEST, ENVELOPE)


def test_an_answer_to_another_question_is_not_ours():
    bank = Bank()
    signed_on(1, 1, bank)
    other, envelope, _ = signed_on(2, 2, bank)
    answer = bank.handle(bytes(WORDS.network(3, UNIX, SIGN_ON, Envelope(KEYS, 3), "1.3")))
    with pytest.raises(WrongMac):                   # under another key
        WORDS.answer(answer, other, envelope)
    with pytest.raises(WrongAnswer):                # even if the key were the same
        WORDS.answer(answer, other, Envelope(KEYS, 3))


def test_a_repeat_of_a_reversal_says_the_same_under_another_type():
    payment = {"kind": 1, "stan": 9, "field7": "0105090100", "amount_minor": 500, "unix": UNIX, "currency": 978, "pan": "476173******0119",
               "sequence": "", "trigger": "1.4"}
    reversal = {"reversal_stan": 10, "field7": "0105090200"}
    first = bytes(WORDS.reversal(payment, reversal, Envelope(KEYS, 7), False))
    again = bytes(WORDS.reversal(payment, reversal, Envelope(KEYS, 7), True))
    assert first[:4] == b"0400" and again[:4] == b"0401" and first[4:-8] == again[4:-8] and first[-8:] != again[-8:]
    bank = Bank()
    assert bank.handle(first) == bank.handle(again)


def settled(code, counter, bank, **sums):
    """What the terminal believes of the bank's answer to a 0500 of batch 1 with these sums over nothing."""
    values = {**totals.of(totals.nothing(), totals.BATCH), **sums}
    envelope = Envelope(KEYS, counter)
    request = bytes(WORDS.settlement(counter, UNIX, code, 1, values, 978, envelope, "1.6"))
    return WORDS.answer(bank.handle(request), request, envelope)["response"]


def test_a_settlement_is_read_by_the_bank_and_its_answer_believed():
    bank = Bank()
    assert settled(SETTLE, 1, bank) == "00"
    assert settled(SETTLE, 2, bank, sale_count=2, sale_minor=1250, void_count=1, void_minor=1000, refund_count=1, refund_minor=900) == "95"
    assert settled(SETTLE_AFTER_UPLOAD, 3, bank, refund_count=1, refund_minor=900) == "00"
    row = bank.records()[-1]
    assert (row["batch"], row["closed"], row["said"]["refund"], row["held"]["refund"]) == ("000001", True, [1, 900], [0, 0])


def test_a_payment_told_again_is_answered_as_an_advice_is():
    payment = {"kind": 1, "stan": 9, "field7": "0105090100", "amount_minor": 500, "unix": UNIX, "currency": 978, "pan": "476173******0119",
               "sequence": "", "trigger": "1.4", "rrn": "600509000001", "auth": "123456"}
    envelope = Envelope(KEYS, 1)
    request = bytes(WORDS.upload(payment, 10, UNIX, envelope, "1.6"))
    answer = Bank().handle(request)
    assert (request[:4], answer[:4]) == (b"0320", b"0330")
    assert WORDS.answer(answer, request, envelope)["response"] == "25"
    with pytest.raises(WrongAnswer):                # another batch's answer under the same key
        other = bytes(WORDS.settlement(10, UNIX, SETTLE, 2, totals.of(totals.nothing(), totals.BATCH), 978, envelope, "1.6"))
        WORDS.answer(answer, other, envelope)
