# nor.py: a serial NOR flash of the W25Q family at its SPI pins. Programming only clears bits; a cut tears an operation bit by bit.
import mmap
import os

_WRITE_ENABLE, _WRITE_DISABLE, _READ_STATUS, _READ, _FAST_READ, _PROGRAM = 0x06, 0x04, 0x05, 0x03, 0x0B, 0x02
_ERASE_SECTOR, _ERASE_BLOCK, _ERASE_CHIP, _ERASE_CHIP_60 = 0x20, 0xD8, 0xC7, 0x60
_SLEEP, _WAKE, _JEDEC, _MAKER, _UNIQUE, _RESET_ENABLE, _RESET = 0xB9, 0xAB, 0x9F, 0x90, 0x4B, 0x66, 0x99
_STATUS_2, _STATUS_3 = 0x35, 0x15
_WIP, _WEL = 1, 2
PAGE, SECTOR, BLOCK = 256, 4096, 65536
_HEADS = {_READ: 4, _FAST_READ: 5, _PROGRAM: 4, _ERASE_SECTOR: 4, _ERASE_BLOCK: 4, _WAKE: 4, _MAKER: 4, _UNIQUE: 5}


class PowerCut(Exception):
    """The supply failed inside a flash operation; what was being written is torn."""


class Nor:
    """The chip. `size` in bytes, a power of two of 64 KiB or more; times in microseconds; `random` tears.

    `cut` is (operation number from 1, share done 0..1) or None; it fires once and raises PowerCut.
    Faults: `read_only`, `stuck_busy`, `deaf`."""

    def __init__(self, world, random, size=1 << 20, program_us=700, sector_us=45_000, block_us=150_000, chip_us=10_000_000):
        self.world, self.random, self.size = world, random, size
        self.program_us, self.sector_us, self.block_us, self.chip_us = program_us, sector_us, block_us, chip_us
        self.data = bytearray(b"\xff" * size)
        self.wear = [0] * (size // SECTOR)
        self.cut, self.on_operation = None, None
        self.read_only = self.stuck_busy = self.deaf = False
        self.busy_until, self._undo = 0, None
        self.reset_counts()
        self.power_on()

    def reset_counts(self):
        """Operations are numbered from here. The wear of sectors stays."""
        self.operations = self.programs = self.erases = self.programmed_bytes = 0

    def power_on(self):
        """An operation that was under way when power went is torn at the share of its time that had passed."""
        if self._undo and self.world.now < self.busy_until:
            address, old, began_us = self._undo
            share = (self.world.now - began_us) / (self.busy_until - began_us)
            self._mix(address, old, bytes(self.data[address:address + len(old)]), share)
        self.operations, self.busy_until, self._undo = 0, 0, None
        self._wel = self._asleep = self._selected = self._reset_armed = False
        self._head, self._body = bytearray(), bytearray()

    # --- the image

    def load(self, path):
        """Contents from a file of at most `size` bytes; a file that is not there is a blank chip."""
        image = b""
        if os.path.exists(path):
            with open(path, "rb") as file:
                image = file.read()
        if len(image) > self.size:
            raise ValueError(f"image of {len(image)} bytes, chip of {self.size}")
        self.data[:] = image + b"\xff" * (self.size - len(image))

    def save(self, path):
        """Contents to a file: the old one or the new one stands, never a half."""
        with open(path + ".new", "wb") as file:
            file.write(self.data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)

    def live_in(self, path):
        """From now on the chip's contents are this file's, byte by byte as they change: whatever is killed, flash keeps what it had."""
        if not os.path.exists(path):
            self.save(path)
        with open(path, "r+b") as file:
            if os.fstat(file.fileno()).st_size != self.size:
                raise ValueError(f"{path}: not an image of {self.size} bytes")
            self.data = mmap.mmap(file.fileno(), self.size)

    # --- the pins

    @property
    def busy(self):
        return self.stuck_busy or self.world.now < self.busy_until

    def select(self, level):
        """CS. A command that changes something is carried out when it rises. Raises PowerCut."""
        if level == 0:
            self._selected, self._head, self._body = True, bytearray(), bytearray()
            self._obeys, self._at = None, 0
        elif self._selected:
            self._selected = False
            if self._head and self._obeys:
                self._carry_out(self._head[0])

    def transfer(self, data):
        """Clock bytes in and, at the same time, as many out."""
        if not self._selected or self.deaf or not data:
            return b"\xff" * len(data)
        if self._obeys is None:
            self._obeys = self._listens_to(data[0])
        out, rest = bytearray(), memoryview(bytes(data))
        need = _HEADS.get(self._head[0] if self._head else data[0], 1) - len(self._head)
        if need > 0:
            self._head += rest[:need]
            out += b"\xff" * min(need, len(rest))
            rest = rest[need:]
        if rest:
            out += self._answer(len(rest)) if self._obeys else b"\xff" * len(rest)
            if self._head[0] == _PROGRAM:
                self._body = (self._body + rest)[-PAGE:] if len(self._body) + len(rest) > PAGE else self._body + rest
                self._at += len(rest)
        return bytes(out)

    def _listens_to(self, command):
        if self._asleep:
            return command == _WAKE
        return command in (_READ_STATUS, _STATUS_2, _STATUS_3) if self.busy else True

    def _address(self):
        return int.from_bytes(self._head[1:4], "big") % self.size

    def _answer(self, size):
        command = self._head[0]
        capacity = self.size.bit_length() - 1
        if command in (_READ, _FAST_READ):
            start = (self._address() + self._at) % self.size
            self._at += size
            got = self.data[start:start + size]
            while len(got) < size:              # the counter rolls over at the end
                got += self.data[:size - len(got)]
            return got
        if command == _READ_STATUS:
            return bytes(((_WIP if self.busy else 0) | (_WEL if self._wel else 0),)) * size
        if command in (_STATUS_2, _STATUS_3):
            return bytes(size)
        if command == _JEDEC:
            return self._cyclic(bytes((0xEF, 0x40, capacity)), size)
        if command == _MAKER:
            return self._cyclic(bytes((0xEF, capacity - 1)), size)
        if command == _WAKE:
            return bytes((capacity - 1,)) * size
        if command == _UNIQUE:
            return self._cyclic(b"\xd1\x64\x01\x4d\x54\x49\x4c\x4c", size)
        return b"\xff" * size

    def _cyclic(self, pattern, size):
        start, self._at = self._at, self._at + size
        return bytes(pattern[(start + i) % len(pattern)] for i in range(size))

    # --- what CS's rise sets going

    def _carry_out(self, command):
        armed, self._reset_armed = self._reset_armed, command == _RESET_ENABLE
        if command == _WRITE_ENABLE:
            self._wel = not self.read_only
        elif command == _WRITE_DISABLE:
            self._wel = False
        elif command == _SLEEP:
            self._asleep = True
        elif command == _WAKE:
            self._asleep = False
        elif command == _RESET and armed:
            self._wel = False
        elif command == _PROGRAM and len(self._head) == 4 and self._body and self._wel:
            self._program()
        elif command in (_ERASE_SECTOR, _ERASE_BLOCK) and len(self._head) == 4 and self._wel:
            size, took_us = (SECTOR, self.sector_us) if command == _ERASE_SECTOR else (BLOCK, self.block_us)
            self._erase(self._address() // size * size, size, took_us)
        elif command in (_ERASE_CHIP, _ERASE_CHIP_60) and self._wel:
            self._erase(0, self.size, self.chip_us)

    def _program(self):
        """Within one page: past its end the address wraps to its start, and only the last 256 bytes count."""
        address = self._address()
        page, first = address // PAGE * PAGE, address % PAGE
        wanted = bytearray(self.data[page:page + PAGE])
        first += self._at - len(self._body)
        for i, byte in enumerate(self._body):
            wanted[(first + i) % PAGE] &= byte
        self.programs += 1
        self.programmed_bytes += len(self._body)
        self._operate("program", address, len(self._body), page, bytes(wanted), self.program_us)

    def _erase(self, address, size, took_us):
        self.erases += 1
        for sector in range(address // SECTOR, (address + size) // SECTOR):
            self.wear[sector] += 1
        self._operate("erase", address, size, address, b"\xff" * size, took_us)

    def _operate(self, kind, address, size, start, wanted, took_us):
        self._wel = False
        self.operations += 1
        if self.on_operation:
            self.on_operation(kind, address, size, self.world.now)
        old = bytes(self.data[start:start + len(wanted)])
        if self.cut and self.cut[0] == self.operations:
            share, self.cut = self.cut[1], None
            self._mix(start, old, wanted, share)
            raise PowerCut
        self.data[start:start + len(wanted)] = wanted
        self.busy_until = self.world.now + took_us
        self._undo = (start, old, self.world.now)

    def _mix(self, start, old, wanted, share):
        """Each bit that had to change has changed with the chance `share`."""
        for i, (before, after) in enumerate(zip(old, wanted)):
            change = before ^ after
            kept = 0
            for bit in range(8):
                if change >> bit & 1 and self.random.random() < share:
                    kept |= 1 << bit
            self.data[start + i] = before ^ kept
