# pbkdf2.py: PBKDF2 with HMAC-SHA-256 (RFC 8018 5.2), one block of 32 bytes, in turns so that no loop is held for long [pure]. Cannot fail.
from hashlib import sha256

_BLOCK = 64
_TURN = 20                      # iterations between two yields: well under 10 ms on a microcontroller


def turns(password, salt, iterations, out):
    """A generator: run it to its end, and `out` (bytearray of 32) holds the key. `password`: at most 64 bytes, read at once."""
    inner, outer = bytearray(b"\x36" * _BLOCK), bytearray(b"\x5c" * _BLOCK)
    for at in range(len(password)):
        inner[at] ^= password[at]
        outer[at] ^= password[at]
    last = _mac(inner, outer, bytes(salt) + b"\x00\x00\x00\x01")
    out[:] = last
    for done in range(1, iterations):
        last = _mac(inner, outer, last)
        for at in range(32):
            out[at] ^= last[at]
        if done % _TURN == 0:
            yield
    for at in range(_BLOCK):
        inner[at] = outer[at] = 0


def _mac(inner, outer, message):
    one = sha256(inner)
    one.update(message)
    two = sha256(outer)
    two.update(one.digest())
    return two.digest()
