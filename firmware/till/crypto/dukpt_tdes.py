# dukpt_tdes.py: DUKPT over TDES (ANSI X9.24-1:2009 annex A), for hosts that have nothing newer [pure]. Malformed for a counter that may not be used,
# WornOut at its end.
from till.core.errors import Malformed, WornOut
from till.crypto import des
from till.crypto.dukpt import one_bits

_COUNTER = 0x1FFFFF             # the rightmost 21 bits of the key serial number
_MOST_BITS = 10                 # A.2: a counter has at most ten one bits
_APART = b"\xc0\xc0\xc0\xc0\x00\x00\x00\x00"
# A.4.1: what is XORed into each half of a transaction key
PIN = b"\x00\x00\x00\x00\x00\x00\x00\xff"
MAC_REQUEST = b"\x00\x00\x00\x00\x00\x00\xff\x00"
MAC_RESPONSE = b"\x00\x00\x00\x00\xff\x00\x00\x00"
DATA_REQUEST = b"\x00\x00\x00\x00\x00\xff\x00\x00"
DATA_RESPONSE = b"\x00\x00\x00\xff\x00\x00\x00\x00"


def _xor(data, mask):
    return bytearray(data[i] ^ mask[i % len(mask)] for i in range(len(data)))


def initial_key(bdk, ksn):
    """The initial key (bytearray of 16) of the device with this key serial number (10 bytes), under a base key of 16 bytes (A.6)."""
    left = bytearray(ksn[:8])
    left[7] &= 0xE0
    right = bytearray(left)
    des.encrypt(bdk, left)
    des.encrypt(_xor(bdk, _APART), right)
    return left + right


def ksn(key_id, counter):
    """The key serial number (10 bytes) of `counter`, for the terminal with this key id: 8 bytes, of which the last five bits make room for it."""
    return bytes(key_id[:7]) + bytes((key_id[7] & 0xE0 | counter >> 16, counter >> 8 & 0xFF, counter & 0xFF))


def next_counter(counter):
    """The next counter that a transaction may use after `counter` (0 before the first). Raises WornOut."""
    counter += 1
    while one_bits(counter) > _MOST_BITS:
        counter += counter ^ (counter & counter - 1)
    if counter > _COUNTER:
        raise WornOut
    return counter


def _half(key, register):
    """A.2, non-reversible key generation: one half of the next key."""
    half = _xor(register, key[8:])
    des.encrypt(key[:8], half)
    return _xor(half, key[8:])


def turns(initial, ksn, key):
    """A generator, one derivation for each one bit of the counter: fills `key` (bytearray of 16) with the key of one transaction."""
    counter, register = int.from_bytes(ksn[7:], "big") & _COUNTER, bytearray(ksn[2:])
    if not 0 < one_bits(counter) <= _MOST_BITS:
        raise Malformed("counter")
    register[5] &= 0xE0
    register[6] = register[7] = 0
    key[:] = initial
    for shift in range(20, -1, -1):
        if counter >> shift & 1:
            at = 7 - (shift >> 3)
            register[at] |= 1 << (shift & 7)
            key[:8], key[8:] = _half(_xor(key, _APART), register), _half(key, register)
            yield


def transaction_key(initial, ksn):
    """The key of one transaction, a bytearray of 16."""
    key = bytearray(16)
    for _turn in turns(initial, ksn, key):
        pass
    return key


def working_key(key, variant):
    """The PIN, MAC or data key out of a transaction key: a bytearray of 16. Data keys are put through themselves once (A.4.1)."""
    out = _xor(key, variant)
    if variant in (DATA_REQUEST, DATA_RESPONSE):
        work = bytearray(out)
        des.encrypt(out, work)
        return work
    return out
