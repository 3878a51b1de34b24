# test_altered_blocks.py: key blocks and console frames, each byte changed to each other one, cut anywhere, two of them mixed: every one is refused.
import os
import random

import pytest
from psec import tr31 as others
from till.core.errors import Malformed, TillError, WrongMac
from till.crypto import tr31
from till.wire import frame

KBPK = bytes(range(0x30, 0x40))
_EVERY = int(os.environ.get("MICROTILL_FUZZ", "0")) or 3        # how many blocks of each kind are changed


def _block(number):
    header = others.Header("D", ("B1", "K1")[number % 2], "A", "XD"[number % 2], "00", "N")
    if number % 2 == 0:
        header.blocks["IK"] = "%016X" % (number * 0x0123456789ABCD & (1 << 64) - 1)
    header.blocks["LB"] = "MT-%04d" % number
    return others.wrap(KBPK, header, random.Random(number).randbytes(16))


BLOCKS = [_block(number) for number in range(_EVERY)]


def _codes(changed):
    """How many of these blocks were refused, by code; a block that was taken fails."""
    counts = {}
    for text in changed:
        try:
            tr31.unwrap(KBPK, text)
        except (Malformed, WrongMac) as refused:
            counts[refused.code] = counts.get(refused.code, 0) + 1
        else:
            pytest.fail("taken: " + text)
    return counts


def test_the_originals_are_taken():
    for number, block in enumerate(BLOCKS):
        header, key = tr31.unwrap(KBPK, block)
        assert bytes(key) == random.Random(number).randbytes(16) and header.part("LB") == "MT-%04d" % number


@pytest.mark.parametrize("block", BLOCKS, ids=str(range(len(BLOCKS))).split)
def test_every_changed_byte_of_a_key_block_is_refused(block):
    counts = _codes(block[:at] + chr(byte) + block[at + 1:] for at in range(len(block)) for byte in range(256) if chr(byte) != block[at])
    assert sum(counts.values()) == 255 * len(block) and set(counts) == {"P01", "S04"} and counts["S04"] > 10 * len(block)


def test_every_cut_and_every_mix_of_key_blocks_is_refused():
    for one, other in zip(BLOCKS, BLOCKS[2:], strict=False):
        assert sum(_codes(one[:size] for size in range(len(one))).values()) == len(one)
        assert len(one) == len(other)
        mixes = {one[:at] + other[at:] for at in range(1, len(one))} - {one, other}
        assert sum(_codes(mixes).values()) == len(mixes) > len(one) // 2


def test_another_protection_key_opens_nothing():
    for bit in range(128):
        wrong = (int.from_bytes(KBPK, "big") ^ 1 << bit).to_bytes(16, "big")
        with pytest.raises(WrongMac):
            tr31.unwrap(wrong, BLOCKS[0])
    for size in (0, 8, 15, 17, 31):
        with pytest.raises(TillError):
            tr31.unwrap(bytes(size), BLOCKS[0])


def _taken(data):
    """Payloads of the whole requests that a console would answer."""
    found, buf = [], bytearray(data)
    while True:
        kind, start, end, used = frame.take(buf, len(buf))
        if kind == frame.REQUEST:
            found.append(bytes(buf[start:end]))
        del buf[:used]
        if kind is None:
            return found


def test_every_changed_byte_of_a_console_frame_loses_it_and_the_next_one_is_heard():
    payload = b'{"op": "provision", "step": "prove", "mac": "00112233445566778899aabbccddeeff"}'
    whole, after = frame.encode(frame.REQUEST, payload), frame.encode(frame.REQUEST, b'{"op": "identity"}')
    assert _taken(whole + after) == [payload, b'{"op": "identity"}']
    lost = 0
    for at in range(len(whole)):
        filling = bytes(frame.MOST_BYTES if at in (2, 3) else 0)        # a length that grew is believed until that much has come
        for byte in range(256):
            if byte != whole[at]:
                taken = _taken(whole[:at] + bytes((byte,)) + whole[at + 1:] + after + filling)
                assert payload not in taken and set(taken) <= {b'{"op": "identity"}'}, (at, byte)
                lost += 1
    assert lost == 255 * len(whole)
