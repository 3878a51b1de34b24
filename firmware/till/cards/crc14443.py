# crc14443.py: CRC_A and CRC_B of ISO/IEC 14443-3 Annex B. Cannot fail; the caller compares.
from micropython import const

_POLYNOMIAL = const(0x8408)   # x16 + x12 + x5 + 1, lowest bit first
_START_A = const(0x6363)      # Annex B: initial register 6363 for type A, FFFF and a complement for type B


def _crc(data, crc):
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ _POLYNOMIAL if crc & 1 else crc >> 1
    return crc


def crc_a(data):
    """Two bytes in the order in which they go over the air."""
    crc = _crc(data, _START_A)
    return bytes((crc & 0xFF, crc >> 8))


def crc_b(data):
    """Two bytes in the order in which they go over the air."""
    crc = _crc(data, 0xFFFF) ^ 0xFFFF
    return bytes((crc & 0xFF, crc >> 8))
