# ciphers.py: what the host does with a key that it holds: AES, TDES and AES-CMAC by `cryptography`, check values, DUKPT's derivation.
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.utils import CryptographyDeprecationWarning

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:                                 # older versions keep it with the others
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        TripleDES = algorithms.TripleDES


def _ecb(algorithm, data, back=False):
    cipher = Cipher(algorithm, modes.ECB())
    work = cipher.decryptor() if back else cipher.encryptor()
    return work.update(data) + work.finalize()


def aes(key, data):
    return _ecb(algorithms.AES(key), data)


def tdes(key, data, back=False):
    return _ecb(TripleDES(key + key[:8] if len(key) == 16 else key), data, back)


def cmac(key, data):
    work = CMAC(algorithms.AES(key))
    work.update(data)
    return work.finalize()


def kcv(key):
    """Six hex digits of an AES key (X9.24-1 annex A): of the CMAC of 16 zeros."""
    return cmac(key, bytes(16))[:3].hex().upper()


def tdes_kcv(key):
    return tdes(key, bytes(8))[:3].hex().upper()


def kcv_by(block):
    """KCV of an AES key by whoever can make it encrypt: `block(bytes of 16) -> bytes of 16`. The CMAC of 16 zeros is E(subkey 1)."""
    first = int.from_bytes(block(bytes(16)), "big")
    subkey = (first << 1 ^ (0x87 if first >> 127 else 0)) & (1 << 128) - 1
    return block(subkey.to_bytes(16, "big"))[:3].hex().upper()
