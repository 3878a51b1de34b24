# provision.py: a blank terminal becomes a known one: hello, prove, load, commit, each in its turn; anything else ends it, and nothing was written.
# Raises NotKeyed (keyed already, no random source), OutOfTurn, WrongMac (another station, another terminal, an old block), Malformed.
from hashlib import sha256

from till.core.errors import Malformed, NotKeyed, TillError, WrongMac
from till.crypto import oaep, tr31
from till.crypto.cmac import cmac
from till.crypto.equal import equal
from till.secure import vault as slots

EXPONENT = 65537
TEST_KEYS = "test keys"
_NONCE = 16
_MOST_SERIAL = 20
# A key that travels in a block: what its header must say (X9.143 4.2), and its slot
_KEYS = {"initial": ("B1", "X", slots.INITIAL_KEY), "transport": ("K1", "D", slots.TRANSPORT_KEY)}
_PLAIN = {"ca": slots.CA_CERTIFICATE, "label": slots.LABEL, "signing": slots.SIGNING_KEY}
_WANTED = ("initial", "transport", "ca", "signing")


class OutOfTurn(TillError):
    """A step of provisioning that was not the next one."""
    code = "S10"


class Provision:
    """One try at it, over the admin line. `note`: the audit's. Keys live here, unsealed, from `load` to `commit`; `wipe` ends it."""

    def __init__(self, vault, random_is_true, identity, note):
        self._vault, self._random_is_true, self._identity, self._note = vault, random_is_true, identity, note
        self._next, self._mark, self._wrap = "hello", bytearray(16), bytearray(16)
        self._parts, self._story, self._serial = {}, bytearray(16), ""

    def step(self, request):
        """The row that answers one step, a dict. Whatever is wrong with it ends this try."""
        name = request["step"]
        try:
            if self._vault.keyed():
                raise NotKeyed("already keyed")
            if name != self._next and not (name == "commit" and self._next == "load"):
                raise OutOfTurn(self._next)
            return {"hello": self._hello, "prove": self._prove, "load": self._load, "commit": self._commit}[name](request)
        except (TillError, KeyError, ValueError, TypeError):
            self.wipe()
            raise

    def wipe(self):
        for secret in [self._mark, self._wrap] + [value for _slot, value in self._parts.values()]:
            for i in range(len(secret)):
                secret[i] = 0
        self._parts, self._next = {}, "hello"

    def _random(self, size):
        out = bytearray(size)
        self._vault.random_into(out)
        return out

    def _healthy(self):
        """Start-up test of the random source: two draws that differ, neither of them with a byte that comes far too often (SP 800-90B 4.4.2)."""
        one, other = self._random(64), self._random(64)
        return one != other and all(bytes(draw).count(bytes((byte,))) < 9 for draw in (one, other) for byte in draw)

    def _hello(self, request):
        serial, modulus, theirs = request["serial"], bytes.fromhex(request["modulus"]), bytes.fromhex(request["nonce"])
        if not 0 < len(serial) <= _MOST_SERIAL or any(not 0x21 <= ord(sign) <= 0x7E for sign in serial) or len(theirs) != _NONCE:
            raise Malformed("hello")
        if not self._healthy():
            raise NotKeyed("random source")
        secret, mine = self._random(16), self._random(_NONCE)
        sealed = oaep.seal(modulus, EXPONENT, bytes(secret), bytes(self._random(20)))
        told = sha256(modulus)
        for part in (theirs, mine, sealed, serial.encode()):
            told.update(part)
        told = told.digest()
        for out, purpose in ((self._mark, b"\x01mark"), (self._wrap, b"\x01wrap")):
            out[:] = cmac(secret, purpose + told)
        self._story[:] = cmac(self._mark, told)
        for i in range(16):
            secret[i] = 0
        self._serial, self._next = serial, "prove"
        return dict(self._identity, nonce=bytes(mine).hex(), sealed=sealed.hex())

    def _said(self, who):
        return bytes(cmac(self._mark, who + bytes(self._story)))

    def _prove(self, request):
        if not equal(self._said(b"station"), bytes.fromhex(request["mac"])):
            raise WrongMac("station")
        self._next = "load"
        return {"mac": self._said(b"terminal").hex()}

    def _load(self, request):
        name, value = request["part"], request["value"]
        if name in _KEYS:
            self._parts[name] = self._key(name, value)
        elif name in _PLAIN:
            self._parts[name] = _PLAIN[name], bytearray(bytes.fromhex(value))
        else:
            raise Malformed("part")
        self._story[:] = cmac(self._mark, bytes(self._story) + name.encode() + b"\x00" + value.encode())
        return {}

    def _key(self, name, block):
        header, key = tr31.unwrap(self._wrap, block)
        usage, mode, slot = _KEYS[name]
        if (header.usage, header.algorithm, header.mode, header.exportability) != (usage, "A", mode, "N") or len(key) != 16:
            raise Malformed("key block")
        if header.part("LB") != self._serial or name == "initial" and header.part("IK") != self._key_id().hex().upper():
            raise Malformed("other terminal")
        return slot, key

    def _key_id(self):
        return sha256(self._serial.encode()).digest()[:8]

    def _commit(self, request):
        """Everything is here and whole: the initial key goes last, and with it the terminal is keyed. A cut before that leaves it blank."""
        for name in _WANTED:
            if name not in self._parts:
                raise Malformed("no " + name)
        if not equal(self._said(b"commit"), bytes.fromhex(request["mac"])):
            raise WrongMac("commit")
        label = self._parts.get("label", (0, b""))[1]
        if not self._random_is_true and bytes(label) != TEST_KEYS.encode():
            raise NotKeyed("no true random source")             # such a board takes test keys alone
        kcvs = {name: bytes(cmac(self._parts[name][1], bytes(16)))[:3].hex().upper() for name in _KEYS}
        self._note("keys", "provision", self._serial, kcvs["initial"])         # before it is so: a cut leaves the word of it, never keys without
        vault = self._vault
        vault.install(slots.LABEL, bytes(label))
        vault.install(slots.SERIAL, self._serial.encode())
        vault.install(slots.KEY_ID, self._key_id())
        for name in ("ca", "signing", "transport", "initial"):
            vault.install(*self._parts[name])
        answer = {"kcvs": kcvs, "mac": self._said(b"locked").hex()}
        self.wipe()
        return answer
