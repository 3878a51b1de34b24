# aes.py: AES, in place or into new bytes, by cryptolib where the board has it. ValueError for a bad key or data not in whole blocks.
from micropython import const

ECB, CBC = 1, 2               # cryptolib's numbers
BLOCK = const(16)
ZERO = bytes(16)             # the zero IV

try:
    from cryptolib import aes as _chip
except ImportError:
    _chip = None
    try:
        from cryptography.hazmat.primitives.ciphers import Cipher as _Cipher
        from cryptography.hazmat.primitives.ciphers import algorithms as _algorithms
        from cryptography.hazmat.primitives.ciphers import modes as _modes

        class _chip:          # noqa: F811 - CPython: the same names over `cryptography`
            def __init__(self, key, mode, iv=None):
                self._cipher = _Cipher(_algorithms.AES(bytes(key)), _modes.ECB() if mode == ECB else _modes.CBC(bytes(iv)))
                self._work = None

            def encrypt(self, data, out):
                self._work = self._work or self._cipher.encryptor()
                self._all(data, out)

            def decrypt(self, data, out):
                self._work = self._work or self._cipher.decryptor()
                self._all(data, out)

            def _all(self, data, out):
                if len(data) % BLOCK:
                    raise ValueError("size")
                out[:] = self._work.update(data)
    except ImportError:
        pass


def cipher(key, mode, iv=None):
    """An object with encrypt(data, out) and decrypt(data, out), one of them for its whole life; in CBC each call goes on from the last.

    cryptolib on MicroPython's unix port has no 192-bit keys, and some boards have no cryptolib: those take plain Python.
    """
    if _chip is None or len(key) == 24:
        from till.crypto.aes_plain import Aes
        return Aes(key, mode, iv)
    return _chip(key, mode) if mode == ECB else _chip(key, mode, iv)


def encrypt(key, data):
    """ECB, in place over `data` (bytearray or memoryview of whole blocks of 16)."""
    cipher(key, ECB).encrypt(data, data)


def decrypt(key, data):
    """ECB, in place."""
    cipher(key, ECB).decrypt(data, data)


def chain(key, iv, data):
    """CBC encryption in place; `iv` is 16 bytes and stays as it is."""
    cipher(key, CBC, iv).encrypt(data, data)


def ecb_encrypt(key, block):
    """One block of 16, or several, as new bytes."""
    work = bytearray(block)
    encrypt(key, work)
    return bytes(work)


def cbc_encrypt(key, data, iv=ZERO):
    """CBC of whole blocks, as new bytes; the padding is the caller's."""
    work = bytearray(data)
    chain(key, iv, work)
    return bytes(work)


def cbc_decrypt(key, data, iv=ZERO):
    """The plain text of whole blocks, as a bytearray, so that the caller can wipe it."""
    work = bytearray(data)
    cipher(key, CBC, iv).decrypt(work, work)
    return work
