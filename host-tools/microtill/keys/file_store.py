# file_store.py: a demonstration key store in one file, encrypted under a passphrase. Whoever has file and passphrase has the keys: for a laptop,
# and for test keys. Raises NoStore, NotOpened (wrong passphrase, altered file), WrongUse, NoKey.
import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from microtill import keys
from microtill.keys import ciphers

_COST = {"n": 1 << 15, "r": 8, "p": 1}      # scrypt, RFC 7914: some 0.1 s and 32 MiB a guess
_NAME = b"microtill demonstration keys"


class FileStore:
    """`path`: the file; `passphrase`: text. `create` makes an empty store."""
    about = "demonstration"

    def __init__(self, path, passphrase, create=False):
        self._path = path
        if create:
            self._salt, self._held = os.urandom(16), {}
            self._key = self._stretch(passphrase)
            self._write()
        else:
            self._read(passphrase)

    def close(self):
        self._held = {}

    def _stretch(self, passphrase):
        return Scrypt(salt=self._salt, length=32, **_COST).derive(passphrase.encode())

    def _read(self, passphrase):
        try:
            whole = json.loads(self._path.read_text())
            self._salt, nonce, sealed = (bytes.fromhex(whole[name]) for name in ("salt", "nonce", "sealed"))
        except (OSError, ValueError, KeyError, TypeError):
            raise keys.NoStore("%s is no key store" % self._path) from None
        self._key = self._stretch(passphrase)
        try:
            self._held = json.loads(AESGCM(self._key).decrypt(nonce, sealed, _NAME))
        except InvalidTag:
            raise keys.NotOpened("not the passphrase of %s, or the file was altered" % self._path.name) from None

    def _write(self):
        nonce = os.urandom(12)
        sealed = AESGCM(self._key).encrypt(nonce, json.dumps(self._held).encode(), _NAME)
        after = self._path.with_suffix(".new")
        after.write_text(json.dumps({"store": "demonstration: TEST KEYS", "salt": self._salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}))
        os.chmod(after, 0o600)
        os.replace(after, self._path)

    # keys
    def rows(self):
        return [keys.Row(label, keys.use_of(label).usage, keys.use_of(label).algorithm, held["kcv"], held["made"], held["retired"])
                for label, held in sorted(self._held.items())]

    def make(self, name, value=None):
        """A new generation, by chance or of `value` (bytes). Returns its label."""
        label, use = keys.following(self, name), keys.USES[name]
        if use.algorithm == "RSA":
            private = rsa.generate_private_key(keys.EXPONENT, use.size)
            value = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
            check = keys.rsa_check(_modulus(private))
        else:
            value = value or os.urandom(use.size)
            check = ciphers.kcv(value) if use.algorithm == "AES" else ciphers.tdes_kcv(value)
        self._held[label] = {"value": value.hex(), "kcv": check, "made": keys.today(), "retired": ""}
        self._write()
        return label

    def forget(self, label):
        """As if it had never been made."""
        del self._held[label]
        self._write()

    def retire(self, label):
        """From now on nothing is done with it."""
        self._living(label)
        self._held[label].update(retired=keys.today(), value="")
        self._write()

    def _living(self, label):
        held = self._held.get(label)
        if held is None or held["retired"]:
            raise keys.NoKey("%s is %s" % (label, "retired" if held else "not in this store"))
        return bytes.fromhex(held["value"])

    def _for(self, label, operation):
        keys.must(label, operation)
        return self._living(label)

    def _rsa(self, label, operation):
        return serialization.load_der_private_key(self._for(label, operation), None)

    # one operation for each use
    def block(self, label, data):
        return ciphers.aes(self._for(label, keys.ENCRYPT), data)

    def mac(self, label, data):
        return ciphers.cmac(self._for(label, keys.MAC), data)

    def des(self, label, data):
        return ciphers.tdes(self._for(label, keys.DES), data)

    def sign(self, label, data):
        """RSASSA-PSS with SHA-256, salt of 32 bytes, over `data`."""
        return self._rsa(label, keys.SIGN).sign(data, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())

    def unseal(self, label, data):
        """RSAES-OAEP with SHA-1 (what SoftHSM2 has). Raises ValueError."""
        return self._rsa(label, keys.UNSEAL).decrypt(data, padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None))

    def public(self, label):
        """Modulus of an RSA key, bytes; the exponent is 65537."""
        return _modulus(self._rsa(label, keys.use_of(label).operation))


def _modulus(private):
    return private.public_key().public_numbers().n.to_bytes(keys.RSA_BITS // 8, "big")
