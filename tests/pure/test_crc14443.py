# test_crc14443.py: a receiver that runs its register over data and CRC ends at the residue (ISO/IEC 14443-3 Annex B).
from hypothesis import given
from hypothesis import strategies as st

from till.cards import crc14443

_RESIDUE_B = 0xF0B8                       # of CRC-16/X-25


@given(st.binary(max_size=64))
def test_data_with_their_crc_leave_the_residue(data):
    assert crc14443._crc(data + crc14443.crc_a(data), 0x6363) == 0
    assert crc14443._crc(data + crc14443.crc_b(data), 0xFFFF) == _RESIDUE_B


@given(st.binary(min_size=1, max_size=32), st.data())
def test_one_turned_bit_shows(data, source):
    bit = source.draw(st.integers(0, 8 * len(data) - 1))
    turned = bytearray(data)
    turned[bit >> 3] ^= 1 << (bit & 7)
    assert crc14443.crc_a(turned) != crc14443.crc_a(data)
    assert crc14443.crc_b(turned) != crc14443.crc_b(data)
