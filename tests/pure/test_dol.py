# test_dol.py: data object lists built by till.cards.dol (EMV Book 3 5.4).
import pytest
from hypothesis import given
from hypothesis import strategies as st
from till.cards import dol
from till.core.errors import Malformed

NUMERIC, COMPRESSED, OTHER = 0x9F02, 0x5A, 0x9F37


def built(data, values):
    out = bytearray(256)
    return bytes(out[:dol.build(data, values.get, out)])


@pytest.mark.parametrize("tag, value, size, expected", [
    (NUMERIC, "001234", 2, "1234"), (NUMERIC, "1234", 4, "00001234"),
    (COMPRESSED, "541333FF", 2, "5413"), (COMPRESSED, "5413", 4, "5413FFFF"),
    (OTHER, "DEADBEEF", 2, "DEAD"), (OTHER, "DEAD", 4, "DEAD0000"),
    (OTHER, "", 3, "000000"), (NUMERIC, "12", 0, ""),
])
def test_a_value_of_the_wrong_size_is_cut_or_filled(tag, value, size, expected):
    entry = tag.to_bytes(2 if tag > 255 else 1, "big") + bytes((size,))
    assert built(entry, {tag: bytes.fromhex(value)}).hex().upper() == expected


def test_what_is_not_known_is_zeros():
    assert built(bytes.fromhex("9F37045A03"), {}) == bytes(7)


@given(st.binary(max_size=60))
def test_any_bytes_raise_only_malformed(data):
    out = bytearray(300)
    try:
        entries = list(dol.each(data))
        end = dol.build(data, {OTHER: b"\x01\x02"}.get, out)
    except Malformed as why:
        assert why.args[0] in ("short", "tag", "length", "long")
    else:
        assert end == sum(size for _, size in entries) <= 252
        assert not any(out[end:])


@given(st.lists(st.tuples(st.sampled_from((0x95, 0x9A, 0x5F2A, 0x9F02, 0x9F37, 0xDF8101)), st.integers(0, 30)), max_size=8), st.data())
def test_every_entry_lies_where_the_sizes_say(entries, draw):
    data = b"".join(tag.to_bytes((tag.bit_length() + 7) // 8, "big") + bytes((size,)) for tag, size in entries)
    values = {tag: draw.draw(st.binary(min_size=size, max_size=size)) for tag, size in dict(entries).items()}
    answer, at = built(data, values), 0
    for tag, size in dol.each(data):
        if len(values[tag]) == size:
            assert answer[at:at + size] == values[tag]
        at += size
    assert at == len(answer) and list(dol.each(data)) == entries


def test_a_list_that_asks_for_too_much():
    with pytest.raises(Malformed, match="long"):
        built(bytes.fromhex("9F377F9F377F"), {})
    with pytest.raises(Malformed, match="full"):
        dol.build(bytes.fromhex("9F3704"), {}.get, bytearray(3))
