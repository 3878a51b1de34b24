# test_messages.py: what the terminal says is what the bank reads, and of what it hears it believes only the answer to its own question.
import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers

from microtill import demo
from microtill.bench.acquirer.bank import Bank
from till.acquirer.messages import SIGN_ON, Messages
from till.core.errors import Malformed, TillError, WrongAnswer, WrongMac
from till.crypto import dukpt
from till.secure.vault import Envelope

IKID, KEY = demo.initial_key(demo.SERIAL)
KEYS = dukpt.Dukpt(bytearray(KEY), IKID)
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
