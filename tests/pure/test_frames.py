# test_frames.py: frames of the PN532 written and found, the viper twins of frame and TLV index beside their bytecode.
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pn532 import frame

BODIES = st.binary(min_size=1, max_size=frame.MOST).filter(lambda body: body != b"\x7f")


def encoded(body):
    out = bytearray(frame.ROOM)
    return bytes(out[:frame.encode(out, body)])


def decoded(data, start=0, end=None):
    found = frame.Found()
    frame.decode(data, start, len(data) if end is None else end, found)
    return found


def by_the_manual(body):
    """UM0701-02 6.2.1.1 and 6.2.1.2, field by field."""
    size = len(body)
    if size < 256:
        head = bytes((size, -size % 256))
    else:
        head = b"\xff\xff" + size.to_bytes(2, "big") + bytes((-sum(size.to_bytes(2, "big")) % 256,))
    return b"\x00\x00\xff" + head + body + bytes((-sum(body) % 256, 0))


@given(BODIES)
def test_a_frame_is_as_the_manual_has_it(body):
    assert encoded(body) == by_the_manual(body)
    assert bytes(frame.body(encoded(body))) == body


@given(st.lists(st.one_of(BODIES, st.sampled_from((frame.ACK, frame.NACK))), max_size=4), st.binary(max_size=6))
def test_frames_in_a_row_are_found_in_order(parts, noise):
    noise = noise.replace(b"\x00", b"\x01")
    stream = noise + b"".join(part if part in (frame.ACK, frame.NACK) else encoded(part) for part in parts)
    at = 0
    for part in parts:
        found = decoded(stream, at)
        if part in (frame.ACK, frame.NACK):
            assert found.kind == (frame.IS_ACK if part == frame.ACK else frame.IS_NACK)
        else:
            assert found.kind == frame.IS_DATA and stream[found.start:found.end] == part
        at = found.next
    assert decoded(stream, at).kind == frame.MORE


@settings(max_examples=60)
@given(BODIES, st.data())
def test_a_frame_cut_anywhere_waits_for_more(body, data):
    whole = encoded(body)
    cut = data.draw(st.integers(0, len(whole) - 2))      # its postamble may be left out (6.2.1.1)
    assert decoded(whole[:cut]).kind == frame.MORE
    assert decoded(whole, 0, cut).kind == frame.MORE


@given(BODIES, st.data())
def test_one_turned_byte_is_never_taken_for_the_same_body(body, data):
    whole = bytearray(encoded(body))
    place = data.draw(st.integers(1, len(whole) - 2))
    whole[place] ^= data.draw(st.integers(1, 255))
    try:
        found = decoded(bytes(whole))
    except frame.BadFrame as why:
        assert why.args[0] in ("LCS", "DCS", "size")
        return
    assert found.kind != frame.IS_DATA or bytes(whole[found.start:found.end]) != body


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=80), st.binary(max_size=40).map(lambda tail: b"\x00\x00\xff" + tail)))
def test_any_bytes_raise_only_bad_frame(data):
    try:
        found = decoded(data)
    except frame.BadFrame as why:
        assert why.args[0] in ("LCS", "DCS", "size")
        return
    assert 0 <= found.start <= found.end <= found.next <= len(data)


def test_what_the_chip_could_not_read():
    assert decoded(frame.ERROR).kind == frame.IS_ERROR


@pytest.mark.parametrize("size", [0, 266])
def test_no_frame_has_that_size(size):
    with pytest.raises(frame.BadFrame, match="size"):
        encoded(bytes(size))


@given(st.integers(0, 276), st.integers(1, 265))
def test_encode_never_writes_past_its_buffer(room, size):
    out, whole = bytearray(room), by_the_manual((bytes(range(256)) * 2)[:size])
    try:
        written = frame.encode(out, (bytes(range(256)) * 2)[:size])
    except frame.BadFrame:
        assert room < len(whole)
    else:
        assert bytes(out[:written]) == whole and len(out) == room


def test_nothing_is_read_past_the_buffer():
    with pytest.raises(frame.BadFrame, match="size"):
        decoded(bytes(4), 0, 5)


@pytest.mark.parametrize("data, word", [(b"\x00\x00\xfe\x02", "start"), (frame.ACK, "ack"), (encoded(b"\xd4\x02")[:-3], "start")])
def test_a_body_is_that_of_one_whole_frame(data, word):
    with pytest.raises(frame.BadFrame, match=word):
        frame.body(data)


TWINS = """
import json, sys
from array import array
from pn532 import frame, frame_fast
from till.cards import tlv, tlv_fast
assert frame.scan is frame_fast.scan and frame.fill is frame_fast.fill and tlv.scan is tlv_fast.scan
state = 1
def number(below):
    global state
    state = (state * 1103515245 + 12345) & 0x7FFFFFFF
    return (state >> 12) % below
def both(plain, fast, data, *rest):
    assert plain(data, *rest) == fast(data, *rest), (bytes(data), rest)
frames = tags = 0
for turn in range(3000):
    size = number(30)
    body = bytes(number(256) for _ in range(size + 1)) if turn % 50 else bytes(number(256) for _ in range(250 + number(16)))
    one, two = bytearray(300), bytearray(300)
    length = frame._fill(one, body, len(body))
    assert length == frame_fast.fill(two, body, len(body)) and one == two
    if turn % 3:
        one[number(length)] = number(256)
    start, end = number(3), number(length + 3)
    both(frame._scan, frame_fast.scan, one, start, end)
    both(frame._scan, frame_fast.scan, one, 0, length)
    frames += frame._scan(one, 0, length) > 0
    pool = (0, 0x70, 0x6F, 0x9F, 0x1A, 0x5A, 0x81, 0x82, 1, 2, 3, 4, 9, 0x7F, 0xFF, 0x80)
    data = bytes(pool[number(16)] for _ in range(number(24)))
    mine, theirs = array("I", bytes(4 * 4 * 6)), array("I", bytes(4 * 4 * 6))
    count = tlv._scan(data, 0, len(data), mine)
    assert count == tlv_fast.scan(data, 0, len(data), theirs), data
    if count > 0:
        assert mine[:4 * count] == theirs[:4 * count], data
        tags += 1
print(json.dumps([frames, tags]))
"""


def test_viper_and_bytecode_say_the_same(micropython):
    frames, tags = json.loads(micropython(TWINS))
    assert frames > 1000 and tags > 50
