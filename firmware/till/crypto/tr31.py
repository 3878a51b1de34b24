# tr31.py: opens key blocks (ANSI X9.143:2022, formerly TR-31): AES version D, and the TDES versions A, B, C where they are allowed [pure].
# A block is taken whole or refused: Malformed names the part that is wrong, WrongMac a block that was altered or made under another key.
from till.core.errors import Malformed, WrongMac
from till.crypto import aes
from till.crypto.cmac import cmac, cmac_tdes
from till.crypto.equal import equal

_HEADER = 16                    # X9.143 4.2: fixed part, in characters
_MOST = 1024                    # characters; a block of an AES-256 key with some optional parts has less than 300
_ENCRYPTION, _MAC = 0, 1        # annex A: what a derived key is for
_KINDS = {16: 2, 24: 3, 32: 4}  # annex A: algorithm indicators of AES keys by their bytes; TDES keys: 0 and 1
_VARIANTS = (0x45, 0x4D)        # 5.2: versions A and C make their two keys by XOR
_VERSIONS = {"A": (8, 4), "B": (8, 8), "C": (8, 4), "D": (16, 16)}      # bytes of a cipher block, of the MAC


class Header:
    """What a block says of its key: `usage` (B1, K1, P0 ...), `algorithm`, `mode`, `number` (its version), `exportability`: text; `optional`:
    [(id, data)], as they stand."""

    def __init__(self, text):
        self.version, self.usage, self.algorithm, self.mode = text[0], text[5:7], text[7], text[8]
        self.number, self.exportability = text[9:11], text[11]
        self.optional = []

    def part(self, wanted):
        """The data of the optional part of this id, or None."""
        for name, data in self.optional:
            if name == wanted:
                return data
        return None


def _decimal(text):
    _signs(text, "0123456789")
    return int(text)


def _signs(text, allowed):
    for sign in text:
        if sign not in allowed:
            raise Malformed("digits")


def _hexadecimal(text):
    _signs(text, "0123456789ABCDEF")                    # 4.1: capital letters alone
    return bytes.fromhex(text)


def read(block):
    """(Header, characters it takes) of a key block, a str. Nothing of it is believed before `unwrap` has checked its MAC. Raises Malformed."""
    if not _HEADER < len(block) <= _MOST or block[0] not in _VERSIONS:
        raise Malformed("version" if block and block[0] not in _VERSIONS else "size")
    if _decimal(block[1:5]) != len(block) or len(block) % _VERSIONS[block[0]][0]:
        raise Malformed("size")
    if block[14:16] != "00":
        raise Malformed("reserved")
    header, at = Header(block), _HEADER
    for _ in range(_decimal(block[12:14])):
        size = _hexadecimal(block[at + 2:at + 4])
        if not size or size[0] < 4 or at + size[0] > len(block):        # 0 would begin an extended length (4.4.2), which no block of ours has
            raise Malformed("optional")
        header.optional.append((block[at:at + 2], block[at + 4:at + size[0]]))
        at += size[0]
    if at % _VERSIONS[block[0]][0]:
        raise Malformed("optional")
    return header, at


def _by_cmac(mac, kind, kbpk, purpose, wide):
    """The encryption or MAC key of versions B and D (annex A): as long as the protection key, `wide` bytes a round."""
    out = bytearray()
    for number in range(1, (len(kbpk) + wide - 1) // wide + 1):
        out += mac(kbpk, bytes((number, 0, purpose, 0, 0, kind, len(kbpk) * 8 >> 8, len(kbpk) * 8 & 0xFF)))
    return out[:len(kbpk)]


def _keys(version, kbpk):
    """(encryption key, MAC key), bytearrays."""
    if len(kbpk) not in ((16, 24, 32) if version == "D" else (16, 24)):
        raise Malformed("protection key")
    if version in "AC":
        return tuple(bytearray(byte ^ mask for byte in kbpk) for mask in _VARIANTS)
    if version == "B":
        return tuple(_by_cmac(cmac_tdes, 1 if len(kbpk) == 24 else 0, kbpk, purpose, 8) for purpose in (_ENCRYPTION, _MAC))
    return tuple(_by_cmac(cmac, _KINDS[len(kbpk)], kbpk, purpose, 16) for purpose in (_ENCRYPTION, _MAC))


def _opened(version, kbpk, head, body, mac):
    """The plain key data, whose MAC was right: length in bits, key, filling. A bytearray to be wiped."""
    encryption, marking = _keys(version, kbpk)
    try:
        work = bytearray(body)
        if version == "D":
            aes.cipher(encryption, aes.CBC, mac).decrypt(work, work)
            good = equal(cmac(marking, head + work), mac)
        else:
            from till.crypto import des
            if version == "B":
                des.unchain(encryption, mac, work)
                good = equal(cmac_tdes(marking, head + work), mac)
            else:
                marked = bytearray(head + body)
                des.chain(marking, bytes(8), marked)
                good = equal(bytes(marked[-8:-4]), mac)
                des.unchain(encryption, head[:8], work)
        if not good:
            _wipe(work)
            raise WrongMac("key block")
        return work
    finally:
        _wipe(encryption)
        _wipe(marking)


def _wipe(data):
    for i in range(len(data)):
        data[i] = 0


def unwrap(kbpk, block, tdes=False):
    """(Header, key) of a key block (str) under its protection key (bytes-like of 16, 24 or 32); the key is a bytearray that the caller wipes.

    Versions A, B and C are read only with `tdes`. Raises Malformed("version", "size", "digits", ...) or WrongMac.
    """
    header, at = read(block)
    if header.version != "D" and not tdes:
        raise Malformed("version")
    wide, mac_bytes = _VERSIONS[header.version]
    cut = len(block) - 2 * mac_bytes
    if cut - at < 2 * wide or (cut - at) % (2 * wide):
        raise Malformed("size")
    work = _opened(header.version, kbpk, block[:at].encode(), _hexadecimal(block[at:cut]), _hexadecimal(block[cut:]))
    try:
        bits = work[0] << 8 | work[1]
        if bits & 7 or not 0 < bits >> 3 <= len(work) - 2:
            raise Malformed("key length")
        return header, work[2:2 + (bits >> 3)]
    finally:
        _wipe(work)
