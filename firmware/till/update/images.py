# images.py: two places on flash for signed application images, and the record of which one starts [pure]. A cut at any operation leaves the record
# before it or the one after it; an image counts once the record says so, and not before. Raises StorageFault, NotSigned, NotForUs, Malformed.
from binascii import crc32, hexlify
from hashlib import sha256
from struct import pack, unpack_from

from till.core.errors import Malformed, StorageFault, TillError
from till.update import manifest

BASE, A, B = 0, 1, 2            # what starts: the firmware that the board came with, or the image in a place
NAMES = ("base", "A", "B")
QUIET, WAITING, TRIED, BACK = 0, 1, 2, 3        # of a trial: none; at the next start; its one start has begun; it went back, and nobody knows yet
PART = "application"
_SECTOR, _PAGE = 4096, 256
_RECORD, _FIRST, _BODY_SECTORS = 84, {A: 86, B: 171}, 84            # behind everything else, up to the end of a chip of 1 MiB
MOST = _BODY_SECTORS * _SECTOR
_HEAD, _SIGNATURE = 8, 384
_ENTRY = 16


class NotNow(TillError):
    """No image is taken now: "trial", one is being tried; "front", somebody is served; "order", a piece out of turn."""
    code = "S18"


class Record:
    """Two entries in turn, a sector each: mark 4, sequence 4, what starts 1, what is tried 1, phase 1, FF, CRC-32 of all before it."""

    def __init__(self, nor):
        self._nor = nor
        self.sequence, self.starts, self.trial, self.phase = 0, BASE, BASE, QUIET

    def read(self):
        for n in (0, 1):
            entry = bytearray(_ENTRY)
            self._nor.read(self._address(n), entry)
            if bytes(entry[:4]) == b"MTb1" and crc32(entry[:12]) & 0xFFFFFFFF == unpack_from("<I", entry, 12)[0]:
                sequence = unpack_from("<I", entry, 4)[0]
                if sequence > self.sequence:
                    self.sequence, self.starts, self.trial, self.phase = sequence, entry[8], entry[9], entry[10]
        return self

    def _address(self, n):
        return (_RECORD + n % 2) * _SECTOR

    def write(self, starts, trial, phase):
        """Counts when this returns, and not before."""
        entry = pack("<4sIBBBB", b"MTb1", self.sequence + 1, starts, trial, phase, 0xFF)
        entry += pack("<I", crc32(entry) & 0xFFFFFFFF)
        address, check = self._address(self.sequence + 1), bytearray(_ENTRY)
        self._nor.erase_now(address)
        self._nor.program(address, entry)
        self._nor.read(address, check)
        if check != entry:
            raise StorageFault("verify")
        self.sequence, self.starts, self.trial, self.phase = self.sequence + 1, starts, trial, phase

    def at_start(self):
        """What starts now. What follows from it for the next start is on flash before it does: a trial has one start."""
        if self.phase == WAITING:
            self.write(self.starts, self.trial, TRIED)
            return self.trial
        if self.phase == TRIED:
            self.write(self.starts, self.trial, BACK)
        return self.starts

    def spare(self):
        """The place that an image may be written to: not the one that starts. Raises NotNow while one is tried."""
        if self.phase in (WAITING, TRIED):
            raise NotNow("trial")
        return B if self.starts == A else A


class Incoming:
    """An image on its way into a place, a sector at a time. `told`: its manifest, which has been checked; `text` and `signature`: as they came."""

    def __init__(self, nor, place, text, signature, told):
        self._nor, self.place, self.told, self.have = nor, place, told, 0
        self.size, self._digest = told["parts"].get(PART, (0, ""))
        if not 0 < self.size <= MOST:
            raise manifest.NotForUs("size")
        self._head = pack("<4sI", b"MTi1", len(text)) + bytes(signature) + bytes(text)
        nor.erase_now(_FIRST[place] * _SECTOR)                  # whatever stood there is no image any more

    def take(self, at, data):
        """The next sector of it; the last one may be shorter."""
        if at != self.have or len(data) != min(_SECTOR, self.size - at) or not data:
            raise NotNow("order")
        _put(self._nor, _body(self.place) + at, data)
        self.have += len(data)

    def finish(self):
        """All of it is there: read back, compare, and write its head."""
        if self.have != self.size:
            raise NotNow("order")
        if _hash(self._nor, self.place, self.size) != self._digest:
            raise manifest.NotForUs("hash")
        _put(self._nor, _FIRST[self.place] * _SECTOR, self._head)


def _body(place):
    return (_FIRST[place] + 1) * _SECTOR


def _put(nor, address, data):
    """Erase the sector and fill it from its beginning."""
    nor.erase_now(address)
    for at in range(0, len(data), _PAGE):
        nor.program(address + at, data[at:at + _PAGE])


def _hash(nor, place, size):
    digest, piece = sha256(), bytearray(_SECTOR)
    for at in range(0, size, _SECTOR):
        window = memoryview(piece)[:min(_SECTOR, size - at)]
        nor.read(_body(place) + at, window)
        digest.update(window)
    return str(hexlify(digest.digest()), "ascii")


def head(nor, place):
    """(signature, text) of the image in a place. Raises Malformed("no image")."""
    first = bytearray(_HEAD)
    nor.read(_FIRST[place] * _SECTOR, first)
    size = unpack_from("<I", first, 4)[0]
    if bytes(first[:4]) != b"MTi1" or size > manifest.MOST:
        raise Malformed("no image")
    rest = bytearray(_SIGNATURE + size)
    nor.read(_FIRST[place] * _SECTOR + _HEAD, rest)
    return bytes(rest[:_SIGNATURE]), bytes(rest[_SIGNATURE:])


def whole(nor, place, keys, device, floor):
    """(manifest, bytes) of the image in a place, once signature, class, floor, size and hash hold. `keys`: moduli, of which one must have
    signed; its date does not matter any more."""
    signature, text = head(nor, place)
    told = signed_by(keys, text, signature, device, floor)
    if not 0 < told["parts"].get(PART, (0, ""))[0] <= MOST:
        raise manifest.NotForUs("size")
    data = bytearray(told["parts"][PART][0])
    for at in range(0, len(data), _SECTOR):
        nor.read(_body(place) + at, memoryview(data)[at:at + _SECTOR])
    manifest.holds(told, PART, data)
    return told, data


def signed_by(keys, text, signature, device, floor):
    """The manifest of an image that was taken once, by any of these keys."""
    for modulus in keys:
        try:
            return manifest.check(text, signature, modulus, manifest.IMAGE, floor, 0, device)
        except manifest.NotSigned:
            pass
    raise manifest.NotSigned
