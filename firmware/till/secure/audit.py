# audit.py: who did what to this terminal, on a ring of its own: log-ins, key events, settings, refusals by guards of security, tamper, clock.
# Each record proves itself and follows the one before it (store/sealed.py), so none can be changed, taken out or moved unseen. The oldest sector
# goes when the ring is full. Raises StorageFault where flash does not take it; nothing of it is in memory between two notes.
from struct import pack, unpack_from

from till.core import clock
from till.crypto.cmac import cmac
from till.store.sealed import SealedRing

SECTORS = 8                     # of 4 KiB: some hundreds of records
KINDS = ("", "start", "login", "keys", "settings", "refused", "security", "update")       # place: the number that stands on flash
_MOST_WORDS = 96                # bytes


class Audit:
    """`nor`: the flash; `first_address`: where its sectors begin; `device_key`: the board's."""

    def __init__(self, nor, first_address, device_key):
        self._nor, self._first = nor, first_address
        self._key = cmac(device_key, b"microtill audit")

    def _mac(self, data, out):
        cmac(self._key, data, out)

    def _ring(self):
        ring = SealedRing(self._nor, self._first, SECTORS, self._mac).mount()
        ring.keep = max(1, ring.sequence - (SECTORS - 2))
        return ring

    def note(self, kind, *words):
        """Put down `kind` (of KINDS) and what there is to say of it; on flash when this returns."""
        text = " ".join(str(word) for word in words).encode()[:_MOST_WORDS]
        ring = self._ring()
        ring.append(KINDS.index(kind), pack("<I", clock.unix() & 0xFFFFFFFF) + text)
        ring.sure()

    def rows(self):
        """Every record, oldest first, as dicts; then those that cannot be believed, by the number from which on."""
        ring = self._ring()
        for _sequence, number, kind, payload in ring.records():
            yield {"number": number, "kind": KINDS[kind] if kind < len(KINDS) else "?", "at": unpack_from("<I", payload, 0)[0],
                   "words": str(bytes(payload[4:]), "utf-8")}
        for number in sorted(ring.altered):
            yield {"number": number, "kind": "altered", "count": ring.altered[number]}
