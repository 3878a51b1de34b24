# keys: the key store on the host: what keys there are, the one use of each, and what a store can be asked. No function gives a key out.
"""A store is file_store.FileStore (a demonstration) or token_store.TokenStore (PKCS#11: SoftHSM2 or a real module). Both answer the same:

`rows()`, `make(name, value=None)`, `retire(label)`, and one operation for each use: `block` (AES, ECB), `mac` (AES-CMAC), `sign` (RSA-PSS),
`unseal` (RSA-OAEP), `des` (TDES, ECB), and `public`. A label is a name and a generation: bdk/1. A key asked for another use than its own is
refused with WrongUse, by us and, on a token, by the token as well.
"""
import datetime
import hashlib
import os
from dataclasses import dataclass

ENCRYPT, MAC, SIGN, UNSEAL, DES = "block", "mac", "sign", "unseal", "des"
RSA_BITS, EXPONENT = 3072, 65537


@dataclass(frozen=True)
class Use:
    """`usage`: as X9.143 names it, table 6; `operation`: the only thing that the store does with such a key; `size`: bytes, or bits of RSA."""
    usage: str
    algorithm: str
    size: int
    operation: str
    about: str


USES = {
    "bdk": Use("B0", "AES", 16, ENCRYPT, "base derivation key: every terminal's initial DUKPT key comes from it"),
    "bdk-tdes": Use("B0", "TDES", 16, DES, "base derivation key for PINs under TDES"),
    "bdk-tdes-right": Use("B0", "TDES", 16, DES, "the same key as X9.24-1 A.6 wants it for right halves, which no token makes by itself"),
    "kbpk": Use("K1", "AES", 16, MAC, "every terminal's transport key comes from it: it protects key blocks on their way"),
    "station": Use("K3", "RSA", RSA_BITS, UNSEAL, "blank terminals seal a secret to it, by which both know each other"),
    "signing": Use("S0", "RSA", RSA_BITS, SIGN, "signs parameters and packages"),
    "issuer-visa-10": Use("E0", "TDES", 16, DES, "TEST issuer key of the demonstration's cards"),
    "issuer-visa-18": Use("E0", "TDES", 16, DES, "TEST issuer key of the demonstration's cards"),
    "issuer-mchip-16": Use("E0", "TDES", 16, DES, "TEST issuer key of the demonstration's cards"),
    "issuer-mchip-17": Use("E0", "TDES", 16, DES, "TEST issuer key of the demonstration's cards"),
}
BY_CEREMONY = ("bdk", "kbpk")
TDES, TDES_RIGHT = "bdk-tdes", "bdk-tdes-right"


class KeyFault(Exception):
    """The root of what a store refuses; args[0] says what to do."""
    code = "K00"


class NoStore(KeyFault):
    """No key store here, or it cannot be reached."""
    code = "K01"


class NotOpened(KeyFault):
    """The passphrase or PIN is wrong or was not given."""
    code = "K02"


class WrongUse(KeyFault):
    """A key has one use, and this is not it."""
    code = "K03"


class NoKey(KeyFault):
    """No such key, or it is retired."""
    code = "K04"


class BadComponent(KeyFault):
    """A component that is none, or a ceremony that breaks its rules."""
    code = "K05"


@dataclass(frozen=True)
class Row:
    """One key as a person may see it. `kcv`: six hex digits (AES: of the CMAC of zeros, X9.24-1 annex A; TDES: of a block of zeros), or of an RSA
    key the first eight of the SHA-256 of its modulus."""
    label: str
    usage: str
    algorithm: str
    kcv: str
    made: str
    retired: str = ""

    def words(self):
        return {"key": self.label, "usage": self.usage, "algorithm": self.algorithm, "kcv": self.kcv, "made": self.made, "retired": self.retired}


def split(label):
    """(name, generation) of "bdk/1"."""
    name, _, number = label.partition("/")
    if name not in USES or not number.isdigit():
        raise NoKey("no key is called %s" % label)
    return name, int(number)


def use_of(label):
    return USES[split(label)[0]]


def must(label, operation):
    """Raises WrongUse unless keys of this name are for `operation`."""
    use = use_of(label)
    if use.operation != operation:
        raise WrongUse("%s is for one thing: %s" % (label, use.about))


def newest(store, name):
    """The label of the generation in use. Raises NoKey."""
    found = living(store, name)
    if not found:
        raise NoKey("no %s in this store: microtill keys init, ceremony or rotate makes one" % name)
    return max(found, key=lambda label: split(label)[1])


def living(store, name):
    """Labels of the generations that are not retired."""
    return [row.label for row in store.rows() if split(row.label)[0] == name and not row.retired]


def following(store, name):
    """The label of the next generation of `name`."""
    return "%s/%d" % (name, 1 + max((split(row.label)[1] for row in store.rows() if split(row.label)[0] == name), default=0))


def today():
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def make_tdes(store, value=None):
    """A new generation of the base derivation key for PINs under TDES, by chance or of `value` (16 bytes). Returns its label."""
    value = value or odd(os.urandom(USES[TDES].size))
    label = store.make(TDES, value)
    try:
        store.make(TDES_RIGHT, bytes(byte ^ mask for byte, mask in zip(value, bytes.fromhex("C0C0C0C000000000" * 2), strict=True)))
    except BaseException:
        store.forget(label)
        raise
    return label


def odd(value):
    """With odd parity in each byte, as DES keys are kept."""
    return bytes(byte if byte.bit_count() & 1 else byte ^ 1 for byte in value)


def rsa_check(modulus):
    return hashlib.sha256(modulus).hexdigest()[:8].upper()
