# token_store.py: keys in a PKCS#11 token: SoftHSM2, or any module by its path. They are made or put there as sensitive and not extractable, each
# allowed one operation by the token itself. Check value and dates stand in the label: SoftHSM2 gives no dates back.
# Raises NoStore, NotOpened, WrongUse, NoKey.
import pkcs11
from pkcs11 import MGF, Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import PinIncorrect, PinInvalid, PinLenRange, PKCS11Error

from microtill import keys
from microtill.keys import ciphers

_PREFIX = "microtill "
_MAY = {keys.ENCRYPT: Attribute.ENCRYPT, keys.DES: Attribute.ENCRYPT, keys.MAC: Attribute.SIGN, keys.SIGN: Attribute.SIGN,
        keys.UNSEAL: Attribute.DECRYPT}
_CAN = (Attribute.ENCRYPT, Attribute.DECRYPT, Attribute.SIGN, Attribute.WRAP, Attribute.UNWRAP, Attribute.DERIVE)
_PRIVATE_CAN = (Attribute.DECRYPT, Attribute.SIGN, Attribute.UNWRAP, Attribute.DERIVE)
_KINDS = {"AES": KeyType.AES, "TDES": KeyType.DES3, "RSA": KeyType.RSA}
_PSS = (Mechanism.SHA256, MGF.SHA256, 32)
_OAEP = (Mechanism.SHA_1, MGF.SHA1, None)
_NOT_YET = "-"


class TokenStore:
    """`module`: the path of the PKCS#11 library; `token`: its label; `pin`: the user's."""

    def __init__(self, module, token, pin):
        self.about = "token %s" % token
        try:
            library = pkcs11.lib(module)
            library.reinitialize()
            self._session = library.get_token(token_label=token).open(user_pin=pin, rw=True)
        except (PinIncorrect, PinLenRange):
            raise keys.NotOpened("not the PIN of token %s" % token) from None
        except (PKCS11Error, RuntimeError) as error:
            raise keys.NoStore("token %s in %s: %s" % (token, module, type(error).__name__)) from None

    def close(self):
        self._session.close()

    def change_pin(self, old, new):
        """The user's PIN, from now on. Raises NotOpened where the token does not take it."""
        try:
            self._session.set_pin(old, new)
        except (PinIncorrect, PinLenRange, PinInvalid):
            raise keys.NotOpened("%s takes no such PIN: 4 to 255 signs" % self.about) from None

    # keys
    def rows(self):
        found = []
        for key in self._session.get_objects():
            if key[Attribute.CLASS] in (ObjectClass.SECRET_KEY, ObjectClass.PRIVATE_KEY) and key[Attribute.LABEL].startswith(_PREFIX):
                found.append(_row(key))
        return sorted(found, key=lambda row: row.label)

    def _template(self, label, use):
        allowed = {may: may == _MAY[use.operation] for may in (_PRIVATE_CAN if use.algorithm == "RSA" else _CAN)}
        return {Attribute.TOKEN: True, Attribute.PRIVATE: True, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False, Attribute.MODIFIABLE: True,
                Attribute.ID: label.encode(), **allowed}

    def make(self, name, value=None):
        """A new generation, by the token's own chance, or of `value` (bytes). Returns its label."""
        label, use = keys.following(self, name), keys.USES[name]
        template = self._template(label, use)
        if use.algorithm == "RSA":
            public, key = self._session.generate_keypair(KeyType.RSA, use.size, store=True, id=label.encode(), private_template=template,
                                                         public_template={Attribute.TOKEN: True})
            check = keys.rsa_check(_modulus(public))
        elif value is None:
            key = self._session.generate_key(KeyType.AES, 8 * use.size, store=True, template=template)
            check = self._check(key, use)
        else:
            wide = value + value[:8] if use.algorithm == "TDES" else value          # a key of two parts, as the three that PKCS#11 has
            key = self._session.create_object({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: _KINDS[use.algorithm],
                                               Attribute.VALUE: wide, **template})
            check = ciphers.tdes_kcv(value) if use.algorithm == "TDES" else ciphers.kcv(value)
        key[Attribute.LABEL] = _PREFIX + " ".join((label, check, keys.today(), _NOT_YET))
        return label

    @staticmethod
    def _check(key, use):
        if use.operation == keys.ENCRYPT:
            return ciphers.kcv_by(lambda data: key.encrypt(data, mechanism=Mechanism.AES_ECB))
        return key.sign(bytes(16), mechanism=Mechanism.AES_CMAC)[:3].hex().upper()

    def forget(self, label):
        """As if it had never been made."""
        for half in self._session.get_objects({Attribute.ID: label.encode()}):
            half.destroy()

    def retire(self, label):
        """From now on nothing is done with it: its bits are destroyed, its name and check value stay."""
        row, use = _row(self._living(label)), keys.use_of(label)
        self.forget(label)
        template = {**self._template(label, use), **{may: False for may in _CAN}}
        gone = self._session.create_object({Attribute.CLASS: ObjectClass.SECRET_KEY, Attribute.KEY_TYPE: KeyType.GENERIC_SECRET,
                                            Attribute.VALUE: bytes(16), **template})
        gone[Attribute.LABEL] = _PREFIX + " ".join((label, row.kcv, row.made, keys.today()))

    def _living(self, label):
        for key in self._session.get_objects({Attribute.ID: label.encode()}):
            if key[Attribute.CLASS] != ObjectClass.PUBLIC_KEY:
                if _row(key).retired:
                    raise keys.NoKey("%s is retired" % label)
                return key
        raise keys.NoKey("%s is not in this store" % label)

    def _for(self, label, operation):
        keys.must(label, operation)
        return self._living(label)

    # one operation for each use
    def block(self, label, data):
        return self._for(label, keys.ENCRYPT).encrypt(data, mechanism=Mechanism.AES_ECB)

    def mac(self, label, data):
        return self._for(label, keys.MAC).sign(data, mechanism=Mechanism.AES_CMAC)

    def des(self, label, data):
        return self._for(label, keys.DES).encrypt(data, mechanism=Mechanism.DES3_ECB)

    def sign(self, label, data):
        """RSASSA-PSS with SHA-256, salt of 32 bytes, over `data`."""
        return self._for(label, keys.SIGN).sign(data, mechanism=Mechanism.SHA256_RSA_PKCS_PSS, mechanism_param=_PSS)

    def unseal(self, label, data):
        """RSAES-OAEP with SHA-1 (what SoftHSM2 has). Raises ValueError."""
        try:
            return self._for(label, keys.UNSEAL).decrypt(data, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=_OAEP)
        except PKCS11Error:
            raise ValueError("not sealed to this key") from None

    def public(self, label):
        """Modulus of an RSA key, bytes; the exponent is 65537."""
        self._living(label)
        (key,) = self._session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: label.encode()})
        return _modulus(key)


def _row(key):
    label, check, made, retired = key[Attribute.LABEL][len(_PREFIX):].split(" ")
    use = keys.use_of(label)
    return keys.Row(label, use.usage, use.algorithm, check, made, "" if retired == _NOT_YET else retired)


def _modulus(public):
    return bytes(public[Attribute.MODULUS]).rjust(keys.RSA_BITS // 8, b"\x00")
