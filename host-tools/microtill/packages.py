# packages.py: signed packages on the host: built, signed by the key store, looked at, sent. One JSON file: manifest (the very text that is signed),
# signatures, parts. Raises BadPackage; what a terminal thinks of one is the terminal's to say.
import base64
import binascii
import datetime
import hashlib
import json
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from microtill import keys

CLASS = "microtill"
PARAMETERS, SIGNING_KEY, IMAGE = "parameters", "signing-key", "image"
PARTS = {PARAMETERS: "owner", SIGNING_KEY: "modulus", IMAGE: "application"}     # an image's is base64 in the file
BUSY = "S18"                    # of a terminal that serves somebody, or tries an image already
_DAYS = 30


class BadPackage(Exception):
    """A file that is no package, or whose parts are not those of its manifest."""
    code = "K11"


def build(kind, text, version=None, floor=0, days=_DAYS, now=None, more=None):
    """A package without a signature, a dict. `text`: its one part; `version`: by default the moment, in Unix seconds; `more`: of its manifest."""
    now = now or datetime.datetime.now(datetime.UTC)
    data = _bytes(kind, text)
    said = {"class": CLASS, "kind": kind, "version": int(now.timestamp()) if version is None else version, "floor": floor,
            "expires": int((now + datetime.timedelta(days=days)).timestamp()),
            "parts": {PARTS[kind]: [len(data), hashlib.sha256(data).hexdigest()]}, **(more or {})}
    return {"manifest": json.dumps(said, sort_keys=True), "text": text, "signature": "", "signature_new": ""}


def _bytes(kind, text):
    return base64.b64decode(text, validate=True) if kind == IMAGE else text.encode()


def part(package):
    """The bytes of its one part."""
    return _bytes(json.loads(package["manifest"])["kind"], package["text"])


def next_key(store):
    """A package that hands a terminal the newest signing key; the one before it and the new one both sign. Raises NoKey where there is but one."""
    living = sorted((row.label for row in store.rows() if keys.split(row.label)[0] == "signing" and not row.retired),
                    key=lambda label: keys.split(label)[1])
    if len(living) < 2:
        raise keys.NoKey("there is one signing key: microtill keys rotate signing makes the next")
    package = build(SIGNING_KEY, store.public(living[-1]).hex())
    return sign(store, sign(store, package, living[-2]), living[-1], "signature_new")


def sign(store, package, label=None, as_what="signature"):
    signed = store.sign(label or keys.newest(store, "signing"), package["manifest"].encode())
    return {**package, as_what: signed.hex()}


def read(path):
    """A package from a file. Raises BadPackage."""
    try:
        package = json.loads(Path(path).read_text())
        json.loads(package["manifest"])
        part(package)
        for name in ("text", "signature"):
            if not isinstance(package[name], str):
                raise TypeError
    except (OSError, ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        raise BadPackage("%s is no package: microtill update build makes one" % path) from None
    return package


def verify(package, modulus):
    """[] where its parts are those of the manifest and the signature is of this key, or what is wrong, in words."""
    wrong, said = [], json.loads(package["manifest"])
    data = part(package)
    if list(said["parts"].values()) != [[len(data), hashlib.sha256(data).hexdigest()]]:
        wrong.append("its part is not the one that was signed")
    public = rsa.RSAPublicNumbers(keys.EXPONENT, int.from_bytes(modulus, "big")).public_key()
    try:
        public.verify(bytes.fromhex(package["signature"]), package["manifest"].encode(), padding.PSS(padding.MGF1(hashes.SHA256()), 32),
                      hashes.SHA256())
    except (InvalidSignature, ValueError):
        wrong.append("the signature is not this key's" if package["signature"] else "it is not signed")
    if said["expires"] < datetime.datetime.now(datetime.UTC).timestamp():
        wrong.append("it has expired")
    return wrong


def request(package):
    """The words of the request that hands it to a terminal."""
    what = json.loads(package["manifest"])["kind"]
    return {"op": "stage_signed" if what == PARAMETERS else "signing_key", **package}
