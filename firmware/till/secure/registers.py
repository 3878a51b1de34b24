# registers.py: DUKPT's derivation keys on flash (X9.24-3 6.4): those from which the next counter and all after it come, and none from which one comes
# that was used. One that is over is overwritten with zeros, which flash takes without an erase. Two sectors in turn.
# Raises NotKeyed (no key above this counter), StorageFault (one is not what was written, too).
import asyncio
from array import array
from struct import pack_into, unpack_from

from till.core.errors import NotKeyed, StorageFault
from till.crypto import aes, dukpt
from till.crypto.cmac import cmac
from till.crypto.equal import equal

SECTOR, _PAGE, SLOT = 4096, 256, 32
SLOTS, KEYS = SECTOR // SLOT, 2      # of a sector; the first that holds a key
_MOST = 32                      # keys there can be, one for each bit of a counter
_HEAD, _MAC = 20, 12            # bytes under the MAC, and of it
_MAGIC = 0x316B544D             # "MTk1"
_BLANK, _ZEROS = b"\xff" * SLOT, bytes(SLOT)


def _place(node):
    """Which bit is its lowest."""
    place = 0
    while not node & 1:
        node >>= 1
        place += 1
    return place


class Registers:
    """Slot: counter 4, its key 16 under the vault's own key, MAC 12 over both. The first slot of a sector: magic 4, generation 4, zeros 12, MAC;
    the second becomes zeros once the other sector is known to be blank. `seal`, `mark`: the keys of the vault that encrypt and that authenticate."""

    def __init__(self, nor, first_address, seal, mark):
        self._nor, self._first, self._seal, self._mark = nor, first_address, seal, mark
        self._forget()

    def _forget(self):
        """Nothing is known. Who was waiting in the middle of something sees that its `_nodes` are gone."""
        self._nodes = array("I", bytes(4 * _MOST))      # by lowest bit: whose key it is, 0: none
        self._slots = bytearray(_MOST)                  # and where it lies
        self._generation, self._side, self._next = 0, 0, SLOTS
        self._moved = True                              # the other sector is blank, and no key lies there

    def _slot(self, number):
        """Slots are counted through both sectors."""
        slot = bytearray(SLOT)
        self._nor.read(self._first + number * SLOT, slot)
        return slot

    # start
    def mount(self):
        """Read both sectors. What a cut left half done is brought to its end."""
        heads = [self._slot(0), self._slot(SLOTS)]
        generations = [self._generation_of(head) for head in heads]
        if not any(generations):
            return self
        self._side = 1 if generations[1] > generations[0] else 0
        self._generation = generations[self._side]
        self._read()
        if self._slot(self._side * SLOTS + 1) != _ZEROS:
            self._finish(generations[1 - self._side])
        elif heads[1 - self._side] != _BLANK:
            self._nor.erase_now(self._first + (1 - self._side) * SECTOR)
        return self

    def _generation_of(self, head):
        """The generation of a sector that begins so, 0: it is none."""
        magic, generation = unpack_from("<II", head)
        return generation if magic == _MAGIC and self._genuine(head) else 0

    def _genuine(self, slot):
        return equal(cmac(self._mark, slot[:_HEAD], bytearray(_MAC)), slot[_HEAD:])

    def _read(self):
        """Know the keys of this sector. One that another has followed, or that is not whole, was to go, and goes."""
        self._next, page = KEYS, memoryview(bytearray(_PAGE))
        for number in range(SLOTS):
            at = number * SLOT % _PAGE
            if not at:
                self._nor.read(self._first + self._side * SECTOR + number * SLOT, page)
            slot = page[at:at + SLOT]
            if number >= KEYS and slot != _BLANK:
                self._next = number + 1
                if slot != _ZEROS:
                    self._learn(self._side * SLOTS + number, slot)

    def _learn(self, number, slot):
        if not self._genuine(slot):
            slot = self._slot(number)       # once more: what is not whole is lost for ever
        node, gone = unpack_from("<I", slot)[0], number
        if self._genuine(slot):
            place = _place(node)
            if node > self._nodes[place]:
                gone = self._slots[place]
                self._nodes[place], self._slots[place] = node, number
        if gone:
            self._program(gone, _ZEROS)

    def _finish(self, whole):
        """A cut came while keys moved to this sector: fetch what is missing, where the old one is `whole`; then it goes."""
        old = 1 - self._side
        for number in range(KEYS, SLOTS if whole else KEYS):
            slot = self._slot(old * SLOTS + number)
            node = unpack_from("<I", slot)[0]
            if slot not in (_BLANK, _ZEROS) and self._genuine(slot) and node > self._nodes[_place(node)]:
                self._append(node, slot)
        self._nor.erase_now(self._first + old * SECTOR)
        self._alone()

    def _alone(self):
        self._program(self._side * SLOTS + 1, _ZEROS)
        self._moved = True

    # use
    def begun(self):
        return self._generation > 0

    def room(self):
        """How many keys its sector takes."""
        return SLOTS - self._next

    def has(self, node):
        return self._nodes[_place(node)] == node

    def reaches(self, counter):
        """Is there a key for `counter`, and for each one after it? 0: there is none to come."""
        return not counter or all(self.above(node) for node in dukpt.frontier(counter))

    def above(self, node):
        """The nearest above `node`, itself the first, that is here; 0: none."""
        while node and not self.has(node):
            node &= node - 1
        return node

    def find(self, counter, out):
        """As Dukpt wants it. Raises NotKeyed, StorageFault."""
        node = self.above(counter)
        if not node:
            raise NotKeyed("used up")
        slot = self._slot(self._slots[_place(node)])
        if not self._genuine(slot) or unpack_from("<I", slot)[0] != node:
            raise StorageFault("register")
        out[:] = slot[4:_HEAD]
        aes.cipher(self._seal, aes.CBC, self._iv(node)).decrypt(out, out)
        return node

    def _iv(self, node):
        iv = bytearray(aes.BLOCK)
        pack_into("<I", iv, 0, node)
        return iv

    # change
    def load(self, initial, key_id, counter):
        """The keys of `counter` and of all after it, out of an initial key that is kept nowhere."""
        self.wipe()
        self._begin(0, 1)
        self._alone()
        keys = dukpt.under(initial, key_id)
        for node in dukpt.frontier(counter):
            self._put(node, keys)
        keys.wipe()

    async def advance(self, counter, keys):
        """At a quiet moment: from here on nothing before `counter` can be had. `keys`: the Dukpt that finds its keys here."""
        nodes, wanted = self._nodes, list(dukpt.frontier(counter))
        await asyncio.sleep(0)
        new = [node for node in wanted if not self.has(node)]
        if nodes is self._nodes and not self._moved:
            await self._move()                          # a fault was in the way of it
        if nodes is self._nodes and len(new) > self.room():
            await self._turn()
        steps = self._steps(wanted, new, keys)
        while nodes is self._nodes and next(steps, False):
            await asyncio.sleep(0)

    def _steps(self, wanted, new, keys):
        """Write what is new, have the first one at hand, overwrite what is over: each of it some milliseconds."""
        for node in new:
            keys.walk(node)
            yield True
            self._put(node, keys)
            yield True
        keys.walk(wanted[0])                            # at hand when the next customer waits
        for place in range(_MOST):
            if self._nodes[place] and self._nodes[place] not in wanted:
                yield True
                self._program(self._slots[place], _ZEROS)
                self._nodes[place] = 0

    async def _turn(self):
        """Go on in the other sector. Where everything is wiped meanwhile, it ends there."""
        nodes, other = self._nodes, 1 - self._side
        if self._slot(other * SLOTS) != _BLANK:
            await self._nor.erase(self._first + other * SECTOR)         # it was begun in vain
        if nodes is self._nodes:
            self._begin(other, self._generation + 1)
            await self._move()

    async def _move(self):
        """Every key that lies in the other sector comes into this one; then that one goes."""
        nodes = self._nodes
        for place in range(_MOST):
            if nodes[place] and self._slots[place] // SLOTS != self._side:
                self._append(nodes[place], self._slot(self._slots[place]))
                await asyncio.sleep(0)
                if nodes is not self._nodes:
                    return
        await self._nor.erase(self._first + (1 - self._side) * SECTOR)
        if nodes is self._nodes:
            self._alone()

    def _begin(self, side, generation):
        """A sector counts once its head is whole."""
        head = bytearray(SLOT)
        pack_into("<II", head, 0, _MAGIC, generation)
        self._program(side * SLOTS, self._marked(head))
        self._side, self._next, self._generation, self._moved = side, KEYS, generation, False

    def _marked(self, slot):
        slot[_HEAD:] = cmac(self._mark, slot[:_HEAD], bytearray(_MAC))
        return slot

    def _put(self, node, keys):
        """Its key, out of one above it; then the one in its place before it goes."""
        key, slot, place = keys.derivation_key(node), bytearray(SLOT), _place(node)
        aes.cipher(self._seal, aes.CBC, self._iv(node)).encrypt(key, key)
        pack_into("<I", slot, 0, node)
        slot[4:_HEAD] = key
        gone = self._nodes[place] and self._slots[place]
        self._append(node, self._marked(slot))
        if gone:
            self._program(gone, _ZEROS)

    def _append(self, node, slot):
        """At the next free place; it counts once it is whole."""
        if not self.room():
            raise StorageFault("registers")
        number, place = self._side * SLOTS + self._next, _place(node)
        self._next += 1
        self._program(number, slot)
        self._nodes[place], self._slots[place] = node, number

    def _program(self, number, data):
        self._nor.program(self._first + number * SLOT, data)
        if self._slot(number) != data:
            raise StorageFault("verify")

    def wipe(self):
        """No key is left. A cut leaves what the sector after it held: call it again."""
        self._forget()
        for side in (0, 1):
            self._nor.erase_now(self._first + side * SECTOR)
