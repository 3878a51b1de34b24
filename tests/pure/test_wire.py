# test_wire.py: our own formats on both ends: whatever the line brings, a whole frame is found, a torn one is dropped, nothing raises.
import pytest
from hypothesis import given
from hypothesis.strategies import binary, booleans, dictionaries, integers, just, lists, sampled_from, text, tuples

from till.core.errors import Malformed
from till.wire import frame, records


def taken(data):
    """Every frame of a stream, as a reader with a buffer takes them."""
    buf, found = bytearray(data), []
    while True:
        kind, start, end, used = frame.take(buf, len(buf))
        if kind is None:
            return found, len(buf) - used
        found.append((kind, bytes(buf[start:end])))
        del buf[:used]


@given(frames=lists(tuples(integers(0, 255), binary(max_size=300)), max_size=6))
def test_frames_come_back_as_they_were_sent(frames):
    assert taken(b"".join(frame.encode(kind, payload) for kind, payload in frames)) == (frames, 0)


@given(noise=binary(max_size=400))
def test_noise_never_raises_and_at_most_a_frame_of_it_is_kept(noise):
    found, kept = taken(noise)
    assert kept <= len(noise)


@given(before=binary(max_size=60).filter(lambda data: frame.START not in data), payload=binary(max_size=100))
def test_a_frame_behind_garbage_is_found(before, payload):
    assert taken(before + frame.encode(1, payload))[0] == [(1, payload)]


@given(payload=binary(min_size=1, max_size=80), at=integers(0, 10_000), bit=integers(0, 7))
def test_a_turned_bit_drops_the_frame_and_nothing_else(payload, at, bit):
    data = bytearray(frame.encode(1, payload))
    data[at % len(data)] ^= 1 << bit
    good = frame.encode(2, b"after")
    found = taken(bytes(data) + good + bytes(frame.MOST_BYTES + 8))[0]
    assert (1, payload) not in found
    assert (2, b"after") in found or data[2] | data[3] << 8 != len(payload)      # a wrong length may swallow what follows


_WORDS = text(max_size=30)


def values_of(kind):
    form, numbers, texts = records.SHAPES[kind]
    most = {"I": 2**32 - 1, "H": 65535, "B": 255}
    shape = dictionaries(just("never"), booleans(), max_size=0)
    pairs = [(name, integers(0, most[letter])) for name, letter in zip(numbers, form[1:], strict=True)] + [
        (name, integers(0, 10**9) if name.endswith("_minor") else _WORDS) for name in texts]
    return tuples(shape, *[strategy for _, strategy in pairs]).map(lambda drawn: dict(zip([name for name, _ in pairs], drawn[1:], strict=True)))


@pytest.mark.parametrize("kind", sorted(records.SHAPES))
def test_a_record_comes_back_as_it_was_written(kind):
    @given(values=values_of(kind))
    def holds(values):
        assert records.decode(kind, records.encode(kind, values)) == values
    holds()


@given(kind=sampled_from([*sorted(records.SHAPES), 0, 200]), payload=binary(max_size=200))
def test_what_is_no_record_is_malformed(kind, payload):
    try:
        values = records.decode(kind, payload)
    except Malformed:
        return
    assert records.encode(kind, values) == payload


def test_what_an_earlier_firmware_wrote_is_still_read():
    """A start without the settings' mark, and a payment without a tip."""
    start = {"boot": 3, "unix": 1_767_600_000, "cause": "cold", "settings": ""}
    assert records.decode(records.STARTED, records.encode(records.STARTED, start)[:-1]) == start
    payment = {"stan": 7, "amount_minor": 1250, "trigger": "3.4", "tip_minor": 0}
    old = records.decode(records.PAYMENT, records.encode(records.PAYMENT, payment)[:-1])
    assert {name: old[name] for name in payment} == payment
    with pytest.raises(Malformed):
        records.decode(records.PAYMENT, records.encode(records.PAYMENT, payment)[:-2])
