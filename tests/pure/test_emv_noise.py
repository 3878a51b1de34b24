# test_emv_noise.py: whatever a card answers, a tap ends, with one of its outcomes, in at most 64 commands, and never raises.
from hypothesis import given, settings
from hypothesis import strategies as st
from test_emv_rules import CRYPTOGRAM, MC, QVSDC, RECORD, VISA, chosen, directory, entry, raw, template
from test_emv_wallet import tap_of

from microtill.bench.cards.wallet import Wallet

OUTCOMES = ("online", "declined", "try_again", "other_card", "see_phone")
REASONS = ("", "expired", "blocked", "not_accepted", "over_limit", "card_declined", "offline_not_allowed", "cvm", "card_error",
           "card_removed", "see_phone")
NAMES = ["visa", "visa-pin", "phone", "mc", "mc-pin", "expired", "blocked"]
GOOD = [directory(entry(VISA), entry(MC, 2)), directory(entry(MC)), chosen(VISA), chosen(MC), template("77", QVSDC),
        template("77", {"82": "1880", "94": "08010100"}), template("77", {"82": "1A80", "94": "08010200"}), template("70", RECORD),
        template("77", CRYPTOGRAM)]
TAGS = sorted(set(QVSDC) | set(RECORD) | set(CRYPTOGRAM) | {"94", "9F27", "DF4B", "9F0E", "5F28", "9F42", "5F25"})


def check(tap, commands):
    assert tap.outcome in OUTCOMES and tap.reason in REASONS and (tap.reason == "") == (tap.outcome == "online")
    assert commands <= 64 and tap.cvm in ("none", "online_pin", "device")
    if tap.outcome == "online":
        assert 8 <= len(tap.pan) <= 19 and 0 < tap.emv_data(bytearray(256), tap.cvm) <= 256
    if tap.reason == "card_error":
        assert tap.pan == b"" and tap.track2 == b""


def run(tap, answer):
    """Plays until the end with answer(command); returns how many commands there were."""
    command, count = tap.begin(), 0
    while command is not None:
        assert 5 <= len(command) <= 261 and (len(command) == 5 or command[4] == len(command) - 6)
        count += 1
        command = tap.answer(answer(bytes(command)))
    check(tap, count)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.binary(max_size=60), max_size=20), st.binary(max_size=8))
def test_noise(answers, last):
    waiting = list(answers)
    run(tap_of(), lambda command: waiting.pop(0) if waiting else last)


@st.composite
def objects(draw):
    values = {tag: draw(st.binary(max_size=20)) for tag in draw(st.lists(st.sampled_from(TAGS), max_size=6, unique=True))}
    kind = draw(st.sampled_from(["77", "70", "80", "6F", "61"]))
    base = raw(draw(st.sampled_from([{}, QVSDC, RECORD, CRYPTOGRAM])))
    return template(kind, {**base, **values})


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([(VISA, 12_50), (VISA, 60_00), (MC, 12_50), (MC, 60_00)]),
       st.lists(st.one_of(objects(), st.sampled_from(GOOD)), max_size=12))
def test_well_formed_nonsense(who, answers):
    aid, amount = who
    waiting = [directory(entry(aid)), chosen(aid), *answers]
    run(tap_of(amount), lambda command: waiting.pop(0) if waiting else b"\x6a\x83")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(NAMES), st.sampled_from([12_50, 60_00]), st.integers(0, 7), st.integers(0, 300), st.integers(0, 255),
       st.sampled_from(["change", "cut", "grow", "status", "repeat"]))
def test_a_true_card_with_one_answer_bent(name, amount, which, place, value, how):
    card, heard = Wallet().card(name), []

    def answer(command):
        response = card.apdu(command)[0]
        heard.append(response)
        if len(heard) - 1 != which:
            return response
        at = place % len(response)
        return {"change": response[:at] + bytes((value,)) + response[at + 1:], "cut": response[:at],
                "grow": response[:at] + bytes((value,)) + response[at:],
                "status": response[:-2] + bytes((0x60 | value & 0xF, place & 0xFF)),
                "repeat": heard[-2] if len(heard) > 1 else response}[how]
    run(tap_of(amount), answer)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(NAMES), st.integers(1, 9), st.booleans())
def test_removed_at_any_time(name, after, twice):
    card, tap = Wallet().card(name), tap_of()
    command = tap.begin()
    for _ in range(after):
        if command is None:
            break
        command = tap.answer(card.apdu(command)[0])
    gone = command is not None
    tap.removed()
    if twice:
        tap.removed()
    assert tap.answer(b"\x90\x00") is None
    assert not gone or (tap.outcome, tap.reason) == ("try_again", "card_removed")
