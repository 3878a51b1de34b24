# des.py: triple DES (FIPS 46-3) in plain Python, for what card schemes still carry. Slow; ValueError for a bad key size.

# Bit numbers of the standard, 1 is the leftmost
_PC1 = (57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55, 47, 39,
        31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4)
_PC2 = (14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30, 40, 51,
        45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32)
_P = (16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25)
_SHIFTS = (1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1)
_BOXES = (                    # S1 to S8: rows 0 to 3 end to end, one hex digit an entry
    "E4D12FB83A6C59070F74E2D1A6CB953841E8D62BFC973A50FC8249175B3EA06D",
    "F18E6B34972DC05A3D47F28EC01A69B50E7BA4D158C6932FD8A13F42B67C05E9",
    "A09E63F51DC7B428D709346A285ECBF1D6498F30B12C5AE71AD069874FE3B52C",
    "7DE3069A1285BC4FD8B56F03472C1AE9A690CB7DF13E52843F06A1D8945BC72E",
    "2C417AB6853FD0E9EB2C47D150FA3986421BAD78F9C5630EB8C71E2D6F09A453",
    "C1AF92680D34E75BAF427C9561DE0B389EF528C3704A1DB6432C95FABE17608D",
    "4B2EF08D3C975A61D0B7491AE35C2F8614BDC37EAF6805926BD814A7950FE23C",
    "D2846FB1A93E50C71FD8A374C56B0E927B419CE206ADF35821E74A8DFC90356B",
)


def _fill():
    """Eight tables of 64 words: a substitution box and the permutation P after it, in one look-up."""
    tables = []
    for number, box in enumerate(_BOXES):
        table = []
        for six in range(64):
            row, column = (six >> 4 & 2) | (six & 1), six >> 1 & 0xF
            four = int(box[16 * row + column], 16) << 4 * (7 - number)
            word = 0
            for place in _P:
                word = word << 1 | four >> 32 - place & 1
            table.append(word)
        tables.append(tuple(table))
    return tuple(tables)


_TABLES = _fill()


def _pick(value, size, places):
    """The bits of `value` (`size` bits wide) at `places`, in that order."""
    picked = 0
    for place in places:
        picked = picked << 1 | value >> size - place & 1
    return picked


def _schedule(key):
    """Sixteen round keys of 48 bits (FIPS 46-3, key schedule) for 8 bytes of key; parity bits are ignored."""
    both = _pick(int.from_bytes(key, "big"), 64, _PC1)
    left, right = both >> 28, both & 0xFFFFFFF
    rounds = []
    for shift in _SHIFTS:
        left = (left << shift | left >> 28 - shift) & 0xFFFFFFF
        right = (right << shift | right >> 28 - shift) & 0xFFFFFFF
        rounds.append(_pick(left << 28 | right, 56, _PC2))
    return rounds


def _swap(left, right, shift, bits):
    """One step of the initial permutation: exchanges the bits under `bits` of right with those `shift` higher in left."""
    moved = (left >> shift ^ right) & bits
    return left ^ moved << shift, right ^ moved


_IP = ((4, 0x0F0F0F0F), (16, 0x0000FFFF), (2, 0x33333333), (8, 0x00FF00FF), (1, 0x55555555))


def _initial(left, right):
    for at, (shift, bits) in enumerate(_IP):
        if at in (2, 3):
            right, left = _swap(right, left, shift, bits)
        else:
            left, right = _swap(left, right, shift, bits)
    return left, right


def _final(left, right):
    for at in range(4, -1, -1):
        shift, bits = _IP[at]
        if at in (2, 3):
            right, left = _swap(right, left, shift, bits)
        else:
            left, right = _swap(left, right, shift, bits)
    return left, right


def _rounds(left, right, keys):
    for key in keys:
        wide = (right & 1) << 33 | right << 1 | right >> 31          # E: each four bits with a neighbour on both sides
        word = 0
        for box in range(8):
            word |= _TABLES[box][(wide >> 28 - 4 * box ^ key >> 42 - 6 * box) & 0x3F]
        left, right = right, left ^ word
    return right, left


class _Tdes:
    """One to three keys' schedules (a key of 8 bytes is single DES); a block is a 64-bit number."""

    def __init__(self, key):
        if len(key) not in (8, 16, 24):
            raise ValueError("key")
        first = _schedule(key[:8])
        self._keys = (first,)
        if len(key) > 8:
            second = _schedule(key[8:16])
            second.reverse()
            self._keys = (first, second, _schedule(key[16:]) if len(key) == 24 else first)

    def encrypt(self, block):
        return _through(block, self._keys)

    def decrypt(self, block):
        return _through(block, [tuple(reversed(keys)) for keys in reversed(self._keys)])


def _through(block, schedules):
    left, right = _initial(block >> 32, block & 0xFFFFFFFF)
    for keys in schedules:                                          # encrypt, decrypt, encrypt: IP and its inverse cancel between
        left, right = _rounds(left, right, keys)
    left, right = _final(left, right)
    return left << 32 | right


def _each(work, data):
    """`work` of each block of `data`, in place."""
    for at in range(0, len(data), 8):
        data[at:at + 8] = work(int.from_bytes(bytes(data[at:at + 8]), "big")).to_bytes(8, "big")


def encrypt(key, data):
    """ECB, in place over `data`, whole blocks of 8; `key` is 8, 16 or 24 bytes."""
    _each(_Tdes(key).encrypt, data)


def decrypt(key, data):
    """ECB, in place, as above."""
    _each(_Tdes(key).decrypt, data)


def unchain(key, iv, data):
    """CBC decryption in place from `iv`, 8 bytes."""
    cipher, last = _Tdes(key), int.from_bytes(iv, "big")
    for at in range(0, len(data), 8):
        block = int.from_bytes(bytes(data[at:at + 8]), "big")
        data[at:at + 8] = (cipher.decrypt(block) ^ last).to_bytes(8, "big")
        last = block


class Chain:
    """CBC encryption from zero, or from what start() says; each call goes on from the last. `key` is 8, 16 or 24 bytes."""

    def __init__(self, key):
        self._cipher, self._last = _Tdes(key), 0

    def start(self, iv):
        self._last = int.from_bytes(iv, "big")

    def encrypt(self, data, out):
        for at in range(0, len(data), 8):
            self._last = self._cipher.encrypt(int.from_bytes(bytes(data[at:at + 8]), "big") ^ self._last)
            out[at:at + 8] = self._last.to_bytes(8, "big")


def chain(key, iv, data):
    """CBC encryption in place from `iv`, 8 bytes; `key` is 8, 16 or 24 bytes."""
    work = Chain(key)
    work.start(iv)
    work.encrypt(data, data)
