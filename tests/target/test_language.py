# test_language.py: what the firmware takes for granted of the language, on a 32-bit target as on 64 bits.
import struct
import sys
from array import array

from check import Numbers, raises

SMALLEST_MOST = 0x3FFFFFFF              # the largest small integer of a 32-bit target


def test_numbers_go_on_past_the_small_integers():
    for at in (SMALLEST_MOST, 0x7FFFFFFF, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF):
        assert at + 1 - at == 1
        assert (at + 1) * (at - 1) + 1 == at * at
        assert -at - 1 + at == -1


def test_every_amount_of_field_4_is_an_exact_number():
    most = 999999999999
    assert divmod(most, 100) == (9999999999, 99)
    assert int(str(most)) == most
    assert "%012d" % most == "999999999999"


def test_a_large_number_survives_its_bytes():
    numbers = Numbers(3)
    for size in (1, 3, 4, 5, 8, 16):
        data = numbers.bytes(size)
        assert int.from_bytes(data, "big").to_bytes(size, "big") == data
        assert int.from_bytes(data, "little").to_bytes(size, "little") == data


def test_bits_of_a_counter_of_32_bits_do_not_turn_negative():
    counter = 0xFFFF0000
    assert counter >> 16 == 0xFFFF
    assert counter & 0x80000000 == 0x80000000
    assert (counter ^ 0xFFFFFFFF) & 0xFFFFFFFF == 0xFFFF


def test_struct_has_the_byte_order_that_it_is_told():
    assert struct.pack("<IH", 0x01020304, 0x0506) == b"\x04\x03\x02\x01\x06\x05"
    assert struct.pack(">IH", 0x01020304, 0x0506) == b"\x01\x02\x03\x04\x05\x06"
    assert struct.unpack("<I", b"\xff\xff\xff\xff")[0] == 0xFFFFFFFF
    assert sys.byteorder == "little"


def test_a_number_too_large_for_its_word_is_not_cut_in_silence():
    words = array("I", (0xFFFFFFFF, 0))
    assert words[0] == 0xFFFFFFFF
    assert struct.calcsize("<BHIIHH") == 15


def test_a_window_writes_through_and_copies_nothing():
    buf = bytearray(range(16))
    window = memoryview(buf)[4:8]
    window[0] = 0xEE
    assert buf[4] == 0xEE
    assert bytes(memoryview(window)[1:3]) == b"\x05\x06"
    assert raises(IndexError, lambda: window[4]) is not None


def test_a_window_of_another_size_is_refused():
    buf = bytearray(8)

    def grow():
        memoryview(buf)[0:2] = b"three"
    raises(ValueError, grow)
    assert buf == bytes(8)


def test_a_list_of_texts_is_in_order_by_code_points():
    assert sorted(("z", "a", "A", "\u4e2d", "\xe9")) == ["A", "a", "z", "\xe9", "\u4e2d"]


def test_text_goes_through_utf8_and_back():
    text = "Caf\xe9 \u4ea4\u6613 \u20ac 12.50"
    assert str(text.encode(), "utf-8") == text
    raises(UnicodeError, str, b"\xff\xfe", "utf-8")


def test_an_error_leaves_finally_done():
    done = []

    def fails():
        try:
            raise ValueError("x")
        finally:
            done.append(1)
    raises(ValueError, fails)
    assert done == [1]
