# ring.py: records on NOR flash, each whole or absent after a cut at any moment. One program a record of up to a page; no await in an append.
# A torn record is skipped and its page never written again; a sector counts only once its header, written after the erase, is there.
#
# Sector header (24): magic 4, sequence 4, keep 4, first record 4, retired 4 (FFFFFFFF until it is given up), CRC-32 of the first 16.
#   keep: the oldest sector that still held something open when this one was begun, so that a boot need not read further back.
# Record: size 2, kind 1, 0xA7, number 4, payload, CRC-32 of all before it; padded to 4. It crosses a page only if it is larger than what a page
# can hold, and then page after page, so that a tear stays in one.
from binascii import crc32
from struct import pack_into, unpack_from

from till.core.errors import JournalFull, StorageFault

SECTOR, PAGE = 4096, 256
_HEADER, _HEAD, _TAIL = 24, 8, 4
_MARK = 0xA7
MOST = 1536                     # bytes of payload, where its owner says nothing else
_BLANK = b"\xff" * 64


class Ring:
    """`nor`: read(address, buf), program(address, data), erase(address) [await], erase_now(address). A window of whole sectors."""
    FIRST = _HEADER                         # where in a sector its first record lies
    MAGIC = b"MTr1"
    TAIL, MARK = _TAIL, _MARK               # bytes after a payload; the fourth byte of a record

    def __init__(self, nor, first_address, sectors, most=MOST, kept=MOST):
        self._nor, self._first, self._sectors = nor, first_address, sectors
        self._most = most                   # bytes of a payload
        self._kept = _HEAD + min(most, kept) + self.TAIL + 4        # bytes of buffer that stay; a larger record takes its own while it is at hand
        self.relax()
        self._check = None if kept < most else bytearray(PAGE)      # one that is written seldom makes it when it is
        self._open = [0] * sectors          # sequence of each sector, 0: not usable
        self._blank = bytearray(sectors)    # 1: erased and known to be
        self.at = -1                        # the sector being written, and
        self.offset = 0                     # where in it
        self.began = self.found = self.FIRST            # where the last record that was appended begins, and the one that was read last
        self.sequence = 0
        self.number = 0                     # of the last record
        self.keep = 1                       # sequence of the oldest sector that may not be erased
        self.torn = 0                       # records found torn at mount

    def relax(self):
        """Give back what a large record took."""
        self._buf = bytearray(self._kept)
        self._view = memoryview(self._buf)

    def _take(self, total):
        """Room for a record of so many bytes, with what was there before."""
        if total > len(self._buf):
            larger = bytearray(total + 4)
            larger[:len(self._buf)] = self._buf
            self._buf = larger
            self._view = memoryview(larger)

    # mount
    def mount(self):
        """Find the newest sector and its end. Reads a header a sector and one sector. Erases nothing that holds a record."""
        head = memoryview(bytearray(self.FIRST))
        for n in range(self._sectors):
            self._nor.read(self._address(n), head)
            self._open[n] = self._sequence_of(n, head)
            if self._open[n] > self.sequence:
                self.sequence, self.at = self._open[n], n
                self.keep, self.number = unpack_from("<II", head, 8)
        if self.at >= 0:
            self._find_end()
        self._look_further()
        if self.at < 0:
            self._begin(self._next_blank())
        return self

    def _look_further(self):
        """Is there more than the headers tell? Only a sealed ring can know."""

    def _sequence_of(self, n, head):
        sequence, keep, number, retired, check = unpack_from("<IIIII", head, 4)
        good = bytes(head[:4]) == self.MAGIC and check == crc32(head[:16]) & 0xFFFFFFFF
        return sequence if good and retired == 0xFFFFFFFF else 0

    def _find_end(self):
        offset = self.FIRST
        for offset_after, number, _kind, _payload in self._records(self.at):
            offset, self.number = offset_after, number
        self.offset = self._clear_from(offset)

    def _clear_from(self, offset):
        """The first offset at or after `offset` from which its page and all later pages are blank."""
        last_dirty = at = offset
        check = memoryview(self._check or bytearray(PAGE))
        while at < SECTOR:
            n = min(PAGE - at % PAGE, SECTOR - at)
            window = check[:n]
            self._nor.read(self._address(self.at) + at, window)
            if not is_blank(window):
                last_dirty = at + n
            at += n
        return last_dirty

    # reading
    def oldest(self):
        """Sequence of the oldest sector that is held."""
        return min(sequence for sequence in self._open if sequence)

    def records(self, since_sequence=0, offset=None):
        """(sequence, number, kind, payload window) of every whole record, oldest first: from that sector on, and in it from that offset.
        A window is good until the next one, or until anybody else reads or writes: between two records others may. What is written into a
        sector that was not begun yet is left out, and so is what is erased meanwhile."""
        order = sorted(s for s in self._open if s and s >= since_sequence)
        self._expect(order, offset)
        for sequence in order:
            if sequence not in self._open:
                continue                # given up since
            for _offset, number, kind, payload in self._records(self._open.index(sequence), offset if sequence == since_sequence else None):
                yield sequence, number, kind, payload

    def _expect(self, order, offset):
        """Reading begins at the first of these sectors. Only a sealed ring minds."""

    def _records(self, n, offset=None):
        base, offset = self._address(n), offset or self.FIRST
        while offset + _HEAD + _TAIL <= SECTOR:
            view = self._view
            self._nor.read(base + offset, view[:_HEAD])
            size = self._buf[0] | self._buf[1] << 8
            total = _HEAD + size + _TAIL
            if self._buf[3] == _MARK and size <= self._most and offset + total <= SECTOR:
                self._take(total)
                view = self._view
                self._nor.read(base + offset + _HEAD, view[_HEAD:total])
                if crc32(view[:_HEAD + size]) & 0xFFFFFFFF == unpack_from("<I", self._buf, _HEAD + size)[0]:
                    self.found, offset = offset, offset + total + (-total & 3)
                    number, kind = unpack_from("<I", self._buf, 4)[0], self._buf[2]
                    yield offset, number, kind, view[_HEAD:_HEAD + size]
                    continue
            if not is_blank(view[:_HEAD]):
                self.torn += 1
            offset = (offset // PAGE + 1) * PAGE        # torn, or the unused end of a page

    # writing
    def append(self, kind, payload):
        """Program one record, read it back, and only then believe it. Returns its number. Raises JournalFull, StorageFault."""
        size = len(payload)
        total = _HEAD + size + self.TAIL
        if size > self._most:
            raise StorageFault("size")
        room = self._place(total)
        self._take(total)
        buf, view = self._buf, self._view
        pack_into("<HBBI", buf, 0, size, kind, self.MARK, self.number + 1)
        buf[_HEAD:_HEAD + size] = payload
        self._close(buf, view, _HEAD + size)
        address, self.began = self._address(self.at) + room, room
        end = room + total + (-total & 3)
        self.offset = (end + PAGE - 1) // PAGE * PAGE       # where the program fails, nothing more goes into its page: readers pass over it
        self._program(address, view[:total])
        self.offset = end
        self.number += 1
        return self.number

    def _close(self, buf, view, end):
        """The tail of a record that ends at `end` in the buffer."""
        pack_into("<I", buf, end, crc32(view[:end]) & 0xFFFFFFFF)

    def sure(self):
        """Put down that the newest record was whole. Only a sealed ring (store/sealed.py) does."""

    def _place(self, total):
        """The offset for a record of `total` bytes; begins the next sector where this one has no room."""
        offset = self.offset
        if total <= PAGE - self.FIRST and offset % PAGE + total > PAGE:
            offset = (offset // PAGE + 1) * PAGE
        if offset + total > SECTOR:
            self._begin(self._next_blank())
            offset = self.offset
        return offset

    def _program(self, address, data):
        at, check = 0, memoryview(self._check or bytearray(PAGE))
        while at < len(data):
            n = min(PAGE - (address + at) % PAGE, len(data) - at)
            self._nor.program(address + at, data[at:at + n])
            window = check[:n]
            self._nor.read(address + at, window)
            if window != data[at:at + n]:
                raise StorageFault("verify")
            at += n

    def _begin(self, n):
        head = bytearray(self.FIRST)
        head[:4] = self.MAGIC
        sequence, self._blank[n] = self.sequence + 1, 0
        pack_into("<III", head, 4, sequence, min(self.keep, sequence), self.number)
        pack_into("<II", head, 16, 0xFFFFFFFF, crc32(memoryview(head)[:16]) & 0xFFFFFFFF)
        self._close_header(n, head)
        self._program(self._address(n), memoryview(head))
        self._open[n] = self.sequence = sequence
        self.at, self.offset = n, self.FIRST

    def _close_header(self, n, head):
        """What else a header holds."""

    def _next_blank(self):
        """A sector that is known to be blank, or is made so now: at start-up, or where idle never came to erase ahead."""
        n = (self.at + 1) % self._sectors
        if self._blank[n]:
            return n
        if self._open[n] and self._open[n] >= self.keep:
            raise JournalFull
        self._retire(n)
        self._nor.erase_now(self._address(n))
        return n

    def _retire(self, n):
        """Give the sector up before it is erased, so that a torn erase cannot leave a header that is believed."""
        if self._open[n]:
            self._nor.program(self._address(n) + 16, b"\x00\x00\x00\x00")
            self._open[n] = 0

    def room(self):
        """Bytes that may be written before a sector is needed that cannot be had: what is left here, and the blank or free sectors next."""
        free, n = SECTOR - self.offset, self.at
        for _ in range(self._sectors - 1):
            n = (n + 1) % self._sectors
            if not self._blank[n] and self._open[n] and self._open[n] >= self.keep:
                break
            free += SECTOR - self.FIRST
        return free

    def ahead(self):
        """Is the next sector blank already?"""
        return bool(self._blank[(self.at + 1) % self._sectors])

    async def erase_ahead(self):
        """At a quiet moment: make the next sector blank. True if there was something to do."""
        n = (self.at + 1) % self._sectors
        if self._blank[n] or self._open[n] and self._open[n] >= self.keep:
            return False
        self._retire(n)
        await self._nor.erase(self._address(n))
        self._blank[n] = 1
        return True

    def wipe(self):
        """Erase all of it, now, and begin again as on a blank chip."""
        for n in range(self._sectors):
            self._nor.erase_now(self._address(n))
            self._open[n], self._blank[n] = 0, 1
        self.at, self.sequence, self.number, self.keep = -1, 0, 0, 1
        self._begin(0)

    def _address(self, n):
        return self._first + n * SECTOR


def is_blank(window):
    for at in range(0, len(window), 64):
        part = window[at:at + 64]
        if part != _BLANK[:len(part)]:
            return False
    return True
