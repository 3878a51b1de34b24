# vectors_cards.py: checks of TLV, DOL, CVM list, card number and CRC vectors, each value computed again. Raises vectors.Differs.
from binascii import hexlify

from till.admin.vectors import Differs, expect, only
from till.cards import crc14443, cvm, pan, tlv
from till.cards import dol as dols
from till.core.errors import Malformed


def _hex(text):
    return bytes.fromhex(text)


def _refused(action, *args):
    """Raises Differs unless `action` finds its bytes malformed."""
    try:
        action(*args)
    except Malformed:
        return
    raise Differs("not refused")


def ber_tlv(document, section, case):
    index, data = tlv.Index(64), _hex(case["hex"])
    if section == "reject":
        only(case, "hex", "why")
        _refused(index.read, data)
        return
    expect(section, "cases", "section")
    only(case, "hex", "tree")
    count = index.read(data)
    expect(_same_tree(index, 0, -1, case["tree"]), count, "tree")
    _padding_only(index, data)
    out = bytearray(len(data))
    end = _write(out, 0, case["tree"])
    expect(tlv.Index(64).read(out, 0, end), count, "written again")
    if 0 not in (data[0], data[-1]) or len(data) == end:        # without padding, and by the shortest length, it is the same
        expect(bytes(out[:end]), data, "written again")


def _same_tree(index, slot, parent, tree):
    """The slot after `tree`, whose objects must be those of the index from `slot` on."""
    for tag, value in tree:
        if slot >= index.count or index.parent(slot) != parent:
            raise Differs("tree ends elsewhere")
        expect("%X" % index.tag(slot), tag, "tag " + tag)
        if isinstance(value, str):
            expect(tlv.constructed(index.tag(slot)), False, "kind of " + tag)
            expect(str(hexlify(index.window(slot)), "ascii").upper(), value, "value of " + tag)
            slot += 1
        else:
            slot = _same_tree(index, slot + 1, slot, value)
    return slot


def _padding_only(index, data):
    """Bytes outside the objects at the top must be zero: with this no byte of `data` goes unread."""
    inside = bytearray(len(data))
    for slot in range(index.count):
        tag, start, end = index.tag(slot), index.start(slot), index.end(slot)
        head = bytearray(8)
        size = tlv.put(head, 0, tag, b"") - 1
        length = 1
        while data[start - length - size:start - length] != head[:size] and length < 3:
            length += 1
        for i in range(start - length - size, end):
            inside[i] = 1
    for i in range(len(data)):
        if not inside[i] and data[i]:
            raise Differs("padding")


def _write(out, at, tree):
    for tag, value in tree:
        if isinstance(value, str):
            at = tlv.put(out, at, int(tag, 16), _hex(value))
        else:
            at = tlv.nest(out, at, _write(out, at, value), int(tag, 16))
    return at


def dol(document, section, case):
    data = _hex(case["dol"])
    out = bytearray(256)
    if section == "reject":
        only(case, "dol", "why")
        _refused(dols.build, data, lambda tag: None, out)
        return
    expect(section, "cases", "section")
    only(case, "dol", "values", "data", "entries")
    values = {}
    for tag in case["values"]:
        values[int(tag, 16)] = _hex(case["values"][tag])
    size = dols.build(data, values.get, out)
    expect(bytes(out[:size]).hex().upper(), case["data"], "data")
    entries = [["%X" % tag, length] for tag, length in dols.each(data)]
    expect([list(entry) for entry in case.get("entries", entries)], entries, "entries")


def cvm_list(document, section, case):
    data = _hex(case["cvm_list"])
    if section == "reject":
        only(case, "cvm_list", "why")
        _refused(cvm.CvmList, data)
        return
    expect(section, "cases", "section")
    only(case, "cvm_list", "amount_x", "amount_y", "rules")
    cvms = cvm.CvmList(data)
    expect(cvms.amount_x, case["amount_x"], "amount_x")
    expect(cvms.amount_y, case["amount_y"], "amount_y")
    rules = []
    for at in range(cvms.count):
        method, go_on, condition, first = cvms.rule(at)
        expect(method | (0x40 if go_on else 0), first & 0x7F, "rule")
        rules.append("%02X%02X" % (first, condition))
    expect(rules, list(case["rules"]), "rules")


def luhn_mask(document, section, case):
    if section == "reject":
        expect(pan.luhn_ok(case.encode()), False, "check digit")
        return
    expect(section, "pans", "section")
    only(case, "pan", "masked")
    digits = bytearray(case["pan"].encode())
    expect(pan.luhn_ok(digits), True, "check digit")
    expect(pan.mask(digits), case["masked"], "masked")


def crc_14443(document, section, case):
    only(case, "type", "data", "crc")
    expect(section, "cases", "section")
    crc = {"A": crc14443.crc_a, "B": crc14443.crc_b}[case["type"]]
    expect(crc(_hex(case["data"])).hex().upper(), case["crc"], "crc")
