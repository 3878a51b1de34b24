# prelink.py: makes the image of modules that were imported when the firmware was built (boards/qemu_stm32/port/prelink.c): reads the memory that an
# emulated board has after the imports, and lays out what never changes for the flash, and what may change for the first blocks of the heap.
# Raises CannotLink where something would mean another thing on the board.
import ast
import struct
import subprocess
import tempfile
from pathlib import Path

from microtill.bench import qemu

BASE, ROOM = 0x08098000, 160 * 1024
FLASH = 0x08000000
BLOCK = 16
_LINE = 40                                      # bytes of a name in the list that prelinking.py reads
_DUMP = struct.Struct("<8I")
_HEADER = struct.Struct("<4s16s6I")
_BEGIN, _TAIL = 1, 2                            # in the collector's table, two bits a block (py/gc.c)
_FIXED = 2                                      # in a map's flags: nothing may be stored (py/obj.h)
_FREE_KEYS = (0, 4)                             # of a map's table: none, deleted
_FAILED = 255
# Objects of these types never change once they are made. Everything else that an import makes may, and goes to the heap.
CONSTANT = ("fun_bc", "fun_native", "fun_viper", "fun_asm", "gen_wrap", "native_gen_wrap", "type", "tuple", "attrtuple", "str", "bytes", "int",
            "float", "staticmethod", "classmethod", "property", "bound_meth")


class CannotLink(Exception):
    code = "B05"


class Memory:
    """The board's memory: `flash` as the ELF file has it, `image` as linked so far, and SRAM1 with its heap as the board handed them out."""

    def __init__(self, flash, symbols, image, dump):
        self.symbols, self.type_of_types = symbols, symbols["mp_type_type"]
        self.kinds_by_address = {at: name[8:] for name, at in symbols.items() if name.startswith("mp_type_")}
        self.start, size, table, self.pool, end, self.modules, self.modules_size, self.qstrs = _DUMP.unpack_from(dump)
        self._regions = [(self.start, dump[_DUMP.size:]), (BASE, image), (FLASH, flash)]
        blocks = (end - self.pool) // BLOCK
        kinds = self.read(table, (blocks + 3) // 4)
        self._blocks = [kinds[n // 4] >> 2 * (n % 4) & 3 for n in range(blocks)]

    def read(self, address, size):
        for start, held in self._regions:
            if start <= address and address + size <= start + len(held):
                return held[address - start:address - start + size]
        raise CannotLink("nothing is at %08x" % address)

    def word(self, address):
        return struct.unpack("<I", self.read(address, 4))[0]

    def is_head(self, address):
        at, odd = divmod(address - self.pool, BLOCK)
        return not odd and 0 <= at < len(self._blocks) and self._blocks[at] == _BEGIN

    def size(self, address):
        """Bytes of the piece of heap that begins here."""
        first = at = (address - self.pool) // BLOCK
        while at + 1 < len(self._blocks) and self._blocks[at + 1] == _TAIL:
            at += 1
        return (at + 1 - first) * BLOCK

    def words(self, address):
        size = self.size(address)
        return struct.unpack("<%dI" % (size // 4), self.read(address, size))

    def kind(self, address):
        """What the object there is: a built-in type's name, "instance" of a class of ours, or None: no object, but the store of one."""
        first = self.word(address)
        if first in self.kinds_by_address:
            return self.kinds_by_address[first]
        try:
            return "instance" if first & 3 == 0 and first and self.word(first) == self.type_of_types else None
        except CannotLink:
            return None

    def entries(self, table, size):
        """(key, value) of a map's table."""
        pairs = (struct.unpack("<II", self.read(table + 8 * n, 8)) for n in range(size))
        return [pair for pair in pairs if pair[0] not in _FREE_KEYS]

    def qstr(self, key):
        """The text of a name. Raises CannotLink for one that only this run knew."""
        number, pool = key >> 3, self.symbols["mp_qstr_frozen_const_pool"]
        if key & 7 != 2 or number >= self.qstrs:
            raise CannotLink("a name that was made when the board ran")
        while pool:
            previous, before = self.word(pool), self.word(pool + 4) & 0x7FFFFFFF
            if number >= before:
                text = self.word(pool + _QSTR_TEXTS + 4 * (number - before))
                got = b""
                while not got.endswith(b"\0"):
                    got += self.read(text + len(got), 1)
                return got[:-1].decode()
            pool = previous
        raise CannotLink("no such name")


_QSTR_TEXTS = 24                                # of a pool (py/qstr.h): previous, sums, alloc, len, hashes, lengths, then texts


class Sorted:
    """Everything that the modules `wanted` lead to, sorted into flash and heap: addresses of pieces, in order. `changing`: names of modules
    that assign to globals of theirs, whose tables stay in the heap. `linked`: what is in flash from earlier rounds, as tuples of words."""

    def __init__(self, memory, wanted, changing, linked):
        self.memory = memory
        self.flash, self.heap, self.fixed = {}, {}, set()
        loaded = memory.entries(memory.modules, memory.modules_size)
        self.residents = [(key, module) for key, module in loaded if memory.qstr(key) in wanted]
        self._modules = {module for _, module in self.residents}
        for key, module in self.residents:
            if memory.is_head(module):
                self._module(module, memory.qstr(key) in changing)
        for words in linked:
            for word in words:
                self._reach(word, False)

    def _module(self, module, changing):
        self.flash.setdefault(module)
        side = self.heap if changing else self.flash
        for key, value in self._dict(self.memory.word(module + 4), side):
            self._reach(value, constant_name(self.memory.qstr(key)))

    def _name_of(self, module):
        memory = self.memory
        named = [memory.qstr(key) for key, value in memory.entries(memory.modules, memory.modules_size) if value == module]
        return named[0] if named else "a module without a name"

    def _dict(self, address, side):
        """Take a dict and its table to a side; returns its entries."""
        size, table = self.memory.word(address + 8), self.memory.word(address + 12)
        if self.memory.is_head(address):
            side.setdefault(address)
        if side is self.flash:
            self.fixed.add(address)
        if self.memory.is_head(table):
            side.setdefault(table)
        return self.memory.entries(table, size) if table else []

    def _taken(self, value):
        return not self.memory.is_head(value) or value in self.flash or value in self.heap

    def _reach(self, value, constant):
        """Take what a word leads to. `constant`: it stands under a name of a constant, so a dict does not change."""
        if self._taken(value):
            return
        kind = self.memory.kind(value)
        if kind == "module":
            if value not in self._modules:
                raise CannotLink("%s is not linked, and is held by a module that is" % self._name_of(value))
        elif kind == "dict" and constant:
            self._constant_dict(value)
        else:
            side = self.flash if kind in CONSTANT else self.heap
            side.setdefault(value)
            self._inside(value, side, constant)

    def _constant_dict(self, address):
        for key, value in self._dict(address, self.flash):
            if key & 3 == 0 and self.memory.kind(key) not in ("str", "bytes", "tuple", "int"):
                raise CannotLink("a constant dict whose keys are addresses")
            self._reach(key, True)
            self._reach(value, True)

    def _inside(self, address, side, constant):
        """Take what a piece holds: objects by what they are, stores to the side of their owner."""
        kind = self.memory.kind(address)
        for word in self.memory.words(address):
            if self._taken(word):
                continue
            inner = self.memory.kind(word)
            if kind == "type" and inner == "dict":
                for key, value in self._dict(word, self.flash):         # what a class holds
                    self._reach(value, constant_name(self.memory.qstr(key)))
            elif inner is None:
                side.setdefault(word)
                self._inside(word, side, constant)
            else:
                self._reach(word, constant)


def constant_name(name):
    """Written as constants are: CAPITALS, or _CAPITALS."""
    return name.strip("_").isupper()


class Image:
    """What is linked so far. `objects`: in flash behind the header, as tuples of words; `parts`: [(address in the heap, words)];
    `residents`: [(key, module)]. Each round lays the heap out anew: what was there may have been freed, or be smaller."""

    def __init__(self, firmware):
        self.firmware, self.objects, self.parts, self.residents = firmware, [], [], []

    def take(self, memory, wanted, changing):
        """Link what one round of imports has left in memory."""
        found = Sorted(memory, wanted, changing, self.objects)
        moved = self._places(memory, found)
        new = [_with(memory.words(address), address in found.fixed) for address in found.flash]
        self.objects = [_moved(memory, words, moved) for words in self.objects + new]
        self.parts = [(moved[address], _moved(memory, memory.words(address), moved)) for address in found.heap]
        self.residents = [(key, moved.get(module, module)) for key, module in found.residents]

    def _places(self, memory, found):
        """{address now: address on the board}."""
        moved, at = {}, BASE + _HEADER_ROOM + sum(map(len, self.objects)) * 4
        for address in found.flash:
            moved[address], at = at, at + memory.size(address)
        at = memory.pool
        for address in found.heap:
            moved[address], at = at, at + memory.size(address)
        return moved

    def bytes(self, finished=False):
        """The image as it lies in flash. `finished`: the last round is over, and the board hands its memory out no more."""
        objects = b"".join(map(_packed, self.objects))
        at = BASE + _HEADER_ROOM + len(objects)
        datas = b"".join(_packed(words) for _, words in self.parts)
        table = at + len(datas)
        parts, place = b"", at
        for address, words in self.parts:
            parts += struct.pack("<3I", address, 4 * len(words), place)
            place += 4 * len(words)
        residents = table + len(parts)
        known = b"".join(struct.pack("<2I", key, module) for key, module in self.residents)
        roots = struct.pack("<%dI" % len(self.parts), *(address for address, _ in self.parts))
        header = _HEADER.pack(b"PRE1", self.firmware.encode(), len(self.parts), len(self.residents), table, residents, residents + len(known),
                              finished)
        whole = header.ljust(_HEADER_ROOM, b"\0") + objects + datas + parts + known + roots
        if len(whole) > ROOM:
            raise CannotLink("%d bytes, and room for %d" % (len(whole), ROOM))
        return whole


_HEADER_ROOM = 64


def _packed(words):
    return struct.pack("<%dI" % len(words), *words)


def _with(words, fixed):
    """A dict in flash says that nothing may be stored in it."""
    return (words[0], words[1] | _FIXED, *words[2:]) if fixed else words


def _moved(memory, words, moved):
    """With each address of a piece as it will be."""
    for word in words:
        if memory.is_head(word) and word not in moved:
            raise CannotLink("a word that leads to a piece at %08x, which was not taken" % word)
    return tuple(moved[word] if memory.is_head(word) else word for word in words)


def changing_modules(sources):
    """Of [(name, text)]: modules that assign to their globals when they run, and packages, which get attributes when their modules load."""
    found = set()
    for name, text in sources:
        tree = ast.parse(text)
        if any(isinstance(node, ast.Global) for node in ast.walk(tree)):
            found.add(name)
        found.update(packages(name))
    return found


def packages(name):
    """till.core.clock -> till, till.core."""
    parts = name.split(".")
    return [".".join(parts[:n]) for n in range(1, len(parts))]


def link(elf, firmware, names, changing, say=print):
    """The image of these modules, as bytes: rounds of imports on the emulated board, as many as its memory makes needed. `elf`: a firmware
    without an image; `firmware`: its sixteen letters, as in its build_name.h."""
    flash, symbols = _flash(elf), _symbols(elf)
    image, left = Image(firmware), list(names)
    wanted = set(names).union(*map(packages, names))
    while left:
        with tempfile.TemporaryDirectory(prefix="microtill-link-") as folder:
            still = _round(Path(folder), elf, image, left)
            dump = (Path(folder) / "prelink.memory").read_bytes()
        if still == len(left):
            raise CannotLink("%s does not fit into memory" % left[0])
        left = left[len(left) - still:]
        image.take(Memory(flash, symbols, image.bytes(), dump), wanted, changing)
        say("linked: %d modules, %d bytes of flash, %d of heap, %d to go" % (
            len(image.residents), 4 * sum(map(len, image.objects)), 4 * sum(len(words) for _, words in image.parts), len(left)))
    return image.bytes(finished=True)


def _round(folder, elf, image, names):
    (folder / "prelink.list").write_bytes(b"".join(name.encode().ljust(_LINE) for name in names))
    (folder / "image").write_bytes(image.bytes())
    subprocess.run(["arm-none-eabi-objcopy", "-I", "binary", "-O", "ihex", "--change-addresses", "0x%x" % BASE, "image", "image.hex"],
                   cwd=folder, check=True)
    done = subprocess.run(
        [qemu.emulator(), "-M", qemu.MACHINE, "-icount", qemu.CLOCK, "-semihosting", "-kernel", str(elf), "-display", "none", "-monitor", "none",
         "-device", "loader,file=image.hex", "-serial", "file:console"],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=120)
    if done.returncode >= _FAILED or not (folder / "prelink.memory").exists():
        console = folder / "console"
        said = ((console.read_text(errors="replace") if console.exists() else "") + done.stderr.decode(errors="replace")).strip()
        raise CannotLink(said[-600:] or "the board ended with %d" % done.returncode)
    return done.returncode


def _flash(elf):
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run(["arm-none-eabi-objcopy", "-O", "binary", "--only-section=.text", str(elf), file.name], check=True)
        return Path(file.name).read_bytes()


def _symbols(elf):
    """{name: address}; of names that several files use for statics of their own, any."""
    lines = subprocess.run(["arm-none-eabi-nm", str(elf)], check=True, capture_output=True, text=True).stdout.splitlines()
    return {parts[2]: int(parts[0], 16) for parts in map(str.split, lines) if len(parts) == 3}
