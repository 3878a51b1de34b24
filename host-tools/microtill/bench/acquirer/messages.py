# messages.py: the bank's ISO 8583:1987 on pyiso8583: text numerics, binary bitmap, CMAC in 128. Raises BadMessage(word), no data in it.
import copy
import hmac
from dataclasses import dataclass, field

import iso8583
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from iso8583.specs import default_ascii
from pyemv import tlv

MAC_BYTES = 8
_BITMAP = {"data_enc": "b", "len_enc": "ascii", "len_type": 0, "max_len": 8}
_BINARY = {"data_enc": "b", "len_enc": "ascii", "len_type": 3, "max_len": 999}
BINARY_FIELDS = (52, 55, 126, 128)
_NUMERIC = {3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 22: 3, 23: 3, 25: 2, 49: 3, 53: 16, 60: 6, 70: 3, 74: 10, 75: 10, 76: 10, 77: 10, 86: 16, 87: 16,
            88: 16, 89: 16, 90: 42}                                # field: digits
_TEXT = {37: 12, 38: 6, 39: 2, 41: 8, 42: 15, 97: 17}

# Field 126, the private set (docs/host.md)
KSN, PIN_FORMAT, PIN_BLOCK, ACCOUNT_DATA, TRIGGER, TDES_KSN = "DF01", "DF02", "DF03", "DF04", "DF05", "DF06"
PRIVATE_TAGS = (KSN, PIN_FORMAT, PIN_BLOCK, ACCOUNT_DATA, TRIGGER, TDES_KSN)


class BadMessage(ValueError):
    """args[0]: a short word for what is wrong."""


def _spec():
    spec = copy.deepcopy(default_ascii)
    spec["p"] = {**_BITMAP, "desc": "Bitmap, primary"}
    spec["1"] = {**_BITMAP, "desc": "Bitmap, secondary"}
    spec["52"] = {**_BITMAP, "desc": "PIN block"}
    spec["55"] = {**_BINARY, "desc": "ICC data"}
    spec["126"] = {**_BINARY, "desc": "Private TLV set"}
    spec["128"] = {**_BITMAP, "desc": "MAC"}
    return spec


SPEC = _spec()


@dataclass
class Message:
    """One message: `mti` of four digits, `fields` by number; BINARY_FIELDS are bytes, all others str. `raw` is what came, if it came."""
    mti: str
    fields: dict = field(default_factory=dict)
    raw: bytes = b""

    def __getitem__(self, number):
        return self.fields[number]

    def get(self, number, default=None):
        return self.fields.get(number, default)


def decode(raw):
    """One message without its length header. Raises BadMessage where pyiso8583 does, or where the coding is not canonical."""
    try:
        plain, _ = iso8583.decode(raw, SPEC)
        again, _ = iso8583.encode(dict(plain), SPEC)
    except (iso8583.DecodeError, iso8583.EncodeError) as bad:
        raise BadMessage("coding") from bad
    if bytes(again) != raw:
        raise BadMessage("not canonical")
    if not plain["t"].isdigit():
        raise BadMessage("mti")
    fields = {}
    for name, value in plain.items():
        if name.isdigit() and name != "1":
            fields[int(name)] = bytes.fromhex(value) if int(name) in BINARY_FIELDS else value
    return Message(plain["t"], fields, bytes(raw))


def malformed(message):
    """The number of the first field whose form is wrong (digits and sizes of the 1987 table), or None."""
    for number, value in sorted(message.fields.items()):
        if number in _NUMERIC and not (len(value) == _NUMERIC[number] and value.isascii() and value.isdigit()):
            return number
        if number in _TEXT and not (len(value) == _TEXT[number] and value.isascii() and value.isprintable()):
            return number
    return None


def encode(mti, fields, mac_key):
    """The bytes of a message with field 128 computed under `mac_key` (16 bytes). `fields` as in Message, without 128."""
    plain = {"t": mti}
    for number, value in fields.items():
        plain[str(number)] = value.hex().upper() if number in BINARY_FIELDS else value
    plain["128"] = "00" * MAC_BYTES
    raw, _ = iso8583.encode(plain, SPEC)
    body = bytes(raw[:-MAC_BYTES])
    return body + mac(mac_key, body)


def mac(key, body):
    """Leftmost 8 bytes of AES-CMAC (NIST SP 800-38B) over everything before field 128."""
    cmac = CMAC(algorithms.AES(key))
    cmac.update(body)
    return cmac.finalize()[:MAC_BYTES]


def genuine(message, key):
    """Does field 128 hold the MAC of all before it? Compared in constant time."""
    return 128 in message.fields and hmac.compare_digest(mac(key, message.raw[:-MAC_BYTES]), message[128])


def tlv_set(data):
    """{tag: bytes} of a flat BER-TLV set in its one canonical coding. Raises BadMessage."""
    try:
        values = tlv.decode(data)
        again = tlv.encode(values)
    except (tlv.DecodeError, tlv.EncodeError) as bad:
        raise BadMessage("tlv") from bad
    if again != data or not all(isinstance(value, bytes) for value in values.values()):
        raise BadMessage("tlv")
    return values


def private_set(message):
    """The TLV set of field 126; the KSN in it has 12 bytes. Raises BadMessage."""
    values = tlv_set(message.get(126, b""))
    if len(values.get(KSN, b"")) != 12:
        raise BadMessage("no ksn")
    return values


def original_key(message):
    """(MTI, STAN, field 7) of the payment that field 90 names. Raises BadMessage."""
    text = message.get(90, "")
    if len(text) != 42 or text[20:] != "0" * 22:
        raise BadMessage("field 90")
    return text[:4], text[4:10], text[10:20]
