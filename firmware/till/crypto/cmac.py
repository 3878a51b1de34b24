# cmac.py: CMAC over AES or TDES (NIST SP 800-38B, RFC 4493), one CBC call a message. ValueError for a bad key size.
from till.crypto import aes


def _mask(work, size, block):
    """Readies the padded message in `work` (`size` bytes are the message's own) for a CBC that goes on from `block`, the cipher of zeros.

    The first block takes `block`, which CBC takes out again; the last one takes the subkey: `block` times x, or x squared where padding
    was needed (SP 800-38B 6.1: a shift left in GF(2^128) or GF(2^64), with the constant of 5.3 for each bit that falls out).
    """
    wide = len(block)
    at = len(work) - wide
    shift = 1 if size == len(work) else 2
    low, fell = 0x87 if wide == 16 else 0x1B, block[0] >> 8 - shift
    low = (low if fell & 1 else 0) ^ (low << 1 if fell & 2 else 0)
    for i in range(wide):
        after = block[i + 1] if i + 1 < wide else 0
        work[at + i] ^= (block[i] << shift | after >> 8 - shift) & 0xFF
    work[at + wide - 2] ^= low >> 8
    work[at + wide - 1] ^= low & 0xFF
    for i in range(wide):
        work[i] ^= block[i]
        block[i] = 0


mask = _mask
try:
    from till.crypto.cmac_fast import mask          # the same in viper, where the build has it; a test holds both equal
except (ImportError, SyntaxError, ValueError):    # left out, no viper here, or made for another processor
    pass


def _mac(chain, wide, message, out):
    size = len(message)
    block, work = bytearray(wide), bytearray((size + wide - 1) // wide * wide or wide)
    work[:size] = message
    if size < len(work):                 # 6.2 step 4: a message that ends inside a block gets a one bit and zeros
        work[size] = 0x80
    chain.encrypt(block, block)
    mask(work, size, block)
    chain.encrypt(work, work)
    if out is None:
        return work[-wide:]
    out[:] = work[-wide:len(work) - wide + len(out)]
    return out


def cmac(key, message, out=None):
    """AES-CMAC of `message` (bytes-like) under `key` (16, 24 or 32 bytes): a bytearray of 16, or the leftmost len(out) bytes in `out`."""
    return _mac(aes.cipher(key, aes.CBC, aes.ZERO), 16, message, out)


def cmac_tdes(key, message, out=None):
    """TDES-CMAC under a key of 16 or 24 bytes: 8 bytes, as above."""
    from till.crypto import des
    return _mac(des.Chain(key), 8, message, out)


def kcv(key, size=3):
    """Key check value of an AES key: the leftmost bytes of the CMAC of 16 zero bytes (X9.24-1:2017 annex A)."""
    return cmac(key, aes.ZERO, bytearray(size))
