# dukpt.py: AES-128 DUKPT as a host runs it, from the base key (ANSI X9.24-3:2017). Raises WornOut for a counter that no key may have.
import hashlib

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PIN_ENCRYPTION = 0x1000       # X9.24-3 table 3, key usage indicators
MAC_REQUEST = 0x2000
MAC_RESPONSE = 0x2001
DATA_REQUEST = 0x3000
DATA_RESPONSE = 0x3001
_KEY_DERIVATION = 0x8000
_INITIAL_KEY = 0x8001
_AES128 = 0x0002
_AES128_BITS = 128
_MOST_ONES = 16               # X9.24-3 6.3: a transaction counter has 1 to 16 bits set
KSN_BYTES = 12                # initial key id (8), counter (4)


class WornOut(ValueError):
    """The counter is zero or has more than 16 bits set: no transaction key exists for it."""


def _derive(key, usage, context):
    """One derivation block (X9.24-3 6.3.2): version 1, block 1, usage, AES-128, 128 bits, 8 bytes of context, under `key`."""
    block = b"\x01\x01" + usage.to_bytes(2, "big") + _AES128.to_bytes(2, "big") + _AES128_BITS.to_bytes(2, "big") + context
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return cipher.update(block) + cipher.finalize()


def initial_key(bdk, ikid):
    """The initial key (16 bytes) of the terminal with this initial key id (8 bytes), from the base derivation key (16 bytes)."""
    return _derive(bdk, _INITIAL_KEY, ikid)


def valid_counter(counter):
    return 1 <= bin(counter).count("1") <= _MOST_ONES


def derivation_key(first_key, ksn):
    """The transaction's intermediate derivation key, 16 bytes, from the initial key and the KSN (12 bytes). Raises WornOut."""
    ikid, counter = ksn[:8], int.from_bytes(ksn[8:], "big")
    if not valid_counter(counter):
        raise WornOut("counter")
    key, work = first_key, 0
    for shift in range(31, -1, -1):
        if counter >> shift & 1:
            work |= 1 << shift
            key = _derive(key, _KEY_DERIVATION, ikid[4:] + work.to_bytes(4, "big"))
    return key


def working_key(first_key, ksn, usage):
    """The working key (16 bytes) for one `usage` of one KSN. Raises WornOut."""
    return _derive(derivation_key(first_key, ksn), usage, ksn[4:])


def key_id(serial):
    """The initial key id of a terminal: the first 8 bytes of SHA-256 over its serial number in ASCII."""
    return hashlib.sha256(serial.encode("ascii")).digest()[:8]
