# mchip.py: cards for kernel 2 (EMV Contactless Book C-2, M/Chip): records, then GENERATE AC. Refuses with 6985, 6700, 6A86.
from pyemv import cvn, tlv

from microtill.bench.cards import emv

CDOL1 = (("9F02", 6), ("9F03", 6), ("9F1A", 2), ("95", 5), ("5F2A", 2), ("9A", 3), ("9C", 1), ("9F37", 4), ("9F35", 1), ("9F34", 3))
_CDOL2 = (("8A", 2), ("95", 5), ("9F37", 4))
_SIGNED = ("9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37")
_AIP = b"\x18\x80"                    # cardholder verification, terminal risk management, EMV mode (Book C-2 annex A); no CDA
_AFL = bytes.fromhex("1001010018010200")
_AAC, _TC, _ARQC = 0x00, 0x40, 0x80   # reference control parameter, EMV Book 3 6.5.5.2; bits 8 and 7
_RESULTS = {_ARQC: 0xA0, _AAC: 0x80}  # card verification results, byte 1: no second cryptogram asked for; the first one's kind

_SIGNATURE_OR_NONE = bytes.fromhex("00000000000000005E031F03")      # EMV Book 3 10.5: signature if supported, else none
_PIN_OR_NONE = bytes.fromhex("000000000000000042035E031F03")        # online PIN if supported, then as above


class MChip(emv.Card):
    """Plastic, online only: asked for a TC it gives an ARQC, asked for an AAC it gives an AAC."""
    aid, label, kernel = bytes.fromhex("A0000000041010"), b"MASTERCARD", b"\x02"
    pace_us = {**emv.Card.pace_us, "directory": 22_000, "select": 26_000, "gpo": 32_000, "read": 18_000, "ac": 130_000}

    def __init__(self, person, genuine, count, pulled_at=None):
        super().__init__(person, genuine, count, pulled_at)
        self.files = self._records()

    def _uid(self):
        return b"\x04" + super()._uid() + b"\x6c\x80"

    atqa = b"\x00\x44"                # 7-byte identifier

    def _records(self):
        person = self.person
        verification = _PIN_OR_NONE if person.asks_pin_above else _SIGNATURE_OR_NONE
        return {
            (2, 1): {"57": emv.track2(person), "5A": bytes.fromhex(person.pan), "5F24": bytes.fromhex(person.expiry + "31"),
                     "5F25": b"\x20\x01\x01", "5F34": bytes.fromhex(person.psn), "9F08": b"\x00\x02"},
            (3, 1): {"5F20": b"TEST/CARD", "5F28": b"\x06\x20", "9F42": b"\x09\x78",
                     "8C": emv.dol_bytes(CDOL1), "8D": emv.dol_bytes(_CDOL2)},
            (3, 2): {"8E": verification, "9F07": b"\xff\x80", "9F0D": bytes.fromhex("B450848000"), "9F0E": bytes(5),
                     "9F0F": bytes.fromhex("B470848000")},
        }

    def start(self, values):
        if values:                    # no PDOL: the template is empty
            raise emv.Bad(emv.WRONG_LENGTH)
        self.take_counter()
        self.state = emv.STARTED
        return tlv.encode({"77": {"82": _AIP, "94": _AFL}}) + emv.OK

    def generate_ac(self, p1, p2, data):
        if self.state != emv.STARTED:
            raise emv.Bad(emv.NOT_NOW)
        if p2 or p1 & 0x3F & ~0x10 or p1 & 0xC0 == 0xC0:     # bit 5 asks for CDA, which this card does not do
            raise emv.Bad(emv.BAD_P1_P2)
        asked = emv.dol_values(CDOL1, data)
        kind = _AAC if p1 & 0xC0 == _AAC else _ARQC
        issuer_data = self._issuer_data(kind)
        code = self._cryptogram(asked, issuer_data)
        self.state = emv.DONE
        return tlv.encode({"77": {"9F27": bytes((kind,)), "9F36": self.atc, "9F26": code, "9F10": issuer_data}}) + emv.OK

    def _issuer_data(self, kind):
        """Issuer application data, 9F10: key index, cryptogram version, results (6), authentication code (2), counters (8)."""
        version = 0x11 if isinstance(self.genuine, cvn.MasterCardCVN17) else 0x10
        return bytes((0x01, version, _RESULTS[kind])) + bytes.fromhex("0003220000") + bytes(2) + bytes(7) + b"\xff"

    def _cryptogram(self, asked, issuer_data):
        signed = [asked[tag] for tag in _SIGNED] + [_AIP, self.atc, issuer_data[2:8]]
        if isinstance(self.genuine, cvn.MasterCardCVN17):
            signed.append(issuer_data[10:18])
        return self.genuine.generate_ac(*signed)
