# slots.py: small named values on flash (keys under encryption, certificates, parameters): the newest whole one counts.
# Four sectors of a ring; when one fills, the living values are copied on. Nothing is erased before its successor is whole.
from till.store.ring import Ring

_SECTORS = 4
_KEPT = 64                      # bytes of payload that room is kept for: values are read and written seldom


class Slots:
    def __init__(self, nor, first_address, most=1536):
        self._ring = Ring(nor, first_address, _SECTORS, most, _KEPT)
        self._names = None              # which slots hold something; None: not looked yet

    def mount(self):
        self._ring.mount()
        self._ring.relax()
        return self

    def has(self, name):
        """Does slot `name` hold a value? Flash is read for it once, and after each put."""
        if self._names is None:
            self._names = {kind for _sequence, _number, kind, _payload in self._ring.records()}
            self._ring.relax()
        return name in self._names

    def get(self, name):
        """The value of slot `name` (1..255) as bytes, or None."""
        found = None
        for _sequence, _number, kind, payload in self._ring.records():
            if kind == name:
                found = bytes(payload)
        self._ring.relax()
        return found

    def put(self, name, value):
        """Write a value; it is the one that counts as soon as this returns, and not before."""
        ring = self._ring
        ring.keep = 1 if ring.sequence < _SECTORS - 1 else ring.sequence - (_SECTORS - 2)
        before, self._names = ring.sequence, None
        ring.append(name, value)
        if ring.sequence != before:
            self._carry_over(before - (_SECTORS - 3))
        ring.relax()

    def wipe(self):
        """Every sector is erased, and there is no value any more. A cut leaves what the sectors after it held: call it again."""
        self._names = None
        self._ring.wipe()
        self._ring.relax()

    def _carry_over(self, until_sequence):
        """Copy forward what lives only in sectors that are the next to go."""
        newest = {}
        for sequence, _number, kind, _payload in self._ring.records():
            newest[kind] = sequence
        for kind in sorted(newest):
            if newest[kind] <= until_sequence:
                self._ring.append(kind, self.get(kind))
