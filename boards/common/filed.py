# filed.py: a flash in the shape of drivers/nor for a board that has only a file system: sectors are files, and what was programmed last waits in
# small files that littlefs keeps inside its own records, so that a program costs no erase. Whole or absent after a cut, as littlefs promises.
# Fails with FlashError; what the file system does not take is found by whoever reads back.
#
# A head file holds entries: address 4, size 2 (FFFF: the sector was erased), data. Full heads go into the sectors' files, all at once, then they are
# emptied; a cut in between has them applied again, which changes nothing: bits that are 0 stay 0. Mount the file system with progsize and readsize
# of 128 or more: with its default of 32 littlefs keeps no more than 128 bytes inside, and every program costs an erase.
import asyncio
import os
from struct import pack, unpack_from

PAGE, SECTOR = 256, 4096
_HEADS, _HEAD_BYTES = 4, 512        # littlefs keeps a file of up to an eighth of a block inside
_ENTRY, _ERASED = 6, 0xFFFF


class FlashError(Exception):
    """`code`: "range" (address or size), "page" (crosses a page), "folder" (it cannot be made)."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class FileFlash:
    """`size` bytes in files of `folder`. `programs` and `erases` count what was asked since it was made. `error`: the class that is raised
    instead of FlashError, where its owner sets one."""

    error = FlashError

    def __init__(self, folder, size):
        self.size, self.programs, self.erases, self._folder = size, 0, 0, folder
        try:
            os.mkdir(folder)
        except OSError as error:
            if error.errno != 17:           # EEXIST
                raise FlashError("folder")
        self._head, self._used = 0, bytearray()
        self._waiting = []                  # (address, data or None where the sector was erased), oldest first: what the heads hold
        for n in range(_HEADS):
            self._take(n)

    def _take(self, n):
        """What a head holds from an earlier life."""
        held, at = self._bytes_of("h%d" % n), 0
        if held:
            self._head, self._used = n, bytearray(held)
        while at + _ENTRY <= len(held):
            address, size = unpack_from("<IH", held, at)
            at += _ENTRY
            if size == _ERASED:
                self._waiting.append((address, None))
            else:
                self._waiting.append((address, held[at:at + size]))
                at += size

    def _name(self, name):
        return self._folder + "/" + name

    def _bytes_of(self, name):
        try:
            with open(self._name(name), "rb") as file:
                return file.read()
        except OSError:
            return b""                      # never written, or erased

    def read(self, address, buf):
        """Fill `buf` from `address`. Raises FlashError("range")."""
        self._within(address, len(buf))
        done = 0
        while done < len(buf):
            sector, offset = divmod(address + done, SECTOR)
            count = min(SECTOR - offset, len(buf) - done)
            self._read(sector, offset, memoryview(buf)[done:done + count])
            done += count

    def _read(self, sector, offset, window):
        got = 0
        try:
            with open(self._name("s%d" % sector), "rb") as file:
                file.seek(offset)
                got = file.readinto(window)
        except OSError:
            pass                            # erased
        for at in range(got, len(window)):
            window[at] = 0xFF
        first = sector * SECTOR + offset
        for address, data in self._waiting:
            _lay(window, first, address, data)

    def program(self, address, data):
        """Clear bits: 1 to 256 bytes that lie within one page. Raises FlashError("range", "page")."""
        size = len(data)
        self._within(address, size)
        if not size or address % PAGE + size > PAGE:
            raise self.error("page")
        self.programs += 1
        self._put(address, bytes(data))

    async def erase(self, address):
        """Set a sector of 4,096 bytes to FF. Raises FlashError("range")."""
        await asyncio.sleep_ms(0)
        self.erase_now(address)

    def erase_now(self, address):
        self._within(address, SECTOR)
        if address % SECTOR:
            raise self.error("range")
        self.erases += 1
        self._put(address, None)

    def _put(self, address, data):
        """One entry, in a head file when it returns. One that the file system did not take is not there."""
        entry = pack("<IH", address, _ERASED if data is None else len(data)) + (data or b"")
        try:
            if len(self._used) + len(entry) > _HEAD_BYTES:
                self._next_head()
            self._write("h%d" % self._head, bytes(self._used) + entry)
        except OSError:
            return
        self._used += entry
        self._waiting.append((address, data))

    def _next_head(self):
        if self._head == _HEADS - 1:
            self._empty()
        else:
            self._head, self._used = self._head + 1, bytearray()

    def _empty(self):
        """What the heads hold goes into the sectors' files; then they are empty, the newest last, so that no older one is left alone behind it."""
        for sector in sorted({address // SECTOR for address, _data in self._waiting}):
            self._settle(sector)
        for n in range(_HEADS):
            self._write("h%d" % n, b"")
        self._waiting, self._head, self._used = [], 0, bytearray()

    def _settle(self, sector):
        first = sector * SECTOR
        mine = [data for address, data in self._waiting if address // SECTOR == sector]
        name = "s%d" % sector
        if None in mine:                    # erased meanwhile: made anew, or gone
            whole = bytearray(b"\xff" * SECTOR)
            self._read(sector, 0, memoryview(whole))
            end = len(bytes(whole).rstrip(b"\xff"))
            self._write(name, memoryview(whole)[:end]) if end else self._remove(name)
            return
        spans = [(address - first, address - first + len(data)) for address, data in self._waiting if address // SECTOR == sector]
        begin, end = min(span[0] for span in spans), max(span[1] for span in spans)
        held = self._size(name)
        begin = min(begin, held)
        window = bytearray(end - begin)
        self._read(sector, begin, memoryview(window))
        with open(self._name(name), "r+b" if held else "wb") as file:
            file.seek(begin)
            file.write(window)

    def _size(self, name):
        try:
            return os.stat(self._name(name))[6]
        except OSError:
            return 0

    def _write(self, name, data):
        with open(self._name(name), "wb") as file:
            file.write(data)

    def _remove(self, name):
        if self._size(name):
            os.remove(self._name(name))

    def _within(self, address, size):
        if address < 0 or address + size > self.size:
            raise self.error("range")


def _lay(window, first, address, data):
    """An entry over a window that begins at flash address `first`, as far as they meet."""
    end = first + len(window)
    if data is None:
        if address <= first < address + SECTOR:
            for at in range(len(window)):
                window[at] = 0xFF
        return
    for at in range(max(first, address), min(end, address + len(data))):
        window[at - first] &= data[at - address]
