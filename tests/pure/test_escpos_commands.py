# test_escpos_commands.py: ESC/POS commands as bytes, against python-escpos, and what a status byte says.
import pytest
from escpos.constants import QR_MODEL_2
from escpos.printer import Dummy
from escpos_printer import commands
from hypothesis import given
from hypothesis import strategies as st


def printed(act):
    printer = Dummy()
    act(printer)
    return printer.output


@given(st.text("ABCDEF0123456789./: ", min_size=1, max_size=120), st.integers(1, 16), st.sampled_from("LMQH"))
def test_a_qr_code_is_as_python_escpos_sends_it(text, module, level):
    theirs = printed(lambda printer: printer.qr(text, ec="LMQH".index(level), size=module, model=QR_MODEL_2, native=True))
    assert commands.qr(text.encode(), module, level) == theirs


def test_cut_and_drawer_are_as_python_escpos_sends_them():
    assert commands.cut() == printed(lambda printer: printer.cut())
    assert commands.drawer(2) == printed(lambda printer: printer.cashdraw(2))
    assert commands.drawer(5) == printed(lambda printer: printer.cashdraw(5))


@given(st.text("0123456789", min_size=12, max_size=12))
def test_an_ean13_gets_its_check_digit(digits):
    made = commands.ean13(digits.encode())
    body = made[-14:-1]
    weights = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body.decode()))
    assert weights % 10 == 0 and body[:12].decode() == digits
    assert commands.ean13(body) == made
    with pytest.raises(ValueError):
        commands.ean13(body[:12] + bytes((48 + (body[12] - 47) % 10,)))


@given(st.integers(1, 40), st.integers(1, 30), st.data())
def test_a_raster_says_its_size(across, down, data):
    rows = data.draw(st.binary(min_size=across * down, max_size=across * down))
    for width in (8 * across, 8 * across - 7):
        assert commands.raster(rows, width) == b"\x1dv0\x00" + bytes((across, 0, down, 0)) + rows


@pytest.mark.parametrize("call", [
    lambda: commands.feed(256), lambda: commands.feed(-1), lambda: commands.align(3), lambda: commands.drawer(3), lambda: commands.query(5),
    lambda: commands.buzzer(10, 50), lambda: commands.buzzer(1, 500), lambda: commands.qr(b"", 4), lambda: commands.qr(b"x", 0),
    lambda: commands.qr(b"x", 4, "LM"), lambda: commands.qr(bytes(7090)), lambda: commands.raster(b"\x00", 16),
    lambda: commands.raster(b"", 0),
    lambda: commands.ean13(b"12345678901x"), lambda: commands.status(5, 0x12),
])
def test_what_the_printer_would_misread_is_refused(call):
    try:
        answer = call()
    except ValueError:
        return
    assert answer == ()


@given(st.sampled_from((commands.PRINTER, commands.OFFLINE, commands.ERRORS, commands.PAPER)), st.integers(0, 255))
def test_any_byte_is_a_status_or_nothing(which, answer):
    words = commands.status(which, answer)
    assert (words == ()) is (answer & 0x93 != 0x12)
    assert all(isinstance(word, str) and word for word in words)


def test_styles():
    assert commands.size() == b"\x1d!\x00" and commands.SIZE_NORMAL == b"\x1b!\x00" and commands.size(wide=True, high=True) == b"\x1d!\x11"
    assert [commands.align(where) for where in range(3)] == [commands.LEFT, commands.CENTRE, commands.RIGHT]
