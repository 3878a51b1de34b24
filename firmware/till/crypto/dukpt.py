# dukpt.py: AES DUKPT (ANSI X9.24-3:2017), the terminal's side. WornOut at the end of the counter; a bad counter is Malformed.
from micropython import const

from till.core.errors import Malformed, WornOut
from till.crypto import aes

# Key usages (X9.24-3 6.3.2); request and response as the terminal sees them
KEY_ENCRYPTION = const(0x0002)
PIN = const(0x1000)
MAC_REQUEST = const(0x2000)
MAC_RESPONSE = const(0x2001)
MAC_BOTH = const(0x2002)
DATA_REQUEST = const(0x3000)
DATA_RESPONSE = const(0x3001)
DATA_BOTH = const(0x3002)
_DERIVATION = const(0x8000)
_INITIAL = const(0x8001)

# Key types: algorithm indicator, bits
TDEA2 = (0, 128)
TDEA3 = (1, 192)
AES128 = (2, 128)
AES192 = (3, 192)
AES256 = (4, 256)
HMAC128 = (5, 128)
HMAC192 = (5, 192)
HMAC256 = (5, 256)
_AES = {128: AES128, 192: AES192, 256: AES256}

_MOST_BITS = const(16)        # 6.3.1: a transaction counter has at most 16 one bits
_LAST = 0xFFFF0000            # the last of them
_UPDATE = 0xFFFFFFFF          # 6.6: the counter under which a new initial key travels


def one_bits(counter):
    count = 0
    while counter:
        counter &= counter - 1
        count += 1
    return count


def valid(counter):
    """Whether a transaction may use `counter`: 1 to FFFF0000, at most 16 one bits."""
    return 0 < counter <= _LAST and one_bits(counter) <= _MOST_BITS


def next_counter(counter):
    """The next counter that a transaction may use after `counter` (0 before the first). Raises WornOut."""
    counter += 1
    while one_bits(counter) > _MOST_BITS:
        counter += counter & -counter
    if counter > _LAST:
        raise WornOut
    return counter


def _derive(key, usage, kind, tail, out):
    """Fills `out` with the key of `usage` and `kind` under `key` (6.3.3): AES of the derivation data, a block a half. Returns blocks used.

    `tail` is the last 8 bytes of the derivation data. `key` and `out` may be one buffer where both are one block or `out` is scratch.
    """
    algorithm, bits = kind
    size, blocks = bits // 8, (bits + 127) // 128
    data = bytearray(16 * blocks)
    for block in range(blocks):
        at = 16 * block
        data[at], data[at + 1], data[at + 2], data[at + 3] = 1, block + 1, usage >> 8, usage & 0xFF    # version 1
        data[at + 5], data[at + 6], data[at + 7] = algorithm, bits >> 8, bits & 0xFF
        data[at + 8:at + 16] = tail
    aes.encrypt(key, data)
    if len(data) == size:
        out[:] = data
    else:
        out[:] = memoryview(data)[:size]
    for i in range(len(data)):
        data[i] = 0
    return blocks


def initial_key(bdk, key_id):
    """The initial key of `key_id` (8 bytes) under `bdk` (16, 24 or 32 bytes), a bytearray as long. For provisioning and tests."""
    out = bytearray(len(bdk))
    _derive(bdk, _INITIAL, _own_kind(bdk), key_id, out)
    return out


def _own_kind(key):
    kinds = {16: AES128, 24: AES192, 32: AES256}
    if len(key) not in kinds:
        raise ValueError("key")
    return kinds[len(key)]


class Dukpt:
    """Working keys of one initial key. Keeps the keys on the way to the last counter, so the next one costs one derivation.

    `initial` is a bytearray of 16, 24 or 32 bytes that stays the caller's; `key_id` its 8 bytes. `blocks` counts AES blocks, for tests.
    Wipe it when the vault locks. The keys on the way are as secret as the initial key that the vault holds beside them.
    """

    def __init__(self, initial, key_id):
        if len(key_id) != 8:
            raise ValueError("key id")
        self._initial, self._kind = initial, _own_kind(initial)
        self._size = len(initial)
        self._tail = bytearray(8)
        self._tail[:4] = key_id[4:]
        self.key_id = key_id
        self._path = bytearray(32 * self._size)         # keys on the way, most significant one bit of the counter first
        self._counter = 0
        self.blocks = 0

    def ksn(self, counter):
        """The key serial number of `counter`, 12 bytes."""
        return bytes(self.key_id) + counter.to_bytes(4, "big")

    def key(self, counter, usage, bits=128, kind=None):
        """A working key, a bytearray that the caller wipes: AES of `bits`, or of `kind` (TDEA2, HMAC256, ...) where one is named.

        Raises Malformed("counter") for a counter that may not be used.
        """
        if not valid(counter):
            raise Malformed("counter")
        return self._working(counter, usage, kind or _AES[bits])

    def update_key(self, kind=AES128):
        """The key under which a new initial key travels (6.6), a bytearray."""
        return self._working(_UPDATE, KEY_ENCRYPTION, kind)

    def _working(self, counter, usage, kind):
        out = bytearray(kind[1] // 8)
        parent = self._walk(counter)
        self._tail[4:] = counter.to_bytes(4, "big")
        self.blocks += _derive(parent, usage, kind, self._tail, out)
        return out

    def derivation_key(self, counter):
        """The intermediate derivation key of `counter`, a bytearray. For vectors and tests alone."""
        return bytearray(self._walk(counter))

    def _walk(self, counter):
        """Window on the derivation key of `counter`: from the initial key, a derivation for each one bit (6.4), known ones skipped."""
        path, size = memoryview(self._path), self._size
        known, so_far, depth, key = self._counter, 0, 0, self._initial
        same, bit = True, 1 << 31
        self._counter = 0                               # nothing is known while the way is being laid
        while bit:
            if counter & bit:
                so_far |= bit
                at = depth * size
                if not (same and known & bit):
                    same = False
                    self._tail[4:] = so_far.to_bytes(4, "big")
                    self.blocks += _derive(key, _DERIVATION, self._kind, self._tail, path[at:at + size])
                key = path[at:at + size]
                depth += 1
            elif known & bit:
                same = False
            bit >>= 1
        self._counter = counter
        return key

    def wipe(self):
        """Forgets every key on the way."""
        for i in range(len(self._path)):
            self._path[i] = 0
        self._counter = 0
