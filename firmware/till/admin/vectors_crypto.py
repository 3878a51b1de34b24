# vectors_crypto.py: checks of CMAC, key check value and DUKPT vectors, each value computed again. Raises vectors.Differs.
from till.admin.vectors import Differs, expect, only
from till.crypto import cmac, dukpt, pinblock
from till.crypto.equal import equal


def _hex(text):
    return bytes.fromhex(text)


def _text(data):
    return bytes(data).hex().upper()


def aes_cmac(document, section, case):
    only(case, "m", "cmac")
    expect(section, "messages", "section")
    expect(_text(cmac.cmac(_hex(document["key"]), _hex(case["m"]))), case["cmac"], "cmac")


def cmac_nist(document, section, case):
    only(case, "cipher", "key", "m", "cmac")
    expect(section, "messages", "section")
    mac = {"AES": cmac.cmac, "TDES": cmac.cmac_tdes}[case["cipher"]]
    if case["cipher"] == "TDES":                            # DES reads no parity bits, so they are looked at here
        expect([dukpt.one_bits(byte) & 1 for byte in _hex(case["key"])], [1] * (len(case["key"]) // 2), "parity of the key")
    expect(_text(mac(_hex(case["key"]), _hex(case["m"]))), case["cmac"], "cmac")


def kcv(document, section, case):
    only(case, "key", "algorithm", "kcv")
    expect(section, "keys", "section")
    key, size = _hex(case["key"]), len(case["kcv"]) // 2
    if case["algorithm"] == "TDES":
        from till.crypto import des
        block = bytearray(8)
        des.encrypt(key, block)
        expect(_text(block[:size]), case["kcv"], "kcv")
    else:
        expect(case["algorithm"], "AES-CMAC", "algorithm")
        expect(_text(cmac.kcv(key, size)), case["kcv"], "kcv")


def wycheproof(document, section, case):
    """A forged tag must be refused, and must differ from the true one just as the case says."""
    only(case, "key", "m", "tag", "valid", "why")
    expect(section, "cases", "section")
    mac, tag = cmac.cmac(_hex(case["key"]), _hex(case["m"])), _hex(case["tag"])
    expect(equal(mac, tag), case["valid"], "tag")
    if not case["valid"]:
        wrong = bytes(mac[i] ^ tag[i] for i in range(16))
        expect(wrong, _forged(case["why"], mac), "forged tag")


def _forged(why, mac):
    """What a forged tag is off by, in the words of Wycheproof."""
    every = {"all bits of tag flipped": 0xFF, "msbs changed in tag": 0x80, "lsbs changed in tag": 0x01}
    if why in every:
        return bytes([every[why]] * 16)
    if why == "Tag changed to all zero":
        return bytes(mac)
    if not why.startswith("Flipped bit"):
        raise Differs("unknown forgery")
    wrong = bytearray(16)
    for word in why.split(" "):
        if word.isdigit():
            wrong[int(word) >> 3] |= 1 << (int(word) & 7)
    return bytes(wrong)


def _keys(document):
    """(Dukpt, bytearray of its initial key) of a document, with the initial key checked against the base derivation key."""
    bdk, key_id = _hex(document["bdk"]), _hex(document["initial_key_id"])
    initial = dukpt.initial_key(bdk, key_id)
    expect(_text(initial), document["initial_key"], "initial_key")
    return dukpt.under(initial, key_id)


def _counter(keys, ksn):
    """The counter of a key serial number, which must be one of this device."""
    counter = int(ksn[16:], 16)
    expect(_text(keys.ksn(counter)), ksn, "ksn")
    return counter


def _working(keys, counter, case, names):
    """Checks every key that `case` names; `names` is (name, usage, kind)."""
    for name, usage, kind in names:
        if name in case:
            expect(_text(keys.key(counter, usage, kind=kind)), case[name], name)


def _transaction(document, case, names):
    keys = _keys(document)
    counter = _counter(keys, case["ksn"])
    expect(_text(keys.derivation_key(counter)), case["derivation_key"], "derivation_key")
    _working(keys, counter, case, names)
    return keys, counter


_AES128_KEYS = (
    ("pin_key", dukpt.PIN, dukpt.AES128),
    ("mac_key", dukpt.MAC_REQUEST, dukpt.AES128),
    ("data_key", dukpt.DATA_REQUEST, dukpt.AES128),
)


def dukpt_aes128(document, section, case):
    only(case, "ksn", "derivation_key", "pin_key", "mac_key", "data_key", "encrypted_pin_block")
    expect(section, "transactions", "section")
    keys, counter = _transaction(document, case, _AES128_KEYS)
    pin, field, random = document["pin"].encode(), bytearray(16), _hex(document["pin_field"])[8:]
    pinblock.pin_field(pin, random, field)
    expect(_text(field), document["pin_field"], "pin_field")
    block = bytearray(16)
    pinblock.encode4(pin, random, document["pan"].encode(), keys.key(counter, dukpt.PIN), block)
    expect(_text(block), case["encrypted_pin_block"], "encrypted_pin_block")


_USAGES = (
    ("mac_key_verify", dukpt.MAC_RESPONSE, dukpt.AES128),
    ("mac_key_both", dukpt.MAC_BOTH, dukpt.AES128),
    ("data_key_decrypt", dukpt.DATA_RESPONSE, dukpt.AES128),
    ("data_key_both", dukpt.DATA_BOTH, dukpt.AES128),
    ("hmac128_key", dukpt.MAC_REQUEST, dukpt.HMAC128),
    ("hmac256_key", dukpt.MAC_REQUEST, dukpt.HMAC256),
    ("pin_key_2tdea", dukpt.PIN, dukpt.TDEA2),
    ("pin_key_3tdea", dukpt.PIN, dukpt.TDEA3),
    ("key_encryption_key", dukpt.KEY_ENCRYPTION, dukpt.AES128),
)


def dukpt_usages(document, section, case):
    if section == "counter_rules":
        _keys(document)
        _rule(case)
    elif section == "update_keys":
        _update(document, case)
    else:
        expect(section, "transactions", "section")
        only(case, "ksn", "derivation_key", "request_cmac", "response_cmac", *[row[0] for row in _USAGES])
        keys, counter = _transaction(document, case, _USAGES)
        message = document["data_ascii"].encode()
        for name, usage in (("request_cmac", dukpt.MAC_REQUEST), ("response_cmac", dukpt.MAC_RESPONSE)):
            expect(_text(cmac.cmac(keys.key(counter, usage), message)), case[name], name)


def _rule(case):
    only(case, "counter", "bits", "valid")
    expect(len(case["counter"]), 8, "counter")
    counter = int(case["counter"], 16)
    expect(dukpt.one_bits(counter), case["bits"], "bits")
    expect(dukpt.valid(counter), case["valid"], "valid")
    if case["valid"] and case["bits"] == 16:                # the next one jumps over all that have more
        try:
            expect(dukpt.one_bits(dukpt.next_counter(counter)) <= 16, True, "next")
        except dukpt.WornOut:
            expect(case["counter"], "FFFF0000", "worn out")


def _update(document, case):
    names = (("update_key_aes128", dukpt.AES128), ("update_key_2tdea", dukpt.TDEA2), ("update_key_3tdea", dukpt.TDEA3))
    only(case, "ksn", *[row[0] for row in names])
    keys = _keys(document)
    expect(_counter(keys, case["ksn"]), 0xFFFFFFFF, "ksn")
    for name, kind in names:
        expect(_text(keys.update_key(kind)), case[name], name)


_AES256_KEYS = (
    ("pin_key_aes128", dukpt.PIN, dukpt.AES128),
    ("pin_key_aes256", dukpt.PIN, dukpt.AES256),
    ("mac_aes128_key", dukpt.MAC_REQUEST, dukpt.AES128),
    ("mac_aes256_key", dukpt.MAC_REQUEST, dukpt.AES256),
    ("data_aes128_key", dukpt.DATA_REQUEST, dukpt.AES128),
    ("data_aes256_key", dukpt.DATA_REQUEST, dukpt.AES256),
)


def dukpt_aes256(document, section, case):
    only(case, "ksn", "derivation_key", *[row[0] for row in _AES256_KEYS])
    expect(section, "transactions", "section")
    _transaction(document, case, _AES256_KEYS)
