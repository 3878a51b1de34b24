# test_cards.py: what cards say: TLV in viper as in bytecode, data object lists, verification methods, numbers that are never shown whole.
from array import array
from binascii import hexlify, unhexlify

from check import Numbers, measure, raises

from till.cards import crc14443, cvm, dol, pan, tlv
from till.core.errors import Malformed

FCI = unhexlify("6F188407A0000000031010A50D500B56495341204352454449549000")


def some_tlv(numbers, depth=2):
    """Objects by chance, some of them broken."""
    out = b""
    for _ in range(1 + numbers.below(4)):
        tag = (b"\x9f\x26", b"\x5a", b"\x82", b"\xdf\x81\x01", b"\x00")[numbers.below(5)]
        value = numbers.bytes(numbers.below(9))
        if depth and numbers.below(3) == 0:
            tag, value = b"\x70", some_tlv(numbers, depth - 1)
        out += tag + bytes((len(value) + (numbers.below(24) == 0),)) + value
    return out


def test_the_objects_of_a_card_are_found_where_they_lie():
    index = tlv.Index()
    assert index.read(FCI[:-2]) == 4
    assert bytes(index.get(0x50)) == b"VISA CREDIT"
    assert bytes(index.get(0x84)) == unhexlify("A0000000031010")
    assert index.get(0x9F38) is None
    assert index.parent(index.slot(0x50)) == index.slot(0xA5)


def test_tlv_in_viper_says_what_its_bytecode_twin_says():
    numbers, broken = Numbers(11), 0
    ours, fast = array("I", bytes(4 * 4 * 24)), array("I", bytes(4 * 4 * 24))
    for _ in range(150):
        data = some_tlv(numbers)
        count = tlv._scan(data, 0, len(data), ours)
        assert tlv.scan(data, 0, len(data), fast) == count
        if count > 0:
            assert ours[:4 * count] == fast[:4 * count]
        broken += count < 0
    measure("inputs that were broken", broken, "", 5, 145)


def test_a_broken_object_is_named_and_nothing_past_it_is_read():
    index = tlv.Index(2)
    assert raises(Malformed, index.read, b"\x9f").args[0] == "tag"
    assert raises(Malformed, index.read, b"\x5a\x85").args[0] == "length"
    assert raises(Malformed, index.read, b"\x5a\x04\x01").args[0] == "short"
    assert raises(Malformed, index.read, b"\x5a\x00\x5a\x00\x5a\x00").args[0] == "many"
    assert index.count == 0


def test_an_index_is_read_into_again_without_memory():
    import gc
    index = tlv.Index(8)
    index.read(FCI[:-2])
    gc.collect()
    before = gc.mem_alloc()
    for _ in range(20):
        index.read(FCI, 0, len(FCI) - 2)
    measure("heap of twenty readings", gc.mem_alloc() - before, "bytes", 0, 64)


def test_a_card_gets_the_data_that_it_asks_for():
    values = {0x9F02: "000123456789", 0x9F03: "000987654321", 0x9F1A: "0528", 0x95: "1234554321", 0x5F2A: "0978", 0x9A: "240217", 0x9C: "09",
              0x9F37: "DEADBEEF"}
    out = bytearray(40)
    end = dol.build(unhexlify("9F02069F03069F1A0295055F2A029A039C019F3704"), lambda tag: unhexlify(values[tag]), out)
    assert hexlify(out[:end]) == b"00012345678900098765432105281234554321097824021709deadbeef"


def test_what_the_terminal_does_not_know_is_zeros_for_the_card():
    out = bytearray(b"\xff" * 8)
    assert dol.build(b"\x9f\x66\x04\x9f\x37\x04", lambda tag: b"\x36\x00\x40\x00" if tag == 0x9F66 else None, out) == 8
    assert out == b"\x36\x00\x40\x00\x00\x00\x00\x00"


def test_a_list_that_ends_amid_an_entry_is_refused():
    assert raises(Malformed, dol.build, b"\x9f\x66", lambda tag: None, bytearray(8)).args[0] == "short"
    assert raises(Malformed, dol.build, b"\x9f\x37\x04", lambda tag: None, bytearray(2)).args[0] == "full"


def test_a_pin_is_asked_for_above_the_amount_that_the_card_names():
    cvms = cvm.CvmList(unhexlify("0000138800000000" + "4207" + "1F06"))        # 50.00: online PIN above, none below
    method, go_on, condition, _ = cvms.rule(0)
    assert (method, go_on, cvms.amount_x) == (cvm.ONLINE_PIN, True, 5000)
    assert cvm.applies(condition, 5001, cvms, True, True) and not cvm.applies(condition, 5000, cvms, True, True)
    assert not cvm.applies(condition, 5001, cvms, False, True)


def test_a_number_is_shown_with_its_middle_starred():
    assert pan.mask(b"4761739001010119") == "476173******0119"
    assert pan.luhn_ok(b"4761739001010119") and not pan.luhn_ok(b"4761739001010118")
    digits = bytearray(b"4761739001010119")
    pan.wipe(digits)
    assert digits == bytes(16)


def test_the_checksums_of_the_air_are_those_of_the_standard():
    assert crc14443.crc_a(b"\x00\x00") == b"\xa0\x1e"           # ISO/IEC 14443-3 Annex B
    assert crc14443.crc_b(b"\x00\x00\x00") == b"\xcc\xc6"
