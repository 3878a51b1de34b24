# test_messages.py: what goes to the bank and to the admin line: ISO 8583 packed and read back, frames found amid noise, spoilt ones dropped.
from array import array

from check import Numbers, raises

from till.acquirer import iso8583
from till.acquirer.iso8583_table import KIND, SIZE
from till.core.errors import Malformed
from till.wire import frame, records

SALE = {2: b"476173******0119", 3: b"000000", 4: b"000000001250", 7: b"1124191601", 11: b"000003", 41: b"TILL0001", 42: b"MERCHANT0000001",
        49: b"978", 55: b"\x9f\x27\x01\x80\x9f\x36\x02\x00\x35", 128: bytes(8)}


def packed(fields, style=iso8583.AB):
    out = bytearray(400)
    return out[:iso8583.pack("0200", fields, out, style)]


def test_a_sale_is_read_back_as_it_was_packed():
    for style in (iso8583.AB, iso8583.A, iso8583.B):
        fields = {field: value for field, value in SALE.items() if field != 2 or style != iso8583.B}      # packed digits have no star
        message = iso8583.parse(packed(fields, style), style)
        assert message.fields() == sorted(fields)
        assert bytes(message.mti) == b"0200"
        for field, value in fields.items():
            assert bytes(message.get(field)) == value


def test_the_mac_covers_all_that_stands_before_it():
    data = packed(SALE)
    assert iso8583.parse(data).mac_end == len(data) - 8
    assert iso8583.parse(packed({3: b"000000"})).mac_end is None


def test_a_message_that_was_cut_is_refused_at_every_length():
    data = packed(SALE)
    for size in range(len(data)):
        raises(Malformed, iso8583.parse, data[:size])
    assert raises(Malformed, iso8583.parse, data + b"0").args[0] == "long"


def test_what_does_not_belong_into_a_field_is_not_sent():
    for field, value, word in ((4, b"12.50", "size"), (4, b"00000000125x", "digits"), (41, b"\x00" * 8, "text"), (1, b"", "field")):
        assert raises(Malformed, packed, {field: value}).args[0] == word


def test_packing_in_viper_says_what_its_bytecode_twin_says():
    numbers = Numbers(13)
    ours, fast = bytearray(600), bytearray(600)
    rows, same = array("H", bytes(6 * 129)), array("H", bytes(6 * 129))
    for _ in range(60):
        fields = {}
        for _ in range(numbers.below(8)):
            field = 2 + numbers.below(127)
            size = SIZE[field] if not KIND[field] & 3 else numbers.below(min(SIZE[field], 30) + 1)
            fields[field] = bytes(48 + numbers.below(10) for _ in range(size))
        end = iso8583._put(ours, fields, KIND, SIZE)
        assert iso8583.put(fast, fields, KIND, SIZE) == end
        ours[:4] = fast[:4] = b"0200"
        if end > 0:
            assert ours[:end] == fast[:end]
            assert iso8583._lay(ours, end, KIND, SIZE, rows) == iso8583.lay(fast, end, KIND, SIZE, same)
            assert rows == same


def test_a_frame_is_found_amid_noise():
    data = bytearray(b"boot\xa5\xff\xff" + frame.encode(frame.REQUEST, b"journal") + b"tail")
    kind, start, end, used = frame.take(data, len(data))
    assert (kind, bytes(data[start:end])) == (frame.REQUEST, b"journal")
    assert bytes(data[used:]) == b"tail"


def test_a_frame_with_a_spoilt_bit_is_dropped_and_the_next_one_heard():
    spoilt = bytearray(frame.encode(frame.EVENT, b"one"))
    spoilt[5] ^= 1
    data = spoilt + frame.encode(frame.EVENT, b"two")
    kind, start, end, _used = frame.take(data, len(data))
    assert (kind, bytes(data[start:end])) == (frame.EVENT, b"two")


def test_half_a_frame_waits_for_its_other_half():
    data = frame.encode(frame.ANSWER, b"x" * 20)
    for size in range(len(data)):
        assert frame.take(data[:size], size)[0] is None
    assert frame.whole(data, 4) == len(data)


def test_a_record_is_read_back_as_it_was_written():
    values = {"stan": 7, "kind": 1, "amount_minor": 1250, "currency": 978, "unix": 1_767_600_000, "trigger": "3.17", "pan": "476173******0119"}
    found = records.decode(records.PAYMENT, records.encode(records.PAYMENT, values))
    assert all(found[name] == value for name, value in values.items())
    assert found["tip_minor"] == 0 and found["label"] == ""


def test_a_record_that_was_cut_or_has_something_left_is_refused():
    payload = records.encode(records.ALARM, {"unix": 1, "source": "lid", "code": "S02", "trigger": "1.1"})
    for size in range(len(payload)):
        raises(Malformed, records.decode, records.ALARM, payload[:size])
    assert raises(Malformed, records.decode, records.ALARM, payload + b"\x00").args[0] == "left"
    assert raises(Malformed, records.decode, 99, payload).args[0] == "kind"
