# sealed.py: a ring whose records are proven: each carries the first 8 bytes of a CMAC, and its number must follow that of the one before. What was
# altered, moved, repeated or taken away is not believed, and is told: docs/decisions/07. A torn tail is dropped without a word, as ever.
#
# Sector header: as in ring.py, and the MAC over its first 16 bytes and the sector's place. Record, never across a page: size 2, kind 1, mark 1,
# number 4, payload, MAC 8, CRC-32 of all before it. `mark` is FF when the record is programmed, and becomes 00 once it is sure: after that it
# cannot be torn.
from binascii import crc32
from struct import pack_into, unpack_from

from till.core.errors import StorageFault
from till.store.ring import PAGE, SECTOR, Ring, is_blank

_HEAD, _MAC, _CRC = 8, 8, 4
_LOOSE, _SURE = 0xFF, 0x00
_OF_THE_HEADER = 16             # bytes that its MAC covers, beside the place
_MOST_DOUBTS = 8                # that are kept; a person has to look, whatever their number
_FIRST = 32
MOST = PAGE - _FIRST - _HEAD - _MAC - _CRC      # bytes of a payload


class SealedRing(Ring):
    """`mac(data, out)` fills `out` with the first bytes of the MAC. `altered`: {number from which records cannot be believed: how many}."""
    FIRST = _FIRST
    MAGIC = b"MTr2"
    TAIL, MARK = _MAC + _CRC, _LOOSE

    def __init__(self, nor, first_address, sectors, mac):
        self._mac, self._proof = mac, bytearray(_MAC)
        self.altered = {}
        self._expected = 0              # number of the next record that is read, 0: any
        self._loose = -1                # address of the newest record's mark while that is not 00
        self._read = -1, _SURE          # address of the mark that was read last, and the mark
        self._failed = False            # did the last append not come to its end?
        super().__init__(nor, first_address, sectors, MOST, MOST)

    def doubt(self, number, count=1):
        """Records from this number on are not what was written."""
        if number not in self.altered and len(self.altered) >= _MOST_DOUBTS:
            del self.altered[min(self.altered)]
        self.altered[number] = max(count, self.altered.get(number, 0))

    # headers
    def _proven(self, n, head):
        """The MAC of a header at sector `n`, in a buffer that is used again."""
        self._mac(bytes(head[:_OF_THE_HEADER]) + bytes((n & 0xFF, n >> 8)), self._proof)
        return self._proof

    def _sequence_of(self, n, head):
        sequence = super()._sequence_of(n, head)
        if bytes(head[:4]) == Ring.MAGIC:
            self.doubt(1)               # of a firmware that did not seal: nobody can tell whether it is as it was written
        return sequence if sequence and self._proves(self._proven(n, head), head, 24) else 0

    def _proves(self, proof, data, at):
        """Does `proof` stand there? Compared in constant time."""
        differ = 0
        for i in range(_MAC):
            differ |= proof[i] ^ data[at + i]
        return differ == 0

    def _close_header(self, n, head):
        head[24:32] = self._proven(n, head)

    def _number_before(self, n):
        """Number of the last record before sector `n`."""
        word = bytearray(4)
        self._nor.read(self._address(n) + 12, word)
        return unpack_from("<I", word, 0)[0]

    def _first_number(self, n):
        """Of the first record of sector `n`; 0 where its header is not to be believed: then any will do."""
        head = bytearray(self.FIRST)
        self._nor.read(self._address(n), head)
        return unpack_from("<I", head, 12)[0] + 1 if self._sequence_of(n, head) else 0

    def _look_further(self):
        """Sectors follow each other without a hole, and nothing newer lies behind the newest header: else a header was altered."""
        n = (self.at + 1) % self._sectors
        if not self._open[n] and self._begun(n):
            self.doubt(self.number + 1)
            self.sequence += 1
            self.at, self._open[n] = n, self.sequence
            self._find_end()
        for n in range(self._sectors if self.at >= 0 else 0):
            expected = self.sequence - (self.at - n) % self._sectors
            if self._open[n] == expected or not self._open[n] and (expected < self.keep or n == (self.at + 1) % self._sectors):
                continue                # the next one may have been erased since that header was written
            self._open[n] = expected if expected >= self.keep else 0
            self.doubt(self._number_before((n + 1) % self._sectors))

    def _begun(self, n):
        """Does a sector without a header hold a record that is newer than all others?"""
        for offset in (self.FIRST,) + tuple(range(PAGE, SECTOR, PAGE)):
            if self._whole(self._address(n), offset) and unpack_from("<I", self._buf, 4)[0] > self.number:
                return True
            if is_blank(self._view[:_HEAD]):
                return False
        return False

    # reading
    # What cannot be believed is left out of records(), and stands in `altered`.
    def _expect(self, order, offset):
        self._expected = 0 if offset or not order else self._first_number(self._open.index(order[0]))

    def _find_end(self):
        self._expected, self._read = self.number + 1, (-1, _SURE)
        super()._find_end()
        self._loose = self._read[0] if self._read[1] != _SURE else -1
        if self._read[1] != _LOOSE:
            self._mend_mark()
        if self._expected in self.altered:
            self.number = self._expected        # it was there: its number is not given again

    def _mend_mark(self):
        """A mark that was cut is made whole. Where flash does not take it, that is found at the next append."""
        try:
            self.sure()
        except StorageFault:
            pass

    def _records(self, n, offset=None):
        base, offset, sequence = self._address(n), offset or self.FIRST, self._open[n]
        while offset + _HEAD + self.TAIL <= SECTOR:
            total = self._whole(base, offset)
            if total:
                at, offset = offset, offset + total + (-total & 3)
                number, kind = unpack_from("<I", self._buf, 4)[0], self._buf[2]
                if self._follows(number, base + at, n):
                    self.found, expected = at, self._expected
                    yield offset, number, kind, self._view[_HEAD:total - self.TAIL]
                    self._expected = expected           # somebody else may have read meanwhile
                    if self._open[n] != sequence:
                        self._expected = 0              # and this sector may have been given up
                        return
            elif is_blank(self._view[:_HEAD]):
                offset = (offset // PAGE + 1) * PAGE
            else:
                if self._buf[3] == _LOOSE:
                    self.torn += 1
                else:
                    self.doubt(self._expected)
                offset = self._next_whole(base, offset)

    def _whole(self, base, offset):
        """Bytes of the record there, 0 where none is whole. The buffer then holds it; its mark is 00 where the CRC is right and the MAC not."""
        view = self._view
        self._nor.read(base + offset, view[:_HEAD])
        size = self._buf[0] | self._buf[1] << 8
        total, end = _HEAD + size + self.TAIL, _HEAD + size
        if size > self._most or offset + total > SECTOR:
            return 0
        self._take(total)
        buf, view = self._buf, self._view
        self._nor.read(base + offset + _HEAD, view[_HEAD:total])
        mark, buf[3] = buf[3], _LOOSE
        right = crc32(view[:total - _CRC]) & 0xFFFFFFFF == unpack_from("<I", buf, total - _CRC)[0]
        if right:
            self._mac(view[:end], self._proof)
            if not self._proves(self._proof, buf, end):
                right, mark = False, _SURE
        buf[3] = mark
        return total if right else 0

    def _follows(self, number, address, n):
        """Is this the next record? One that repeats an older one is not believed; a leap means that some are missing."""
        expected, mark = self._expected, self._buf[3]
        if number < expected:
            self.doubt(expected)
            return False
        if expected and number > expected:
            self.doubt(expected, number - expected)
        self._expected = number + 1
        if mark not in (_LOOSE, _SURE) and (n != self.at or number < self.number):
            self.doubt(number)          # that of the newest record may be torn, and harms nothing
        self._read = address + 3, mark
        return True

    def _next_whole(self, base, offset):
        """Where the page of a record that is none goes on: at its next record, or on the next page."""
        end = (offset // PAGE + 1) * PAGE
        for at in range(offset + 4, end - _HEAD - self.TAIL + 1, 4):
            if self._whole(base, at) and unpack_from("<I", self._buf, 4)[0] >= self._expected:
                return at
        return end

    # writing
    def append(self, kind, payload):
        if self._failed:                # was it whole all the same?
            if self._whole(self._address(self.at), self.began) and unpack_from("<I", self._buf, 4)[0] == self.number + 1:
                self.number += 1
        self._failed = True
        number = super().append(kind, payload)
        self._failed, self._loose = False, self._address(self.at) + self.began + 3
        return number

    def _close(self, buf, view, end):
        self._mac(view[:end], self._proof)
        buf[end:end + _MAC] = self._proof
        pack_into("<I", buf, end + _MAC, crc32(view[:end + _MAC]) & 0xFFFFFFFF)

    def sure(self):
        """Put down that the newest record was whole: from now on nobody can make it look torn."""
        if self._loose >= 0:
            self._program(self._loose, bytes((_SURE,)))
            self._loose = -1
