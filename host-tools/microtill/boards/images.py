# images.py: is this file a firmware for that board? Read before a byte is written [pure]. Raises BoardError D10 with what it is instead.
import binascii
import hashlib
import struct

from microtill.boards import BoardError

# ESP: "Firmware Image Format" of the esptool documentation; "Partition Tables" of ESP-IDF.
_ESP_MAGIC, _ESP_S3 = 0xE9, 9
_ESP_CHIPS = {0: "ESP32", 2: "ESP32-S2", 5: "ESP32-C3", 9: "ESP32-S3", 12: "ESP32-C2", 13: "ESP32-C6", 16: "ESP32-H2", 18: "ESP32-P4"}
TABLE_AT, _TABLE_BYTES, _ENTRY = 0x8000, 0xC00, struct.Struct("<HBBII16sI")
_ENTRY_MAGIC, _DIGEST_MAGIC = 0x50AA, 0xEBEB
_TYPES = {"app": 0, "data": 1}
_SUBTYPES = {("app", "factory"): 0, ("data", "ota"): 0, ("data", "phy"): 1, ("data", "nvs"): 2, ("data", "fat"): 0x81}
# STM32: RM0090 and RM0383, memory map; AN4676 and UM0391, the DfuSe file.
_CHIPS = {"stm32": ("STM32F405RG", 0x08000000, 1024, 128), "blackpill": ("STM32F411CE", 0x08000000, 512, 128)}     # flash, its KiB, RAM's KiB
_RAM = 0x20000000
_DFU_HEAD, _DFU_TARGET = struct.Struct("<5sBIB"), struct.Struct("<6sBI255sII")
_DFU_ELEMENT, _DFU_TAIL = struct.Struct("<II"), struct.Struct("<HHHH3sBI")
_ST, _BOOT_ROM = 0x0483, 0xDF11


def _not(words):
    return BoardError("D10", words)


def _what(data):
    """A guess, for the one line of a refusal."""
    if data[:4] == b"\x7fELF":
        return "an ELF file, for a debugger: its .dfu or .bin is beside it"
    if data[:5] == b"DfuSe":
        return "a DFU file, for an STM32"
    if data[:1] == bytes((_ESP_MAGIC,)) and len(data) > 14:
        return "an image for %s" % _ESP_CHIPS.get(struct.unpack_from("<H", data, 12)[0], "an Espressif chip that we do not know")
    if data[:4] == b"UF2\n":
        return "a UF2 file, for another bootloader"
    return "%s" % ("an empty file" if not data else "no firmware that we know")


def table(csv):
    """[(label, type, subtype, offset, size)] of a partition table's text."""
    rows = []
    for line in csv.splitlines():
        if line.strip() and not line.startswith("#"):
            label, kind, sub, offset, size = [word.strip() for word in line.split(",")][:5]
            rows.append((label, _TYPES[kind], _SUBTYPES[kind, sub] if (kind, sub) in _SUBTYPES else int(sub, 0), int(offset, 0), int(size, 0)))
    return rows


def table_bytes(rows):
    """As the bootloader reads it: entries of 32 bytes, then their MD5."""
    entries = b"".join(_ENTRY.pack(_ENTRY_MAGIC, kind, sub, offset, size, label.encode(), 0) for label, kind, sub, offset, size in rows)
    digest = struct.pack("<H14x", _DIGEST_MAGIC).replace(b"\0", b"\xff") + hashlib.md5(entries).digest()
    return (entries + digest).ljust(_TABLE_BYTES, b"\xff")


def table_of(data):
    """The rows of the table in a whole image. Raises BoardError D10 where there is none."""
    rows, at = [], TABLE_AT
    while at + _ENTRY.size <= min(len(data), TABLE_AT + _TABLE_BYTES):
        magic, kind, sub, offset, size, label, _ = _ENTRY.unpack_from(data, at)
        if magic != _ENTRY_MAGIC:
            break
        rows.append((label.rstrip(b"\0").decode("ascii", "replace"), kind, sub, offset, size))
        at += _ENTRY.size
    if not rows:
        raise _not("this is the application alone, without a bootloader and a partition table")
    return rows


def esp32s3(data, csv):
    """(the image to write, True where its table was replaced by ours): a whole one, from address 0. Raises BoardError D10."""
    if len(data) < 24 or data[0] != _ESP_MAGIC or struct.unpack_from("<H", data, 12)[0] != _ESP_S3:
        raise _not("this is %s, not for an ESP32-S3" % _what(data))
    theirs, ours = table_of(data), table(csv)
    if {"romfs", "microtill"} <= {row[0] for row in theirs}:
        return data, False
    app, room = [next((row for row in rows if row[1] == _TYPES["app"]), None) for rows in (theirs, ours)]
    if app is None or app[3] != room[3] or len(data) - room[3] > room[4]:
        raise _not("its application is not where our partition table has it, or too large for it")
    end = max(row[3] + row[4] for row in ours)
    if (1 << 20) << (data[3] >> 4) < end:
        raise _not("it was built for a flash of %d MiB, and our partitions take %d" % (1 << (data[3] >> 4), (end + (1 << 20) - 1) >> 20))
    return data[:TABLE_AT] + table_bytes(ours) + data[TABLE_AT + _TABLE_BYTES:], True


def stm32(data, board):
    """[(address, size)] of what a DFU file or a raw image writes. Raises BoardError D10."""
    chip = _CHIPS[board][0]
    if data[:5] == b"DfuSe":
        parts = _dfu(data)
    elif data[:4] == b"\x7fELF" or data[:4] == b"UF2\n" or data[:1] == bytes((_ESP_MAGIC,)):
        raise _not("this is %s, not for an %s" % (_what(data), chip))
    else:
        parts = [(_CHIPS[board][1], data)]
    _vectors(parts, board)
    return [(address, len(piece)) for address, piece in parts]


def _dfu(data):
    """[(address, bytes)] of a DfuSe file."""
    try:
        _, version, _, targets = _DFU_HEAD.unpack_from(data)
        _, product, vendor, _, mark, size, crc = _DFU_TAIL.unpack_from(data, len(data) - _DFU_TAIL.size)
        if mark != b"UFD" or size != _DFU_TAIL.size or crc != ~binascii.crc32(data[:-4]) & 0xFFFFFFFF:
            raise _not("this DFU file is damaged: its checksum differs")
        if (vendor, product) != (_ST, _BOOT_ROM) or version != 1 or not targets:
            raise _not("this DFU file is for another bootloader, not an STM32's")
        at, parts = _DFU_HEAD.size, []
        _, _, _, _, _, count = _DFU_TARGET.unpack_from(data, at)
        at += _DFU_TARGET.size
        for _ in range(count):
            address, size = _DFU_ELEMENT.unpack_from(data, at)
            at += _DFU_ELEMENT.size
            if at + size > len(data) - _DFU_TAIL.size:
                raise _not("this DFU file is cut short")
            parts.append((address, data[at:at + size]))
            at += size
    except struct.error:
        raise _not("this DFU file is cut short") from None
    return parts


def _vectors(parts, board):
    """The first two words that the chip reads: a stack in its RAM, a reset handler in its flash (PM0214, 2.3.4)."""
    chip, flash, flash_kib, ram_kib = _CHIPS[board]
    first = dict(parts).get(flash, b"")
    if len(first) < 8:
        raise _not("nothing in it lies at %#x, where an %s begins" % (flash, chip))
    stack, reset = struct.unpack_from("<II", first)
    if not _RAM < stack <= _RAM + ram_kib * 1024 or stack % 4 or not flash < reset < flash + flash_kib * 1024 or not reset & 1:
        raise _not("it is not for an %s: it starts with a stack at %#x and code at %#x" % (chip, stack, reset))
    for address, piece in parts:
        if not flash <= address <= address + len(piece) <= flash + flash_kib * 1024:
            raise _not("it is too large for an %s" % chip)
