# signed.py: packages that come over the admin line: opened only once signature, kind, date, version and parts hold.
# Raises NotSigned, NotForUs, Malformed, NotKeyed where this terminal was given no signing key.
import json
from hashlib import sha256

from till.core import clock
from till.core.errors import Malformed, NotKeyed
from till.secure import vault as slots
from till.update import manifest

KINDS = {"staged": (manifest.PARAMETERS, "owner"), "signing_key": (manifest.SIGNING_KEY, "modulus")}


def floors(vault):
    """{kind: the lowest version that may come in}."""
    try:
        return json.loads(vault.public(slots.FLOORS))
    except NotKeyed:
        return {}


def opened(vault, request, what):
    """((manifest, signature), text of its one part), bytes. `request`: `manifest` and `text` as they were signed, `signature` in hex."""
    if not vault.signed():
        raise NotKeyed("no signing key")
    kind, part = what
    said, signature, text = request["manifest"].encode(), bytes.fromhex(request["signature"]), request["text"].encode()
    told = manifest.check(said, signature, vault.public(slots.SIGNING_KEY), kind, floors(vault).get(kind, 0), clock.unix())
    manifest.holds(told, part, text)
    return (said, signature), text


def remember(vault, said):
    """What this package says of the versions that may follow it."""
    told, known = manifest.read(said), floors(vault)
    if told["floor"] > known.get(told["kind"], 0):
        raise_floor(vault, known, told["kind"], told["floor"])


def raise_floor(vault, known, kind, floor):
    known[kind] = floor
    vault.install(slots.FLOORS, json.dumps(known).encode())


def next_key(vault, request, proof, text, note):
    """Another signing key, which both the old one and the new one have signed. From now on the new one alone counts. `note`: the audit's."""
    modulus = bytes.fromhex(str(text, "utf-8"))
    if len(modulus) != 384 or not modulus[0] & 0x80:
        raise Malformed("modulus")
    manifest.check(proof[0], bytes.fromhex(request["signature_new"]), modulus, manifest.SIGNING_KEY, 0, clock.unix())
    note("keys", "signing key", sha256(text).digest().hex()[:8])
    remember(vault, proof[0])
    vault.install(slots.KEY_BEFORE, vault.public(slots.SIGNING_KEY))        # what it signed and was taken still starts
    vault.install(slots.SIGNING_KEY, modulus)
    return [{"ok": True}]
