# issuer.py: what the bank checks about a card: account data, chip data, cryptogram, PIN block. Raises Refuse(response, word).
import hashlib
import hmac
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.utils import CryptographyDeprecationWarning
from psec import pinblock
from pyemv import cvn

from microtill.bench.acquirer import messages

warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning, module="pyemv")     # EMV is TDES, for ever

APPROVED, NO_HONOUR, INVALID, NO_CARD, NOT_FOUND, FORMAT = "00", "05", "12", "14", "25", "30"
STOLEN, NO_FUNDS, EXPIRED, WRONG_PIN, FRAUD, TOO_MUCH = "43", "51", "54", "55", "59", "61"
SECURITY, TRIES_USED, DUPLICATE, DIFFERS, MALFUNCTION = "63", "75", "94", "95", "96"

PIN_TRIES = 3                 # the third wrong one is answered 75, and so is every PIN after it
_ARQC = 0x80                  # 9F27, EMV Book 3 table 15, bits 8 and 7
_SIZES = {"9F02": 6, "9F03": 6, "9F1A": 2, "95": 5, "5F2A": 2, "9A": 3, "9C": 1, "9F37": 4, "82": 2, "9F36": 2, "9F26": 8, "9F27": 1}
_SIGNED = ("9F02", "9F03", "9F1A", "95", "5F2A", "9A", "9C", "9F37", "82", "9F36")
_SECRET_TAGS = ("57", "5A", "56", "9F6B", "99")            # account numbers, tracks, a PIN: never in field 55
_ONLINE_PIN = 0x02                                         # 9F34 byte 1, EMV Book 3 table 39
_VERSIONS = {"visa-10": (cvn.VisaCVN10, 2, 10), "visa-18": (cvn.VisaCVN18, 2, 18),       # class, where 9F10 has its version, which
             "mchip-16": (cvn.MasterCardCVN16, 1, 16), "mchip-17": (cvn.MasterCardCVN17, 1, 17)}
_ISSUER_DATA_BYTES = {"visa-10": 7, "visa-18": 7, "mchip-16": 18, "mchip-17": 18}
_NO_SCRIPTS = bytes.fromhex("01" * 16)


class Refuse(Exception):
    """args: the response (field 39) and a short word for the log; no data."""

    @property
    def response(self):
        return self.args[0]

    @property
    def why(self):
        return self.args[1]


def luhn(pan):
    total = 0
    for place, digit in enumerate(reversed(pan)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mask(pan):
    return pan[:6] + "*" * (len(pan) - 10) + pan[-4:]


def keyed_hash(key, *parts):
    """HMAC-SHA256 of the parts, each with its length before it; 32 bytes."""
    body = b"".join(len(part).to_bytes(2, "big") + part for part in parts)
    return hmac.new(key, body, hashlib.sha256).digest()


def account_data(ciphertext, key):
    """(PAN, expiry YYMM) of DF04: AES-CBC, zero IV, padding method 2 of ISO/IEC 9797-1, a TLV of 57, or of 5A and 5F24. Raises Refuse."""
    if not ciphertext or len(ciphertext) % 16:
        raise Refuse(FORMAT, "account data")
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
    plain = (cipher.update(ciphertext) + cipher.finalize()).rstrip(b"\x00")
    if plain[-1:] != b"\x80":
        raise Refuse(FORMAT, "account padding")
    try:
        values = messages.tlv_set(plain[:-1])
    except messages.BadMessage as bad:
        raise Refuse(FORMAT, "account tlv") from bad
    if set(values) == {"57"}:
        pan, separator, rest = values["57"].hex().upper().rstrip("F").partition("D")
        expiry = rest[:4] if separator else ""
    elif set(values) == {"5A", "5F24"}:
        pan, expiry = values["5A"].hex().upper().rstrip("F"), values["5F24"].hex()[:4]
    else:
        raise Refuse(FORMAT, "account tags")
    if not (12 <= len(pan) <= 19 and pan.isdigit() and len(expiry) == 4 and expiry.isdigit()):
        raise Refuse(FORMAT, "account digits")
    if not luhn(pan):
        raise Refuse(FORMAT, "luhn")
    return pan, expiry


def chip_data(request):
    """{tag: bytes} of field 55: whole, an ARQC, and agreeing with fields 3, 4, 13, 23 and 49. Raises Refuse."""
    try:
        chip = messages.tlv_set(request[55])
    except messages.BadMessage as bad:
        raise Refuse(FORMAT, "field 55") from bad
    if any(tag in chip for tag in _SECRET_TAGS):
        raise Refuse(SECURITY, "account number in the clear")
    for tag, size in _SIZES.items():
        if len(chip.get(tag, b"")) != size:
            raise Refuse(FORMAT, "tag " + tag)
    agrees = (("9F02", request[4]), ("5F2A", "0" + request[49]), ("9C", request[3][:2]))
    for tag, text in agrees:
        if chip[tag].hex() != text:
            raise Refuse(FORMAT, "tag " + tag)
    if chip["9A"].hex()[2:] != request[13]:
        raise Refuse(FORMAT, "tag 9A")
    if "5F34" in chip and 23 in request.fields and chip["5F34"].hex() != request[23][1:]:
        raise Refuse(FORMAT, "tag 5F34")
    if chip["9F27"][0] & 0xC0 != _ARQC:
        raise Refuse(FORMAT, "not an ARQC")
    return chip


def says_online_pin(chip):
    """Does 9F34 (where it is given) say that a PIN for the bank was asked?"""
    return len(chip.get("9F34", b"")) == 3 and chip["9F34"][0] & 0x3F == _ONLINE_PIN


class CardKeys:
    """One card's keys at the bank, derived for one request. `spoiled` turns one bit of them, so that a genuine card fails."""

    def __init__(self, product, issuer_key, pan, psn, spoiled=False):
        kind, self._version_at, self._version = _VERSIONS[product]
        self.product = product
        self.genuine = kind(issuer_key, _NO_SCRIPTS, _NO_SCRIPTS, pan, psn)
        if spoiled:
            key = self.genuine.icc_mk_ac
            self.genuine.icc_mk_ac = bytes((key[0] ^ 0x10,)) + key[1:]

    def verify(self, chip):
        """Raises Refuse(FRAUD) unless 9F26 is this card's cryptogram over this transaction."""
        issuer_data = chip.get("9F10", b"")
        if len(issuer_data) != _ISSUER_DATA_BYTES[self.product] or issuer_data[self._version_at] != self._version:
            raise Refuse(FRAUD, "cryptogram version")
        signed = [chip[tag] for tag in _SIGNED]
        if self.product == "visa-10":
            signed.append(issuer_data[3:7])
        elif self.product == "visa-18":
            signed.append(issuer_data)
        elif self.product == "mchip-16":
            signed.append(issuer_data[2:8])
        else:
            signed += [issuer_data[2:8], issuer_data[10:18]]
        if not hmac.compare_digest(self.genuine.generate_ac(*signed), chip["9F26"]):
            raise Refuse(FRAUD, "cryptogram")

    def answer(self, chip, response):
        """Issuer authentication data, tag 91: method 2 for Visa 18, method 1 for the others (EMV Book 2 8.2)."""
        approved = response == APPROVED
        if self.product == "visa-18":
            update = bytes.fromhex("00800000" if approved else "00000000")     # card status update: issuer approves
            return self.genuine.generate_arpc(chip["9F26"], chip["9F36"], update) + update
        code = response.encode("ascii") if self.product == "visa-10" else (b"\x00\x10" if approved else b"\x00\x00")
        return self.genuine.generate_arpc(chip["9F26"], code) + code


def entered_pin(block, key, pan):
    """The PIN (str) of an ISO 9564-1 format 4 block. Raises Refuse(SECURITY) where it is none: that is a key or a terminal gone wrong."""
    try:
        return pinblock.decipher_pinblock_iso_4(key, block, pan)
    except ValueError as bad:
        raise Refuse(SECURITY, "pin block") from bad
