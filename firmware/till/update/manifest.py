# manifest.py: what a signed package says, and whether it is for this terminal [pure]. Nothing in it counts before its signature does.
# Raises NotSigned, NotForUs (its word says why), Malformed for a manifest that is not laid out as one.
import json
from binascii import hexlify
from hashlib import sha256

from till.core.errors import Malformed, TillError
from till.crypto import pss

CLASS = "microtill"
EXPONENT = 65537
PARAMETERS, SIGNING_KEY, IMAGE = "parameters", "signing-key", "image"
_NUMBERS, _WORDS = ("version", "floor", "expires"), ("class", "kind")
MOST = 1024                     # bytes of a manifest: what a slot keeps beside the signature


class NotSigned(TillError):
    """The signature is not one of the key that this terminal was given."""
    code = "S08"


class NotForUs(TillError):
    """A good signature, but: "class", "kind", "expired", "older" than the floor, "size" or "hash" of a part, "part"."""
    code = "S09"


def check(text, signature, modulus, kind, floor, now, device=CLASS):
    """The manifest as a dict, once all of it holds. `text`: the very bytes that were signed (RSASSA-PSS, SHA-256); `modulus`: 384 bytes;
    `floor`: the lowest version that may come in; `now`: Unix seconds; `device`: the class that it must be for."""
    if len(text) > MOST:
        raise Malformed("manifest")
    if not pss.verify(modulus, EXPONENT, sha256(text).digest(), signature):
        raise NotSigned
    manifest = read(text)
    if manifest["class"] != device or manifest["kind"] != kind:
        raise NotForUs("class" if manifest["class"] != device else "kind")
    if manifest["expires"] < now:
        raise NotForUs("expired")
    if manifest["version"] < max(floor, manifest["floor"]):
        raise NotForUs("older")
    return manifest


def read(text):
    """The dict of a manifest that is laid out as one. Raises Malformed("manifest")."""
    try:
        manifest = json.loads(str(text, "utf-8"))
    except (ValueError, UnicodeError):
        raise Malformed("manifest")
    more = ("parts", "reads") if isinstance(manifest, dict) and manifest.get("kind") == IMAGE else ("parts",)
    if not isinstance(manifest, dict) or set(manifest) != set(_NUMBERS + _WORDS + more):
        raise Malformed("manifest")
    for names, wanted in ((_NUMBERS, int), (_WORDS, str)):
        for name in names:
            if not isinstance(manifest[name], wanted) or isinstance(manifest[name], bool):
                raise Malformed(name)
    if not isinstance(manifest.get("reads", []), list):         # of an image: the forms of the journal that it can read
        raise Malformed("reads")
    if not isinstance(manifest["parts"], dict):
        raise Malformed("parts")
    for part in manifest["parts"].values():
        if not isinstance(part, list) or len(part) != 2 or not isinstance(part[0], int) or not isinstance(part[1], str):
            raise Malformed("parts")
    return manifest


def holds(manifest, name, data):
    """Raises NotForUs unless `data` (bytes) is the part of this name: [size, SHA-256 in hex]."""
    if name not in manifest["parts"]:
        raise NotForUs("part")
    size, digest = manifest["parts"][name]
    if size != len(data):
        raise NotForUs("size")
    if digest != str(hexlify(sha256(data).digest()), "ascii"):
        raise NotForUs("hash")
