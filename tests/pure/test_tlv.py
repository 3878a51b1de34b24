# test_tlv.py: BER-TLV objects read and written by till.cards.tlv, against pyemv and against themselves.
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyemv import tlv as oracle
from till.cards import tlv
from till.core.errors import Malformed

PRIMITIVE = st.sampled_from((0x57, 0x5A, 0x82, 0x95, 0x9A, 0x5F2A, 0x5F34, 0x9F02, 0x9F1A, 0x9F26, 0x9F36, 0xDF01, 0xDF8101))
VALUES = st.binary(max_size=300)
TREES = st.recursive(
    st.lists(st.tuples(PRIMITIVE, VALUES), max_size=4),
    lambda inner: st.lists(st.one_of(st.tuples(PRIMITIVE, VALUES), st.tuples(st.sampled_from((0x6F, 0x70, 0x77, 0xA5, 0xBF0C)), inner)),
                           max_size=4),
    max_leaves=12)


def written(tree):
    out = bytearray(16_384)
    return bytes(out[:write(out, 0, tree)])


def write(out, at, tree):
    for tag, value in tree:
        if isinstance(value, bytes):
            at = tlv.put(out, at, tag, value)
        else:
            at = tlv.nest(out, at, write(out, at, value), tag)
    return at


def lists(tree):
    return [[tag, value if isinstance(value, bytes) else lists(value)] for tag, value in tree]


def flat(tree, parent=-1):
    """(tag, parent's slot) in the order of an Index."""
    rows = []
    for tag, value in tree:
        rows.append((tag, parent))
        if not isinstance(value, bytes):
            base = len(rows)
            rows += [(t, base - 1 if p == -1 else p + base) for t, p in flat(value)]
    return [(tag, parent if p == -1 else p) for tag, p in rows]


@given(TREES)
def test_what_is_written_reads_back(tree):
    assert tlv.tree(written(tree)) == lists(tree)


@given(TREES)
def test_the_index_lays_out_the_same_objects(tree):
    data = written(tree)
    index = tlv.Index(128)
    count = index.read(data)
    assert [(index.tag(slot), index.parent(slot)) for slot in range(count)] == flat(tree)
    for slot in range(count):
        assert bytes(index.window(slot)) == data[index.start(slot):index.end(slot)]


@given(st.dictionaries(PRIMITIVE, st.binary(min_size=1, max_size=300), max_size=6))
def test_pyemv_reads_what_is_written(values):
    data = written(list(values.items()))
    assert {int(tag, 16): bytes(value) for tag, value in oracle.decode(data).items()} == values


@given(st.dictionaries(PRIMITIVE, VALUES, min_size=1, max_size=6))
def test_what_pyemv_writes_is_read(values):
    data = oracle.encode({f"{tag:X}": value for tag, value in values.items()})
    for tag, value in values.items():
        start, end = tlv.find(data, tag)
        assert data[start:end] == value


@given(st.binary(max_size=64))
def test_any_bytes_raise_only_malformed(data):
    index = tlv.Index(64)
    try:
        listed = tlv.tree(data)
    except Malformed as why:
        assert why.args[0] in tlv.WORDS
        with pytest.raises(Malformed):
            index.read(data)
        return
    index.read(data)
    assert len([1 for slot in range(index.count) if index.parent(slot) == -1]) == len(listed)
    for tag, start, end in tlv.each(data):
        assert 0 <= start <= end <= len(data) and tag


@given(st.binary(max_size=40), st.integers(0, 0xFFFF))
def test_both_finders_agree_at_the_top(data, tag):
    try:
        found = tlv.find(data, tag)
        deep = tlv.find_deep(data, tag)
    except Malformed:
        return
    assert found is None or deep is not None


def test_find_stays_at_its_depth_and_in_its_window():
    data = bytes.fromhex("6F0A8402A0005004414243449A01059C0100")
    assert tlv.find(data, 0x84) is None
    assert tlv.find_deep(data, 0x84) == (4, 6)
    start, end = tlv.find(data, 0x6F)
    assert tlv.find(data, 0x50, start, end) == (8, 12)
    assert tlv.find(data, 0x9C, end) == (17, 18)


@pytest.mark.parametrize("text, word", [
    ("9F", "tag"), ("9F8181811F0100", "tag"), ("9F1A", "length"), ("9F1A82", "length"), ("9F1A84FFFFFFFF00", "length"),
    ("9F1A80", "length"), ("5A02FF", "short"), ("5A8103FFFF", "short"),
])
def test_lies_are_named(text, word):
    for read in (tlv.tree, tlv.Index().read):
        with pytest.raises(Malformed) as why:
            read(bytes.fromhex(text))
        assert why.value.args == (word,)


def test_an_inner_value_never_runs_past_its_parent():
    with pytest.raises(Malformed, match="short"):
        tlv.find_deep(bytes.fromhex("70039A0201FF"), 0x9A)


def test_more_objects_than_slots():
    with pytest.raises(Malformed, match="many"):
        tlv.Index(2).read(bytes.fromhex("9A00") * 3)


@given(st.integers(0, 40), st.binary(max_size=30))
def test_put_never_writes_past_its_buffer(room, value):
    out = bytearray(room)
    try:
        end = tlv.put(out, 0, 0x9F10, value)
    except Malformed as why:
        assert why.args == ("full",) and out == bytes(room) and room < len(value) + 3
    else:
        assert end == len(value) + 3 and out[3:end] == value
