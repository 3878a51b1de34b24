# vectors_wire.py: checks of message, reader frame and printer vectors, each way round. Raises vectors.Differs.
from escpos_printer import commands
from pn532 import frame
from till.acquirer import iso8583 as codec
from till.admin.vectors import Differs, expect, only
from till.core.errors import Malformed

_BINARY = (52, 55, 64, 65, 96, 126, 128)


def _hex(text):
    return bytes.fromhex(text)


def iso8583(document, section, case):
    raw, style = _hex(case["hex"]), case["style"]
    if section == "reject":
        only(case, "style", "hex", "why")
        try:
            codec.parse(raw, style)
        except Malformed:
            return
        raise Differs("not refused")
    expect(section, "messages", "section")
    only(case, "style", "hex", "mti", "fields")
    message, wanted = codec.parse(raw, style), case["fields"]
    expect(bytes(message.mti), case["mti"].encode(), "mti")
    fields = {}
    for name in wanted:
        fields[int(name)] = _hex(wanted[name]) if int(name) in _BINARY else wanted[name].encode()
    expect(list(message.fields()), sorted(fields), "fields")
    for field in fields:
        expect(bytes(message.get(field)), fields[field], "field %d" % field)
    out = bytearray(len(raw))
    expect(codec.pack(case["mti"], fields, out, style), len(raw), "packed size")
    expect(bytes(out), raw, "packed")


def pn532(document, section, case):
    try:
        _frame(document, section, case)
    except frame.BadFrame as bad:
        raise Differs("frame: " + bad.args[0])


def _frame(document, section, case):
    expect(_hex(document["wake_up"]), frame.WAKE, "wake_up")
    raw, found = _hex(case["frame"]), frame.Found()
    if section == "odd":
        _odd(case, raw, found)
        return
    expect(section, "frames", "section")
    only(case, "frame", "data", "direction")
    kind = frame.decode(raw, 0, len(raw), found)
    if "data" not in case:
        expect(raw, {frame.IS_ACK: frame.ACK, frame.IS_NACK: frame.NACK}.get(kind), "frame")
        expect(kind, {"ACK": frame.IS_ACK, "NACK": frame.IS_NACK}.get(case["name"]), "kind")
        expect(case["direction"], "both", "direction")
        return
    data = _hex(case["data"])
    expect(kind, frame.IS_DATA, "kind")
    expect(raw[found.start:found.end], data, "data")
    expect(bytes(frame.body(raw)), data, "body")
    expect(data[0], {"to chip": frame.TO_CHIP, "from chip": frame.FROM_CHIP}.get(case["direction"]), "direction")
    out = bytearray(len(raw))
    expect(frame.encode(out, data), len(raw), "encoded size")
    expect(bytes(out), raw, "encoded")


_ODD = {"length check-sum": "LCS", "data check-sum": "DCS", "start code": "start", "extended length check-sum": "LCS"}


def _odd(case, raw, found):
    only(case, "frame", "why", "valid")
    if not case.get("valid"):
        try:
            frame.body(raw)
        except frame.BadFrame as bad:
            expect(bad.args[0], _ODD.get(case["why"]), "reason")
            return
        raise Differs("not refused")
    expect(frame.decode(raw, 0, len(raw), found), frame.IS_ACK, "ACK")
    rest = raw[found.next:]
    expect(rest[:3], b"\x00\x00\xff", "between the two")
    expect(raw[:found.next] + b"\x00", frame.ACK, "ACK")
    expect(frame.decode(rest, 0, len(rest), found), frame.IS_DATA, "answer")
    out = bytearray(len(rest))
    size = frame.encode(out, rest[found.start:found.end])
    expect(bytes(out[1:size]) if size > len(rest) else bytes(out[:size]), rest, "answer")


def _dots():
    """16 by 4 dots, four of them black: both ends of byte 0, the first of row 1's second byte, the last of row 3."""
    rows = bytearray(8)
    for x, y in ((0, 0), (7, 0), (8, 1), (15, 3)):
        rows[2 * y + (x >> 3)] |= 0x80 >> (x & 7)
    return bytes(rows)


def _crc16(data):
    """CRC-16/CCITT-FALSE, as EMVCo's merchant-presented code ends in (EMV QRCPS 4.7.3)."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _qr(raw):
    """The bytes for the EMVCo code inside `raw`, whose own check-sum must hold."""
    start = raw.find(b"\x31\x50\x30") + 3
    data = raw[start:raw.find(b"\x1d\x28\x6b\x03\x00\x31\x51")]
    expect(data[:6] + data[-8:-4], b"0002016304", "EMVCo code")
    expect(("%04X" % _crc16(data[:-4])).encode(), data[-4:], "check-sum of the code")
    return commands.qr(data)


_BUILT = {
    "initialise": lambda raw: commands.INITIALISE,
    "line feed twice": lambda raw: commands.feed(2),
    "cut, feed first": lambda raw: commands.cut(),
    "cash drawer pin 2": lambda raw: commands.drawer(2),
    "cash drawer pin 5": lambda raw: commands.drawer(5),
    "left, normal": lambda raw: commands.SIZE_NORMAL * 3 + commands.BOLD_OFF + commands.LEFT,
    "QR of an EMVCo code": _qr,
    "raster 16x4, four dots": lambda raw: commands.raster(_dots(), 16),
    "EAN13 barcode": lambda raw: commands.ean13(raw[-14:-1], height=64),
    "buzzer 2 times 200 ms": lambda raw: commands.buzzer(2, 200),
}
# What a status byte means -> our words, and the bits that say so
_MEANS = {
    "online": (("online",), 0), "offline": (("offline",), 0x08),
    "paper near its end": (("paper low",), 0x0C), "no paper, near-end sensor too": (("no paper", "paper low"), 0x6C),
    "no offline cause": (("ready",), 0), "stopped by paper end": (("paper end stop",), 0x20),
    "no error": (("no error",), 0), "recoverable by itself: head too hot": (("hot",), 0x40), "cutter error": (("cutter",), 0x08),
    "fixed bits wrong: not a status byte": ((), 0xED),
}


def escpos(document, section, case):
    if section == "sequences":
        only(case, "bytes")
        raw = _hex(case["bytes"])
        if case["name"] not in _BUILT:
            raise Differs("no builder by this name")
        expect(_BUILT[case["name"]](raw), raw, "bytes")
        return
    expect(section, "status", "section")
    only(case, "query", "answer", "means")
    asked, answer = _hex(case["query"]), _hex(case["answer"])
    words, bits = _MEANS[case["means"]]
    expect(commands.query(asked[2]), asked, "query")
    expect(commands.status(asked[2], answer[0]), words, "meaning")
    expect(answer, bytes((0x12 | bits,)), "answer")
