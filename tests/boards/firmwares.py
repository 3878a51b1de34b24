# firmwares.py: images as the makers of firmware give them, made here: none of theirs is in this repository.
import binascii
import random
import struct

from microtill.boards import images

STOCK = ("nvs, data, nvs, 0x9000, 0x6000\n"
         "phy_init, data, phy, 0xf000, 0x1000\n"
         "factory, app, factory, 0x10000, 0x300000\n"
         "vfs, data, fat, 0x310000, 0x4f0000\n")


def esp(chip=9, size=200_000, csv=STOCK, megabytes=8, app_at=0x10000):
    """A whole image for an Espressif chip: bootloader, table, application."""
    data = bytearray(b"\xff" * app_at) + random.Random(1).randbytes(size)
    data[:16] = struct.pack("<BBBBIBBBBHH", 0xE9, 3, 2, {4: 2, 8: 3, 16: 4}[megabytes] << 4, 0x403C8914, 0xEE, 0, 0, 0, chip, 0)
    if csv:
        data[images.TABLE_AT:images.TABLE_AT + 0xC00] = images.table_bytes(images.table(csv))
    return bytes(data)


def vectors(stack=0x20020000, reset=0x0800C1D5, size=40_000):
    return struct.pack("<II", stack, reset) + random.Random(2).randbytes(size - 8)


def dfu(parts=None, vendor=0x0483, product=0xDF11):
    """A DfuSe file of these (address, bytes)."""
    parts = parts or [(0x08000000, vectors(size=16_000)), (0x08020000, bytes(range(256)) * 80)]
    body = b"".join(struct.pack("<II", address, len(data)) + data for address, data in parts)
    target = struct.pack("<6sBI255sII", b"Target", 0, 1, b"ST...", len(body), len(parts)) + body
    head = struct.pack("<5sBIB", b"DfuSe", 1, 11 + len(target), 1)
    tail = struct.pack("<HHHH3sB", 0, product, vendor, 0x011A, b"UFD", 16)
    whole = head + target + tail
    return whole + struct.pack("<I", ~binascii.crc32(whole) & 0xFFFFFFFF)
