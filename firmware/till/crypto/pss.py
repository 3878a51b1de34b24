# pss.py: checks RSASSA-PSS signatures, SHA-256 and MGF1 with SHA-256 (RFC 8017 8.1.2) [pure]. A wrong one is False, never an error.
# The large number is raised half a step at a time, so that no loop is held: some 7 ms on a microcontroller with a key of 3,072 bits.
from hashlib import sha256

from till.crypto.equal import equal

_HASH, SALT = 32, 32            # bytes


def raised(signature, exponent, modulus):
    """A generator of the steps of signature ** exponent % modulus (numbers), two a bit of the exponent; its last value is the answer."""
    bit = 1
    while bit << 1 <= exponent:
        bit <<= 1
    value = signature % modulus
    while bit > 1:
        bit >>= 1
        value = value * value
        yield value
        value = value % modulus
        if exponent & bit:
            value = value * signature % modulus
        yield value


def _mask(seed, size):
    """MGF1 (B.2.1): `size` bytes out of `seed`."""
    out = bytearray()
    number = 0
    while len(out) < size:
        digest = sha256(seed)
        digest.update(number.to_bytes(4, "big"))
        out += digest.digest()
        number += 1
    return out


def holds(encoded, digest, bits):
    """Is `encoded` (bytes) the encoding of a message with this SHA-256 `digest` for a modulus of `bits` (9.1.2, salt of 32 bytes)?"""
    size = (bits + 6) // 8                                  # of bits - 1
    if len(encoded) != size or size < _HASH + SALT + 2 or encoded[-1] != 0xBC:
        return False
    cut = size - _HASH - 1
    block, mark = bytearray(encoded[:cut]), bytes(encoded[cut:cut + _HASH])
    spare = 8 * size - (bits - 1)
    if block[0] & (0xFF00 >> spare & 0xFF):
        return False
    mask = _mask(mark, cut)
    for i in range(cut):
        block[i] ^= mask[i]
    block[0] &= 0xFF >> spare
    filling = cut - SALT - 1
    for i in range(filling):
        if block[i]:
            return False
    if block[filling] != 1:
        return False
    whole = sha256(bytes(8))
    whole.update(digest)
    whole.update(bytes(block[filling + 1:]))
    return equal(whole.digest(), mark)


def _bits(number, size):
    """Bits of a number whose leftmost byte, of `size`, is not zero."""
    top, count = number >> 8 * (size - 1), 8 * (size - 1)
    while top:
        top >>= 1
        count += 1
    return count


def steps(modulus, exponent, digest, signature):
    """A generator of None while it works, then True or False: is `signature` one of `digest` (SHA-256, 32 bytes)? `modulus`, `signature`: bytes,
    big end first; `exponent`: a number."""
    size = len(modulus)
    n, s = int.from_bytes(modulus, "big"), int.from_bytes(signature, "big")
    if len(signature) != size or not modulus[0] or s >= n:
        yield False
        return
    value = s
    for value in raised(s, exponent, n):            # noqa: B007 (the last one is the answer)
        yield None
    bits = _bits(n, size)
    wide = (bits + 6) // 8
    yield value >> 8 * wide == 0 and holds(value.to_bytes(wide, "big"), digest, bits)


def verify(modulus, exponent, digest, signature):
    """`steps` in one go: True or False."""
    answer = None
    for answer in steps(modulus, exponent, digest, signature):          # noqa: B007 (as above)
        pass
    return bool(answer)
