# test_iso8583.py: host messages in three codings, against pyiso8583 and against themselves; strict in both directions.
import copy

import iso8583 as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iso8583.specs import default_ascii

from till.acquirer import iso8583
from till.core.errors import Malformed

STYLES = (iso8583.A, iso8583.AB, iso8583.B)
TEXT = "".join(map(chr, range(0x20, 0x7F)))
WORDS = {"short", "long", "digits", "text", "mti", "bitmap", "field", "size"}
SALE = {2: b"476173******0119", 3: b"000000", 4: b"000000001250", 7: b"1124191601", 11: b"000003", 12: b"191601", 13: b"1124", 22: b"071",
        23: b"001", 25: b"00", 41: b"TILL0001", 42: b"MERCHANT0000001", 49: b"978", 55: bytes.fromhex("9F2701809F3602003595050000008000"),
        90: b"0" * 42, 126: bytes.fromhex("DF010C123456789012345600000001"), 128: bytes(8)}


def value_of(kind, prefix, size):
    """Values of one row of the table, as pack takes them."""
    sizes = {"min_size": 0 if prefix else size, "max_size": min(size, 40) if prefix else size}
    if kind == "b":
        return st.binary(**sizes)
    if kind == "x":
        return st.tuples(st.sampled_from("CD0"), st.text("0123456789", min_size=size - 1, max_size=size - 1)).map("".join).map(str.encode)
    if kind == "z":
        return st.tuples(st.integers(1, 19), st.integers(0, 17)).map(lambda n: b"4" * n[0] + b"=" + b"1" * n[1])
    return st.text(TEXT if kind == "t" else "0123456789", **sizes).map(str.encode)


ROWS = {field: row[2:] for row in iso8583.TABLE for field in range(row[0], row[1] + 1) if field != 65}
FIELDS = st.sets(st.sampled_from(sorted(ROWS)), max_size=20).flatmap(
    lambda chosen: st.fixed_dictionaries({field: value_of(*ROWS[field]) for field in chosen}))
MTIS = st.text("0123456789", min_size=3, max_size=3).map(lambda rest: "0" + rest)


def packed(mti, fields, style):
    out = bytearray(6000)
    return bytes(out[:iso8583.pack(mti, fields, out, style)])


@settings(max_examples=150)
@given(MTIS, FIELDS, st.sampled_from(STYLES))
def test_what_is_packed_is_parsed(mti, fields, style):
    data = packed(mti, fields, style)
    message = iso8583.parse(data, style)
    assert message.mti == mti.encode() and message.fields() == sorted(fields)
    assert {field: bytes(message.get(field)) for field in message.fields()} == fields
    assert all(message.get(field) is None for field in range(2, 129) if field not in fields)


@settings(max_examples=150)
@given(MTIS, FIELDS, st.sampled_from(STYLES), st.data())
def test_a_cut_or_longer_message_is_refused(mti, fields, style, data):
    whole = packed(mti, fields, style)
    cut = data.draw(st.integers(0, len(whole) - 1))
    for wrong in (whole[:cut], whole + data.draw(st.binary(min_size=1, max_size=9))):
        with pytest.raises(Malformed) as why:
            iso8583.parse(wrong, style)
        assert why.value.args[0] in WORDS


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=200), st.tuples(st.just(b"0200"), st.binary(max_size=100)).map(b"".join)), st.sampled_from(STYLES))
def test_any_bytes_raise_only_malformed(data, style):
    try:
        message = iso8583.parse(data, style)
    except Malformed as why:
        assert why.args[0] in WORDS
        return
    again = packed(message.mti, {field: message.get(field) for field in message.fields()}, style)
    assert again.upper() == data.upper() if style == iso8583.A else again == data


@settings(max_examples=300)
@given(st.data(), st.sampled_from(STYLES))
def test_any_turned_bytes_raise_only_malformed(data, style):
    fields = {**SALE, 2: b"4761739001010119"} if style == iso8583.B else SALE
    message = bytearray(packed("0200", fields, style))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = iso8583.parse(bytes(message), style)
    except Malformed as why:
        assert why.args[0] in WORDS
        return
    again = packed(read.mti, {field: read.get(field) for field in read.fields()}, style)
    assert again.upper() == bytes(message).upper() if style == iso8583.A else again == message


def spec():
    """pyiso8583's own text table, with our binary fields told to it."""
    rows = copy.deepcopy(default_ascii)
    rows["h"]["max_len"] = 0
    rows["p"]["data_enc"] = "b"
    rows["1"]["data_enc"] = "b"
    for field in ("52", "55", "64", "96", "126", "128"):
        rows[field]["data_enc"] = "b"
    for field in ("64", "128"):
        rows[field]["max_len"] = 8
    return rows


def test_pyiso8583_reads_ours_and_writes_the_same():
    raw = packed("0200", SALE, iso8583.AB)
    decoded, _ = oracle.decode(raw, spec())
    for field, value in SALE.items():
        kind = ROWS[field][0]
        assert decoded[str(field)] == (value.hex().upper() if kind == "b" else value.decode())
    assert bytes(oracle.encode(decoded, spec())[0]) == raw


def test_where_the_mac_starts():
    raw = packed("0200", SALE, iso8583.AB)
    assert iso8583.parse(raw).mac_end == len(raw) - 8
    assert iso8583.parse(packed("0200", SALE, iso8583.A), iso8583.A).mac_end == len(packed("0200", SALE, iso8583.A)) - 16
    assert iso8583.parse(packed("0210", {39: b"00", 64: bytes(8)}, iso8583.AB)).mac_end == 4 + 8 + 2
    assert iso8583.parse(packed("0210", {39: b"00"}, iso8583.AB)).mac_end is None


def test_a_masked_number_has_no_packed_form():
    assert bytes(iso8583.parse(packed("0200", SALE, iso8583.AB)).get(2)) == b"476173******0119"
    with pytest.raises(Malformed, match="digits"):
        packed("0200", SALE, iso8583.B)


def test_windows_are_on_the_message():
    raw = bytearray(packed("0200", SALE, iso8583.AB))
    window = iso8583.parse(raw).get(4)
    assert isinstance(window, memoryview)
    raw[raw.index(b"000000001250")] = 0x39
    assert window[0] == 0x39


@pytest.mark.parametrize("mti, fields, word", [
    ("020", {}, "mti"), ("02OO", {}, "mti"), ("1200", {}, "mti"), ("0200", {1: b""}, "field"), ("0200", {65: bytes(8)}, "field"),
    ("0200", {129: b""}, "field"), ("0200", {3: b"00000"}, "size"), ("0200", {3: b"00000x"}, "digits"),
    ("0200", {41: b"TILL\x00001"}, "text"),
    ("0200", {2: b"4" * 20}, "size"), ("0200", {2: b"47 61"}, "digits"), ("0200", {28: b"E00000000"}, "digits"),
    ("0200", {35: b"4=1=2"}, "digits"), ("0200", {128: bytes(7)}, "size"),
])
def test_what_cannot_be_said_is_refused(mti, fields, word):
    with pytest.raises(Malformed) as why:
        packed(mti, fields, iso8583.AB)
    assert why.value.args == (word,)


@given(st.integers(0, 260), st.sampled_from(STYLES))
def test_packing_never_writes_past_its_buffer(room, style):
    fields = {**SALE, 2: b"4761739001010119"} if style == iso8583.B else SALE
    out, whole = bytearray(room), packed("0200", fields, style)
    try:
        size = iso8583.pack("0200", fields, out, style)
    except Malformed as why:
        assert why.args == ("full",) and room < len(whole)
    else:
        assert bytes(out[:size]) == whole and len(out) == room


TWINS = """
from array import array
from till.acquirer import iso8583, iso8583_fast
from till.acquirer.iso8583_table import KIND, SIZE
assert iso8583.lay is iso8583_fast.lay
state = 1
def number(below):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 12) % below
words = {}
fields = {2: b"476173******0119", 3: b"000000", 4: b"000000001250", 28: b"C00000001", 35: b"4761739001010119=2712", 41: b"TILL0001",
          55: b"abc", 90: b"0" * 42, 126: bytes(14), 128: bytes(8)}
for turn in range(4000):
    some = {field: fields[field] for field in fields if number(4) and (turn or field < 65)}
    data = bytearray(256)
    size = iso8583.pack("0200", some, data)
    for _ in range(number(3) if turn else 0):
        data[number(size if turn & 1 else 20)] = number(256) if turn & 2 else b"0*=DC9 ~"[number(8)]
    if turn == 0:
        data[4] |= 0x80
        data[12:size + 8], size = bytes(8) + data[12:size], size + 8
    end = size if turn == 0 or number(4) else number(size + 3)
    one, two = array("H", bytes(800)), array("H", bytes(800))
    laid = iso8583._lay(data, end, KIND, SIZE, one)
    assert laid == iso8583_fast.lay(data, end, KIND, SIZE, two) and one == two, (laid, bytes(data[:end]))
    words[min(laid, 0)] = words.get(min(laid, 0), 0) + 1
print(sorted(words))
"""


def test_viper_and_bytecode_say_the_same(micropython):
    assert micropython(TWINS).strip() == "[-8, -7, -6, -5, -4, -3, -2, -1, 0]"


def test_an_unknown_style():
    with pytest.raises(ValueError):
        iso8583.parse(b"", "C")
