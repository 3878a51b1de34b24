# aes_plain.py: AES (FIPS 197) in plain Python, for boards without cryptolib and for 192-bit keys. Slow; ValueError for a bad key size.

_SBOX = bytearray(256)
_INVERSE = bytearray(256)


def _twice(byte):
    """byte * x in GF(2^8) (FIPS 197 4.2.1)."""
    return (byte << 1 ^ 0x11B) & 0xFF if byte & 0x80 else byte << 1


def _fill():
    """Both substitution boxes (FIPS 197 5.1.1): walks all non-zero bytes as powers of 3, with their inverses beside them."""
    power = inverse = 1
    while True:
        power ^= _twice(power)                       # times 3
        inverse ^= inverse << 1                      # divided by 3
        inverse ^= inverse << 2
        inverse ^= inverse << 4
        inverse = (inverse ^ 0x09 if inverse & 0x80 else inverse) & 0xFF
        spread = inverse * 0x0101
        mixed = (inverse ^ spread >> 7 ^ spread >> 6 ^ spread >> 5 ^ spread >> 4) & 0xFF
        _SBOX[power] = mixed ^ 0x63
        if power == 1:
            break
    _SBOX[0] = 0x63
    for i in range(256):
        _INVERSE[_SBOX[i]] = i


_fill()


def _expand(key):
    """The key schedule (FIPS 197 5.2) as a bytearray, 16 bytes a round; the caller wipes it."""
    size = len(key)
    if size not in (16, 24, 32):
        raise ValueError("key")
    total = 16 * (size // 4 + 7)
    words = bytearray(total)
    words[:size] = key
    constant = 1
    for at in range(size, total, 4):
        a, b, c, d = words[at - 4], words[at - 3], words[at - 2], words[at - 1]
        if at % size == 0:
            a, b, c, d = _SBOX[b] ^ constant, _SBOX[c], _SBOX[d], _SBOX[a]
            constant = _twice(constant)
        elif size == 32 and at % size == 16:
            a, b, c, d = _SBOX[a], _SBOX[b], _SBOX[c], _SBOX[d]
        back = at - size
        words[at], words[at + 1] = words[back] ^ a, words[back + 1] ^ b
        words[at + 2], words[at + 3] = words[back + 2] ^ c, words[back + 3] ^ d
    return words


def _add(block, at, words, turn):
    turn *= 16
    for i in range(16):
        block[at + i] ^= words[turn + i]


def _substitute(block, at, box, step):
    """Bytes through `box` and rows shifted by `step` columns each (1 to encrypt, -1 to decrypt)."""
    for i in range(16):
        block[at + i] = box[block[at + i]]
    for row in range(1, 4):
        shift = row * step
        a, b, c, d = (block[at + row + 4 * ((column + shift) % 4)] for column in range(4))
        block[at + row], block[at + row + 4], block[at + row + 8], block[at + row + 12] = a, b, c, d


def _mix(block, at):
    for i in range(at, at + 16, 4):
        a, b, c, d = block[i], block[i + 1], block[i + 2], block[i + 3]
        every = a ^ b ^ c ^ d
        block[i] = a ^ every ^ _twice(a ^ b)
        block[i + 1] = b ^ every ^ _twice(b ^ c)
        block[i + 2] = c ^ every ^ _twice(c ^ d)
        block[i + 3] = d ^ every ^ _twice(d ^ a)


def _encrypt_block(block, at, words):
    last = len(words) // 16 - 1
    _add(block, at, words, 0)
    for turn in range(1, last + 1):
        _substitute(block, at, _SBOX, 1)
        if turn < last:
            _mix(block, at)
        _add(block, at, words, turn)


def _decrypt_block(block, at, words):
    last = len(words) // 16 - 1
    for turn in range(last, 0, -1):
        _add(block, at, words, turn)
        if turn < last:
            for _ in range(3):                       # the mixing of columns has order 4: three more undo it
                _mix(block, at)
        _substitute(block, at, _INVERSE, -1)
    _add(block, at, words, 0)


class Aes:
    """cryptolib's aes, by the same names: mode 1 is ECB, 2 is CBC. encrypt and decrypt take a buffer and the one to fill."""

    def __init__(self, key, mode, iv=None):
        """Raises ValueError for a size or mode that AES has not."""
        if mode not in (1, 2) or (mode == 2 and (iv is None or len(iv) != 16)):
            raise ValueError("mode")
        self._words = _expand(key)
        self._last = bytearray(iv) if mode == 2 else None

    def encrypt(self, data, out):
        if len(data) % 16:
            raise ValueError("size")
        out[:] = data
        for at in range(0, len(out), 16):
            if self._last is not None:
                for i in range(16):
                    out[at + i] ^= self._last[i]
            _encrypt_block(out, at, self._words)
            if self._last is not None:
                self._last[:] = out[at:at + 16]

    def decrypt(self, data, out):
        if len(data) % 16:
            raise ValueError("size")
        last = self._last
        out[:] = data
        for at in range(0, len(out), 16):
            if last is not None:
                sealed = bytes(out[at:at + 16])
            _decrypt_block(out, at, self._words)
            if last is not None:
                for i in range(16):
                    out[at + i] ^= last[i]
                last[:] = sealed
