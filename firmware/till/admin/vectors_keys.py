# vectors_keys.py: checks of key blocks, PIN blocks, PSS signatures, the retail MAC, TDES DUKPT and card keys, each value computed again.
# Raises vectors.Differs. The keys are those of the document; none of the terminal's own is within reach.
from hashlib import sha256

from till.admin.vectors import Differs, expect, only
from till.core.errors import TillError
from till.crypto import aes, cmac, des, dukpt_tdes, pinblock, pinblock_tdes, pss, retail_mac, tr31


def _hex(text):
    return bytes.fromhex(text)


def _text(data):
    return bytes(data).hex().upper()


def _refused(work, *arguments):
    try:
        work(*arguments)
    except TillError:
        return
    raise Differs("not refused")


_HEADER = (("version", "version"), ("usage", "usage"), ("algorithm", "algorithm"), ("mode_of_use", "mode"), ("version_number", "number"),
           ("exportability", "exportability"))


def tr31_blocks(document, section, case):
    """Also: version D opens without TDES, and no other does."""
    kbpk = _hex(case["kbpk"])
    if section == "reject":
        only(case, "kbpk", "block")
        _refused(tr31.unwrap, kbpk, case["block"], True)
        return
    expect(section, "blocks", "section")
    only(case, "kbpk", "block", "key", "kcv", "kcv_cmac", "optional", *[name for name, _ in _HEADER])
    header, key = tr31.unwrap(kbpk, case["block"], True)
    expect(_text(key), case["key"], "key")
    for name, field in _HEADER:
        if name in case:
            expect(getattr(header, field), case[name], name)
    for part in case.get("optional", ()):
        only(part, "id", "data")
        expect(header.part(part["id"]), part["data"], "optional")
    if "kcv" in case:
        block = bytearray(8)
        des.encrypt(key, block)
        expect(_text(block[:3]), case["kcv"], "kcv")
    if "kcv_cmac" in case:
        expect(_text(cmac.kcv(key)), case["kcv_cmac"], "kcv_cmac")
    if header.version != "D":
        _refused(tr31.unwrap, kbpk, case["block"])


def pin_blocks(document, section, case):
    only(case, "format", "pin", "pan", "block", "pan_field", "key", "random", "encrypted")
    form, pan = case["format"], case["pan"].encode() if "pan" in case else None
    expect(form in (0, 2, 3, 4), True, "format")
    if section == "reject":
        _refused(pinblock_tdes.check, form, _hex(case["block"]), pan)
    elif "encrypted" in case:
        _enciphered(case, pan)
    elif "pan_field" in case:
        field = bytearray(16)
        pinblock.pan_field(pan, field)
        expect(_text(field), case["pan_field"], "pan_field")
    else:
        digits = pinblock_tdes.check(form, _hex(case["block"]), pan)
        expect("".join(str(digit) for digit in digits), case["pin"], "pin")
        if form != 3:                                       # its filling is by chance
            block = bytearray(8)
            pinblock_tdes.encode(form, case["pin"].encode(), pan, block)
            expect(_text(block), case["block"], "block")


def _enciphered(case, pan):
    """A format 4 block there, and back again."""
    key, block, field = _hex(case["key"]), bytearray(_hex(case["encrypted"])), bytearray(16)
    pinblock.pan_field(pan, field)
    aes.decrypt(key, block)
    for i in range(16):
        block[i] ^= field[i]
    aes.decrypt(key, block)
    expect("".join(str(digit) for digit in pinblock_tdes.check(4, block)), case["pin"], "pin")
    random = bytes(block[8:])
    if "random" in case:
        expect(_text(random), case["random"], "random")
    pinblock.encode4(case["pin"].encode(), random, pan, key, block)
    expect(_text(block), case["encrypted"], "encrypted")


def rsa_pss(document, section, case):
    only(case, "id", "msg", "sig", "valid", "key")
    expect((document["hash"], document["mgf"], document["salt_length"]), ("SHA-256", "MGF1 SHA-256", pss.SALT), "algorithms")
    key = document["keys"][case["key"]]
    digest = sha256(_hex(case["msg"])).digest()
    expect(pss.verify(_hex(key["modulus"]), int(key["exponent"], 16), digest, _hex(case["sig"])), case["valid"], "signature")


def retail(document, section, case):
    only(case, "key", "m", "m_ascii", "padding", "mac", "published")
    message = case["m_ascii"].encode() if "m_ascii" in case else _hex(case["m"])
    got = _text(retail_mac.mac(_hex(case["key"]), message, case["padding"]))
    expect(got, case["mac"], "mac")
    if "published" in case:
        expect(got[:len(case["published"])], case["published"], "published")


_KEYS = (("pin_key", dukpt_tdes.PIN), ("mac_request_key", dukpt_tdes.MAC_REQUEST), ("mac_response_key", dukpt_tdes.MAC_RESPONSE),
         ("data_request_key", dukpt_tdes.DATA_REQUEST), ("data_response_key", dukpt_tdes.DATA_RESPONSE))


def tdes_dukpt(document, section, case):
    only(case, "ksn", "transaction_key", "encrypted_pin_block", "mac_request", "mac_response", "data_request", *[name for name, _ in _KEYS])
    initial = dukpt_tdes.initial_key(_hex(document["bdk"]), _hex(document["initial_ksn"]))
    expect(_text(initial), document["initial_key"], "initial_key")
    expect(case["ksn"][:14], document["initial_ksn"][:14], "ksn")
    key = dukpt_tdes.transaction_key(initial, _hex(case["ksn"]))
    expect(_text(key), case["transaction_key"], "transaction_key")
    for name, variant in _KEYS:
        expect(_text(dukpt_tdes.working_key(key, variant)), case[name], name)
    block = bytearray(8)
    pinblock_tdes.encode(0, document["pin"].encode(), document["pan"].encode(), block)
    expect(_text(block), document["clear_pin_block"], "clear_pin_block")
    des.encrypt(_hex(case["pin_key"]), block)
    expect(_text(block), case["encrypted_pin_block"], "encrypted_pin_block")
    message = document["data_ascii"].encode()
    for name in ("mac_request", "mac_response"):
        expect(_text(retail_mac.mac(_hex(case[name + "_key"]), message)[:4]), case[name], name)
    work = retail_mac.padded(message, 1)
    des.chain(_hex(case["data_request_key"]), bytes(8), work)
    expect(_text(work), case["data_request"], "data_request")


def _odd(key):
    """Each byte with its lowest bit set so that its one bits are odd in number, as DES keys are shown."""
    out = bytearray(key)
    for i in range(len(out)):
        ones = 0
        for shift in range(1, 8):
            ones += out[i] >> shift & 1
        out[i] = out[i] & 0xFE | 1 - (ones & 1)
    return out


def card_keys(document, section, case):
    """EMV Book 2 A1.4 and A1.3, and the cryptograms of 8.1 and 8.2: what an issuer does, and a terminal never; DES is what is looked at."""
    only(case, "option", "issuer_master_key", "pan", "psn", "icc_master_key", "icc_kcv", "session_diversifier", "session_key", "session_kcv", "data",
         "arqc", "arpc_method1_arc_0000_icc_key", "arpc_method2_csu_00000000_session_key")
    expect(case["option"] in ("A", "B"), True, "option")
    digits = case["pan"] + case["psn"]
    if case["option"] == "B" and len(case["pan"]) > 16:
        even = "0" if len(digits) & 1 else ""
        from hashlib import sha1
        text = sha1(_hex(even + digits)).digest().hex()
        digits = ("".join(sign for sign in text if sign < "a") + "".join(chr(ord(sign) - 49) for sign in text if sign >= "a"))[:16]
    block = bytearray(_hex(("0" * 16 + digits)[-16:]))
    right = bytearray(byte ^ 0xFF for byte in block)
    des.encrypt(_hex(case["issuer_master_key"]), block)
    des.encrypt(_hex(case["issuer_master_key"]), right)
    master = _odd(block + right)
    expect(_text(master), case["icc_master_key"], "icc_master_key")
    halves = []
    for middle in (0xF0, 0x0F):
        half = bytearray(_hex(case["session_diversifier"]))
        half[2] = middle
        des.encrypt(master, half)
        halves.append(half)
    session = _odd(halves[0] + halves[1])
    expect(_text(session), case["session_key"], "session_key")
    for key, name in ((master, "icc_kcv"), (session, "session_kcv")):
        check = bytearray(8)
        des.encrypt(key, check)
        expect(_text(check[:len(case[name]) // 2]), case[name], name)
    arqc = retail_mac.mac(bytes(session), _hex(case["data"]), 2)
    expect(_text(arqc), case["arqc"], "arqc")
    first = bytearray(arqc)
    des.encrypt(master, first)                              # method 1 with a response code of zeros: nothing to XOR
    expect(_text(first), case["arpc_method1_arc_0000_icc_key"], "arpc 1")
    second = retail_mac.mac(bytes(session), arqc + bytes(4), 2)[:4]
    expect(_text(second), case["arpc_method2_csu_00000000_session_key"], "arpc 2")
