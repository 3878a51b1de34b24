# proof.py: the signature that goes with settings on flash, as bytes beside them, checked again at each start [pure]. Cannot fail: it says no.
from hashlib import sha256

from till.core.errors import TillError
from till.crypto import pss
from till.update import manifest

OWNER = "owner"                 # the part of a parameter package that is the owner's settings
SIGNATURE = 384                 # bytes


def packed(text, signature):
    """Manifest and signature as one value."""
    return bytes(signature) + bytes(text)


def about(data, kept):
    """Is this value about these settings? Without a look at its signature."""
    try:
        manifest.holds(manifest.read(kept[SIGNATURE:]), OWNER, data)
        return True
    except TillError:
        return False


def spare(data, kept):
    """Which of two places may be written: not the one that proves the settings in force (`data`, or None)."""
    return 1 if data is not None and kept[0] and about(data, kept[0]) else 0


def stands(data, kept, modulus):
    """Is one of these values a good signature about these settings? Its date does not matter any more."""
    for value in kept:
        if value and about(data, value):
            if pss.verify(modulus, manifest.EXPONENT, sha256(value[SIGNATURE:]).digest(), value[:SIGNATURE]):
                return True
    return False
