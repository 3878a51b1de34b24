# test_frames.py: frames of the PN532 on its serial wire: written, read back, refused where a sum is wrong; in viper as in bytecode.
from check import Numbers, raises

from pn532 import frame


def test_a_frame_is_read_back_as_it_was_written():
    numbers, out, found = Numbers(19), bytearray(frame.ROOM), frame.Found()
    for size in (1, 5, 100, 254, 255, 256, 264):
        data = b"\xd5" + numbers.bytes(size - 1)
        end = frame.encode(out, data)
        frame.decode(out, 0, end, found)
        assert bytes(out[found.start:found.end]) == data


def test_a_frame_with_a_wrong_sum_is_refused():
    out, found = bytearray(frame.ROOM), frame.Found()
    end = frame.encode(out, b"\xd5\x03\x32\x01\x06\x07")
    out[7] ^= 1
    assert raises(frame.BadFrame, frame.decode, out, 0, end, found).args[0] == "DCS"


def test_half_a_frame_waits_for_its_other_half():
    out, found = bytearray(frame.ROOM), frame.Found()
    end = frame.encode(out, b"\xd5\x03\x32\x01\x06\x07")
    for size in range(end - 1):
        frame.decode(out, 0, size, found)
        assert found.kind == frame.MORE, size


def test_scanning_in_viper_says_what_its_bytecode_twin_says():
    numbers, out = Numbers(23), bytearray(frame.ROOM)
    for _ in range(60):
        end = frame.encode(out, b"\xd5" + numbers.bytes(numbers.below(20)))
        for _ in range(numbers.below(3)):
            out[numbers.below(end)] ^= 1 << numbers.below(8)
        assert frame.scan(out, 0, end) == frame._scan(out, 0, end)
