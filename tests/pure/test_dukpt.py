# test_dukpt.py: keys of one transaction each (X9.24-3): counters, the kept key, and what a key costs.
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from till.core.errors import Malformed, WornOut
from till.crypto import dukpt

IKID = bytes.fromhex("1234567890123456")
INITIAL = bytearray.fromhex("1273671EA26AC29AFA4D1084127652A1")
COUNTERS = st.sets(st.integers(0, 31), min_size=1, max_size=16).map(lambda places: sum(1 << place for place in places))


def keys():
    return dukpt.under(bytearray(INITIAL), IKID)


def test_published_keys_of_the_first_counter():
    first = keys()
    assert first.key(1, dukpt.PIN).hex().upper() == "AF8CB133A78F8DC2D1359F18527593FB"
    assert first.key(1, dukpt.MAC_REQUEST).hex().upper() == "A2DC23DE6FDE0824A2BC321E08E4B8B7"
    assert first.key(1, dukpt.DATA_REQUEST).hex().upper() == "A35C412EFD41FDB98B69797C02DCD08F"
    assert first.ksn(1).hex() == "123456789012345600000001"


def test_initial_key_of_a_base_key():
    assert dukpt.initial_key(bytes.fromhex("FEDCBA9876543210F1F1F1F1F1F1F1F1"), IKID) == INITIAL


@settings(max_examples=60)
@given(st.lists(COUNTERS, min_size=1, max_size=5), st.sampled_from((dukpt.PIN, dukpt.MAC_RESPONSE, dukpt.DATA_RESPONSE)))
def test_the_kept_key_gives_the_same_keys_in_any_order(counters, usage):
    kept = keys()
    for counter in counters:
        assert kept.key(counter, usage) == keys().key(counter, usage)


def test_a_block_for_each_one_bit_and_one_for_the_use():
    fresh = keys()
    fresh.key(0xFFFF0000, dukpt.PIN)
    assert fresh.blocks == 17
    fresh.key(0xFFFF0000, dukpt.MAC_REQUEST)            # its derivation key is at hand
    assert fresh.blocks == 18


@given(st.integers(0, 0xFFFF0000))
def test_the_next_counter_is_the_next_valid_one(counter):
    if counter == 0xFFFF0000:
        return
    following = dukpt.next_counter(counter)
    assert following > counter and dukpt.valid(following) and following.bit_count() <= 16
    probe = counter + 1
    while probe.bit_count() > 16 and probe < counter + 4096:
        probe += 1
    assert following == probe or probe == counter + 4096


@given(st.integers(-1, 0x1_0000_0000))
def test_valid_is_sixteen_bits_at_most(counter):
    assert dukpt.valid(counter) is (0 < counter <= 0xFFFFFFFF and counter.bit_count() <= 16)


def test_the_last_counter_wears_out():
    assert dukpt.next_counter(0xFFFEFFFF) == 0xFFFF0000
    with pytest.raises(WornOut) as why:
        dukpt.next_counter(0xFFFF0000)
    assert why.value.code == "S05"


@pytest.mark.parametrize("counter", [0, 0x0001FFFF, 0xFFFF0001, 0xFFFFFFFF, -1])
def test_a_counter_that_may_key_nothing(counter):
    with pytest.raises(Malformed, match="counter"):
        keys().key(counter, dukpt.PIN)


@pytest.mark.parametrize("initial, ikid", [(bytearray(15), IKID), (bytearray(16), bytes(7))])
def test_bad_sizes(initial, ikid):
    with pytest.raises(ValueError):
        dukpt.under(initial, ikid)


def test_usages_and_requests_never_share_a_key():
    one = keys()
    usages = (dukpt.PIN, dukpt.MAC_REQUEST, dukpt.MAC_RESPONSE, dukpt.DATA_REQUEST, dukpt.DATA_RESPONSE)
    seen = {bytes(one.key(counter, usage)) for counter in range(1, 60) for usage in usages}
    assert len(seen) == 59 * len(usages)


def test_wipe_forgets_every_key():
    one = keys()
    one.key(0xFFFF0000, dukpt.PIN)
    one.wipe()
    assert not any(one._here) and not any(one._there)
    assert one.key(7, dukpt.PIN) == keys().key(7, dukpt.PIN)
