# visa.py: cards for kernel 3 (EMV Contactless Book C-3, qVSDC): a payment in one GET PROCESSING OPTIONS. Refuses with 6985, 6986, 6700.
from pyemv import cvn, tlv

from microtill.bench.cards import emv

PDOL = (("9F66", 4), ("9F02", 6), ("9F03", 6), ("9F1A", 2), ("95", 5), ("5F2A", 2), ("9A", 3), ("9C", 1), ("9F37", 4))
_SIGNED = ("9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37")        # into the cryptogram, with 82 and 9F36
_AIP = b"\x00\x00"                   # Book C-3 annex A: no offline data authentication
_AIP_DEVICE = b"\x00\x40"            # byte 2 bit 7: a mobile device
_ARQC = 0x80
_AAC = 0x00

# Terminal transaction qualifiers, 9F66 (Book C-3 annex A)
_TTQ1_QVSDC, _TTQ1_ONLINE_PIN = 0x20, 0x04
_TTQ2_CVM_REQUIRED = 0x40
_TTQ3_DEVICE_CVM = 0x40
# Card transaction qualifiers, 9F6C
_CTQ1_ONLINE_PIN = 0x80
_CTQ2_DEVICE_CVM = 0x80


class Visa(emv.Card):
    """Plastic. Above the reader's CVM limit it asks for its PIN; a person who `asks_pin` is asked every time. Never approves offline."""
    aid, label, kernel = bytes.fromhex("A0000000031010"), b"VISA DEBIT", b"\x03"
    pace_us = {**emv.Card.pace_us, "gpo": 205_000}
    aip = _AIP

    def __init__(self, person, genuine, count, pulled_at=None):
        super().__init__(person, genuine, count, pulled_at)
        if person.dated:
            self.files = {(1, 1): {"5F24": bytes.fromhex(person.expiry + "31"), "5A": bytes.fromhex(person.pan), "9F07": b"\xff\x80"}}

    def processing_options(self):
        return {"9F38": emv.dol_bytes(PDOL)}

    def start(self, values):
        asked = emv.dol_values(PDOL, values)
        if not asked["9F66"][0] & _TTQ1_QVSDC:
            raise emv.Bad(emv.NOT_NOW)
        cryptogram, ctq = self.decide(asked["9F66"])
        self.take_counter()
        issuer_data = self._issuer_data(cryptogram)
        code = self._cryptogram(asked, issuer_data)
        self.state = emv.DONE
        answer = {"82": self.aip, **({"94": b"\x08\x01\x01\x00"} if self.files else {}), "57": emv.track2(self.person),
                  "5F34": bytes.fromhex(self.person.psn), "9F10": issuer_data, "9F26": code, "9F27": bytes((cryptogram,)),
                  "9F36": self.atc, "9F6C": ctq, **self.extras()}
        return tlv.encode({"77": answer}) + emv.OK

    def decide(self, ttq):
        """(kind of cryptogram, CTQ of 2 bytes) for the reader's TTQ (Book C-3 5.2 and 5.7). Raises Bad."""
        wanted = ttq[1] & _TTQ2_CVM_REQUIRED
        if not wanted and not self.person.asks_pin:
            return _ARQC, b"\x00\x00"
        if ttq[0] & _TTQ1_ONLINE_PIN:
            return _ARQC, bytes((_CTQ1_ONLINE_PIN, 0))
        return (_AAC if wanted else _ARQC), b"\x00\x00"

    def extras(self):
        return {}

    def _issuer_data(self, cryptogram):
        """Issuer application data, 9F10: length, key index, cryptogram version, card verification results."""
        kind = 0xA0 if cryptogram == _ARQC else 0x80        # first cryptogram ARQC or AAC, no second asked for
        version = 10 if isinstance(self.genuine, cvn.VisaCVN10) else 18
        return bytes((0x06, 0x01, version, 0x03, kind, 0x00, 0x00))

    def _cryptogram(self, asked, issuer_data):
        signed = [asked[tag] for tag in _SIGNED] + [self.aip, self.atc]
        last = issuer_data[3:7] if isinstance(self.genuine, cvn.VisaCVN10) else issuer_data
        return self.genuine.generate_ac(*signed, last)


class Phone(Visa):
    """The same in a phone. `unlocked`: its owner has been recognised; above the CVM limit a locked one asks for a look at its screen."""
    pace_us = {**emv.Card.pace_us, "directory": 16_000, "select": 20_000, "gpo": 150_000, "read": 12_000}
    aip = _AIP_DEVICE

    def __init__(self, person, genuine, count, pulled_at=None, unlocked=True):
        super().__init__(person, genuine, count, pulled_at)
        self.unlocked = unlocked

    def _uid(self):
        return b"\x08" + super()._uid()[1:]      # ISO 14443-3 6.5.4: 08 marks an identifier made up for this field

    def look(self):
        """Its owner looks at the screen and is recognised."""
        self.unlocked = True

    def decide(self, ttq):
        if self.unlocked and ttq[2] & _TTQ3_DEVICE_CVM:
            return _ARQC, bytes((0, _CTQ2_DEVICE_CVM))
        if not self.unlocked and ttq[1] & _TTQ2_CVM_REQUIRED:
            raise emv.Bad(emv.SEE_PHONE)
        return super().decide(ttq)

    def extras(self):
        return {"9F6E": bytes.fromhex("23880000")}     # form factor indicator: a phone with a consumer device CVM


class OtherScheme(Visa):
    """A whole card, of a scheme whose name the reader does not hold."""
    aid, label, kernel = bytes.fromhex("A0000001523010"), b"DISCOVER", b"\x06"
