# lock.py: who may ask over the admin line of a terminal that was provisioned: whoever has its transport key. A request carries its number and a MAC,
# over a nonce of this start too; numbers only grow, so what was said once counts once. Raises NotProven, WrongMac, Malformed.
from hashlib import sha256
from struct import unpack_from

from till.core.errors import Malformed, TillError, WrongMac
from till.crypto.equal import equal
from till.secure import vault as slots

_OPEN = ("identity", "rules", "kinds", "provision", "install")       # public, or refused by a keyed terminal in any case
_NUMBER, _HEAD = 4, 12                  # bytes: the number; it and the MAC


class NotProven(TillError):
    """A request without its proof, or one that was heard before."""
    code = "S19"


class Lock:
    """`words`: what whoever wants to ask must know, for all to hear: the nonce in hex, the serial."""

    def __init__(self, vault):
        self._vault, self._newest, self._nonce = vault, 0, bytearray(16)
        vault.random_into(self._nonce)
        self.words = self._nonce.hex(), str(vault.public(slots.SERIAL), "utf-8")

    def opened(self, payload):
        """The request behind number and MAC, as bytes."""
        if len(payload) < _HEAD:
            raise Malformed("short")
        told = bytes(self._nonce) + payload[:_NUMBER] + sha256(memoryview(payload)[_HEAD:]).digest()
        if not equal(self._vault.admin_mac(told), payload[_NUMBER:_HEAD]):
            raise WrongMac("request")
        number = unpack_from("<I", payload, 0)[0]
        if number <= self._newest:
            raise NotProven("heard before")
        self._newest = number
        return payload[_HEAD:]

    def passes(self, op):
        """Raises NotProven for what is not open to everybody at the cable."""
        if op not in _OPEN:
            raise NotProven("admin line")
