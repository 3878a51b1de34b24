# test_pan.py: card numbers: check digit, mask, and the digits packed in 5A and 57.
import pytest
from hypothesis import given
from hypothesis import strategies as st
from till.cards import pan
from till.core.errors import Malformed

DIGITS = st.text("0123456789", min_size=8, max_size=19)


def check_digit(body):
    """By the definition: doubled digits summed crosswise, counted from the right."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value // 10 + value % 10
    return str(-total % 10)


@given(DIGITS, st.integers(1, 9), st.data())
def test_one_wrong_digit_is_always_seen(body, off, data):
    number = body + check_digit(body)
    assert pan.luhn_ok(number.encode())
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = number[:place] + str((int(number[place]) + off) % 10) + number[place + 1:]
    assert not pan.luhn_ok(wrong.encode())


@given(st.binary(max_size=24))
def test_any_bytes_are_no_error(data):
    assert pan.luhn_ok(data) in (True, False)
    try:
        masked = pan.mask(data)
    except Malformed:
        assert not (data.isdigit() and 8 <= len(data) <= 19)
    else:
        assert data.isdigit() and len(masked) == len(data)


@given(DIGITS)
def test_a_mask_shows_ten_digits_at_most(number):
    masked = pan.mask(number.encode())
    shown = [i for i, char in enumerate(masked) if char != "*"]
    assert all(i < 6 or i >= len(number) - 4 for i in shown) and masked.count("*") >= 4
    assert all(masked[i] == number[i] for i in shown)


def test_a_mask_is_text():
    assert pan.mask(bytearray(b"4761739001010119")) == "476173******0119"


@given(DIGITS)
def test_packed_digits_unpack(number):
    out = bytearray(19)
    padded = number + "F" * (len(number) % 2)
    assert pan.unpack(bytes.fromhex(padded), out) == len(number)
    assert bytes(out[:len(number)]) == number.encode()
    track = number + "D2712201"
    assert pan.unpack(bytes.fromhex(track + "F" * (len(track) % 2)), out, 0xD) == len(number)


@given(st.binary(max_size=14), st.integers(0, 20), st.sampled_from((0xF, 0xD)))
def test_any_packed_bytes_raise_only_malformed(packed, room, stop):
    out = bytearray(room)
    try:
        count = pan.unpack(packed, out, stop)
    except Malformed as why:
        assert why.args[0] in ("digits", "full")
    else:
        assert count <= room and (count == 0 or bytes(out[:count]).isdigit())


def test_digits_behind_the_filler_are_refused():
    with pytest.raises(Malformed, match="digits"):
        pan.unpack(bytes.fromhex("12F3"), bytearray(8))


def test_wipe_leaves_zeros():
    secret = bytearray(b"4761739001010119")
    pan.wipe(secret)
    assert secret == bytes(16)
