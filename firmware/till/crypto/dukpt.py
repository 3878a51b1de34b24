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
_ZEROS = bytes(32)
_UPDATE = 0xFFFFFFFF          # 6.6: the counter under which a new initial key travels


def one_bits(counter):
    count = 0
    while counter:
        counter &= counter - 1
        count += 1
    return count


def _lowest(counter):
    """The lowest one bit, without a negative number in between."""
    return counter ^ (counter & counter - 1)


def _highest(bits):
    bit = 0x80000000
    while not bits & bit:
        bit >>= 1
    return bit


def valid(counter):
    """Whether a transaction may use `counter`: 1 to FFFF0000, at most 16 one bits."""
    return 0 < counter <= _LAST and one_bits(counter) <= _MOST_BITS


def next_counter(counter):
    """The next counter that a transaction may use after `counter` (0 before the first). Raises WornOut."""
    counter += 1
    while one_bits(counter) > _MOST_BITS:
        counter += _lowest(counter)
    if counter > _LAST:
        raise WornOut
    return counter


def _derive(key, usage, kind, tail, out):
    """Fills `out` with the key of `usage` and `kind` under `key` (6.3.3): AES of the derivation data. Returns how many blocks it took.

    `tail` is the last 8 bytes of the derivation data; `out` is not `key`.
    """
    if len(out) == 16:
        _label(out, 1, usage, kind, tail)
        aes.encrypt(key, out)
        return 1
    work = bytearray(32)                                   # 24 or 32 bytes of key: two blocks, numbered
    _label(work, 1, usage, kind, tail)
    second = memoryview(work)[16:]
    _label(second, 2, usage, kind, tail)
    aes.encrypt(key, work)
    out[:] = memoryview(work)[:len(out)]
    work[:] = _ZEROS
    return 2


def _label(data, number, usage, kind, tail):
    """Derivation data, version 1: block number, usage, algorithm, length of the key in bits, then what tells this key from others."""
    data[0], data[1], data[2], data[3] = 1, number, usage >> 8, usage & 0xFF
    data[4], data[5], data[6], data[7] = 0, kind[0], kind[1] >> 8, kind[1] & 0xFF
    data[8:16] = tail


def initial_key(bdk, key_id):
    """The initial key of `key_id` (8 bytes) under `bdk` (16, 24 or 32 bytes), a bytearray as long. For provisioning and tests."""
    out = bytearray(len(bdk))
    _derive(bdk, _INITIAL, _own_kind(len(bdk)), key_id, out)
    return out


def _own_kind(size):
    kinds = {16: AES128, 24: AES192, 32: AES256}
    if size not in kinds:
        raise ValueError("key")
    return kinds[size]


def frontier(counter):
    """The derivation keys from which `counter` and every later one come, and none before: counters, whose keys are those of 6.4. It is `counter`
    itself, and for each higher bit that it has not, the counter that has its bits above, then that one."""
    yield counter
    bit = _lowest(counter) << 1
    while bit <= 0x80000000:
        if not counter & bit:
            node = (counter | bit) & ~(bit - 1)
            if one_bits(node) <= _MOST_BITS:
                yield node
        bit <<= 1


def comes_from(counter, node):
    """Is `counter` the one of `node`, or below it on the way? All come from 0, the initial key."""
    return not node or counter & node == node and (counter ^ node) < _lowest(node)


class Dukpt:
    """Working keys. `key_id`: 8 bytes; `find(counter, out)` fills `out` with the derivation key that is nearest above `counter`, and returns whose
    it is: a counter, or 0 for the initial key. `size`: its bytes. Keeps the key of the last counter alone; `blocks` counts AES blocks, for tests.
    """

    def __init__(self, key_id, find, size=16):
        if len(key_id) != 8:
            raise ValueError("key id")
        self.key_id, self._find, self._kind = key_id, find, _own_kind(size)
        self._tail = bytearray(8)
        self._tail[:4] = key_id[4:]
        self._here, self._there = bytearray(size), bytearray(size)
        self._counter = 0               # whose key `_here` is; 0: nobody's
        self.blocks = 0

    def ksn(self, counter):
        """The key serial number of `counter`, 12 bytes."""
        return bytes(self.key_id) + counter.to_bytes(4, "big")

    def key(self, counter, usage, bits=128, kind=None):
        """A working key, a bytearray that the caller wipes: AES of `bits`, or of `kind` (TDEA2, HMAC256, ...) where one is named.

        Raises Malformed("counter") for a counter that may not be used, and what `find` raises.
        """
        if not valid(counter):
            raise Malformed("counter")
        return self._working(counter, usage, kind or _AES[bits])

    def update_key(self, kind=AES128):
        """The key under which a new initial key travels (6.6), a bytearray."""
        return self._working(_UPDATE, KEY_ENCRYPTION, kind)

    def _working(self, counter, usage, kind):
        out = bytearray(kind[1] // 8)
        self.walk(counter)
        self._tail[4:] = counter.to_bytes(4, "big")
        self.blocks += _derive(self._here, usage, kind, self._tail, out)
        return out

    def derivation_key(self, counter):
        """The intermediate derivation key of `counter` (6.4), a bytearray that the caller wipes."""
        self.walk(counter)
        return bytearray(self._here)

    def walk(self, counter):
        """Have the derivation key of `counter` at hand: a derivation for each one bit (6.4) from the nearest that is known."""
        at, self._counter = self._counter, 0            # nobody's, while the way is being laid
        if not at or not comes_from(counter, at):
            at = self._find(counter, self._here)
        while at != counter:
            bit = _highest(counter ^ at)
            at |= bit
            self._tail[4:] = at.to_bytes(4, "big")
            self.blocks += _derive(self._here, _DERIVATION, self._kind, self._tail, self._there)
            self._here, self._there = self._there, self._here
        self._counter = counter

    def wipe(self):
        """Forgets every key."""
        for i in range(len(self._here)):
            self._here[i] = self._there[i] = 0
        self._counter = 0


def under(initial, key_id):
    """A Dukpt whose every key comes from `initial`, a bytearray of 16, 24 or 32 bytes that stays the caller's."""
    def find(counter, out):
        out[:] = initial
        return 0
    return Dukpt(key_id, find, len(initial))
