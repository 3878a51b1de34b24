# oaep.py: seals a short secret to an RSA public key: RSAES-OAEP, SHA-1 and MGF1 with SHA-1 (RFC 8017 7.1.1), which key stores everywhere open [pure].
# Malformed for a key or a secret of the wrong size.
from hashlib import sha1

from till.core.errors import Malformed

_HASH = 20
_EMPTY = b"\xda9\xa3\xee^kK\r2U\xbf\xef\x95`\x18\x90\xaf\xd8\x07\t"        # SHA-1 of the empty label


def _xor(data, seed):
    """MGF1 of `seed` over `data`, in place."""
    for number in range((len(data) + _HASH - 1) // _HASH):
        digest = sha1(seed)
        digest.update(number.to_bytes(4, "big"))
        mask = digest.digest()
        at = number * _HASH
        for i in range(min(_HASH, len(data) - at)):
            data[at + i] ^= mask[i]


def seal(modulus, exponent, secret, seed):
    """The sealed secret, as long as `modulus` (bytes, its first bit set). `seed`: 20 fresh random bytes."""
    size = len(modulus)
    if size < 256 or not modulus[0] & 0x80 or len(secret) > size - 2 * _HASH - 2 or len(seed) != _HASH:
        raise Malformed("key size")
    block = bytearray(size)
    block[1:1 + _HASH] = seed
    body = bytearray(_EMPTY) + bytes(size - 2 * _HASH - 2 - len(secret)) + b"\x01" + secret
    _xor(body, bytes(seed))
    head = bytearray(seed)
    _xor(head, bytes(body))
    block[1:1 + _HASH], block[1 + _HASH:] = head, body
    raised = pow(int.from_bytes(bytes(block), "big"), exponent, int.from_bytes(modulus, "big"))
    return raised.to_bytes(size, "big")
