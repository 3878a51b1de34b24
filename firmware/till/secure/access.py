# access.py: who is at the keys: roles with a PIN each, kept as a salted slow hash in the owner's settings. Tries are counted and synced first.
# Ends with None, "A02" (wrong) or "A03" (too many tries: wait). The digits stay in the vault's buffer and are wiped.
import asyncio
import time
from binascii import unhexlify

from till.core.errors import NotKeyed
from till.crypto import pbkdf2
from till.crypto.equal import equal
from till.secure import vault as slots
from till.store import counters

ROLES = ("operator", "supervisor", "technician")
WRONG, WAIT = "A02", "A03"
_FREE_TRIES = 5                 # since the last that was right; then a wait that doubles
_WAIT_MS, _DOUBLINGS = 60_000, 6


class Access:
    """`role`: "" or one of ROLES, until `minutes` have passed without an act. `parameters`: sections "pins" and "roles"."""

    def __init__(self, vault, counter, parameters):
        self._vault, self._counter, self._parameters = vault, counter, parameters
        self._role, self._until = "", 0
        self._tried_ms = time.ticks_ms()        # a restart is no way round the wait

    @property
    def role(self):
        if self._role and time.time() >= self._until:
            self._role = ""
        return self._role

    def reaches(self, wanted):
        """Is somebody logged in whose role is this one or above it?"""
        return bool(self.role) and ROLES.index(self._role) >= ROLES.index(wanted)

    def acted(self):
        """Whoever is logged in is still there; one whose time was over stays out."""
        if self.role:
            self._until = self._end()

    def _end(self):
        return time.time() + 60 * self._parameters["roles"]["minutes"]

    def leave(self):
        self._role = ""

    def roles(self):
        """Those that have a PIN at all."""
        return [role for role in ROLES if self._parameters["pins"][role]]

    def wait_ms(self):
        """Until another try is heard."""
        over = self._counter.value(counters.LOGIN) - self._good() - _FREE_TRIES
        if over < 0:
            return 0
        waited = time.ticks_diff(time.ticks_ms(), self._tried_ms)
        return max(0, (_WAIT_MS << min(over, _DOUBLINGS)) - waited)

    def _good(self):
        """The count of tries at the last one that was right."""
        try:
            return int(str(self._vault.public(slots.LOGINS), "ascii"))
        except NotKeyed:
            return 0

    async def enter(self, role):
        """Judge the digits in the vault's buffer. None: logged in."""
        try:
            if self.wait_ms():
                return WAIT
            tries = self._counter.spend(counters.LOGIN)         # synced before anything is compared
            self._tried_ms = time.ticks_ms()
            salt, iterations, wanted = self._parameters["pins"][role].split(":")
            got = bytearray(32)
            for _turn in pbkdf2.turns(memoryview(self._vault.pin)[:self._vault.pin_size], unhexlify(salt), int(iterations), got):
                await asyncio.sleep_ms(0)
            if not equal(bytes(got), unhexlify(wanted)):
                return WRONG
        finally:
            self._vault.wipe_pin()
        self._vault.install(slots.LOGINS, str(tries).encode())
        self._role, self._until = role, self._end()
        return None
