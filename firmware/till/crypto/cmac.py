# cmac.py: CMAC over AES or TDES (NIST SP 800-38B, RFC 4493), one CBC call a message. ValueError for a bad key size.
from till.crypto import aes

_ZERO = bytes(16)             # the zero IV of CBC


def _double(block):
    """Times x in GF(2^128) or GF(2^64), in place (SP 800-38B 6.1): shift left, then the constant of 5.3 if a bit fell out."""
    fell = block[0] & 0x80
    last = len(block) - 1
    for i in range(last):
        block[i] = (block[i] << 1 | block[i + 1] >> 7) & 0xFF
    block[last] = block[last] << 1 & 0xFF
    if fell:
        block[last] ^= 0x87 if last == 15 else 0x1B


def _mac(cipher, block_size, key, message, out):
    size = len(message)
    padded = (size + block_size - 1) // block_size * block_size or block_size
    work = bytearray(padded)
    work[:size] = message
    subkey = bytearray(block_size)
    cipher.encrypt(key, subkey)
    _double(subkey)
    if size < padded:                    # 6.2 step 4: a message that ends inside a block is padded and takes the second subkey
        work[size] = 0x80
        _double(subkey)
    last = padded - block_size
    for i in range(block_size):
        work[last + i] ^= subkey[i]
        subkey[i] = 0
    cipher.chain(key, _ZERO[:block_size], work)
    if out is None:
        return work[last:]
    out[:] = memoryview(work)[last:last + len(out)]
    return out


def cmac(key, message, out=None):
    """AES-CMAC of `message` (bytes-like) under `key` (16, 24 or 32 bytes): a bytearray of 16, or the leftmost len(out) bytes in `out`."""
    return _mac(aes, 16, key, message, out)


def cmac_tdes(key, message, out=None):
    """TDES-CMAC under a key of 16 or 24 bytes: 8 bytes, as above."""
    from till.crypto import des
    return _mac(des, 8, key, message, out)


def kcv(key, size=3):
    """Key check value of an AES key: the leftmost bytes of the CMAC of 16 zero bytes (X9.24-1:2017 annex A)."""
    return cmac(key, _ZERO, bytearray(size))
