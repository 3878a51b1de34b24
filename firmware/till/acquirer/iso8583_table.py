# iso8583_table.py: the fields of ISO 8583:1987, as data. Cannot fail.
from array import array

# Kinds of value: n digits; p digits, or stars where the number is masked; x C, D or a digit, then digits; z track 2; t text; b binary.
# A row: first field, last field, kind, digits of the length (0: fixed), size: digits, characters or bytes, the most where it varies.
TABLE = (
    (2, 2, "p", 2, 19), (3, 3, "n", 0, 6), (4, 6, "n", 0, 12), (7, 7, "n", 0, 10), (8, 10, "n", 0, 8), (11, 12, "n", 0, 6),
    (13, 18, "n", 0, 4), (19, 24, "n", 0, 3), (25, 26, "n", 0, 2), (27, 27, "n", 0, 1), (28, 31, "x", 0, 9), (32, 33, "n", 2, 11),
    (34, 34, "t", 2, 28), (35, 35, "z", 2, 37), (36, 36, "t", 3, 104), (37, 37, "t", 0, 12), (38, 38, "t", 0, 6), (39, 39, "t", 0, 2),
    (40, 40, "t", 0, 3), (41, 41, "t", 0, 8), (42, 42, "t", 0, 15), (43, 43, "t", 0, 40), (44, 44, "t", 2, 25), (45, 45, "t", 2, 76),
    (46, 48, "t", 3, 999), (49, 51, "t", 0, 3), (52, 52, "b", 0, 8), (53, 53, "n", 0, 16), (54, 54, "t", 3, 120), (55, 55, "b", 3, 999),
    (56, 63, "t", 3, 999), (64, 65, "b", 0, 8), (66, 66, "n", 0, 1), (67, 67, "n", 0, 2), (68, 70, "n", 0, 3), (71, 72, "n", 0, 4),
    (73, 73, "n", 0, 6), (74, 81, "n", 0, 10), (82, 85, "n", 0, 12), (86, 89, "n", 0, 16), (90, 90, "n", 0, 42), (91, 91, "t", 0, 1),
    (92, 92, "t", 0, 2), (93, 93, "t", 0, 5), (94, 94, "t", 0, 7), (95, 95, "t", 0, 42), (96, 96, "b", 0, 8), (97, 97, "x", 0, 17),
    (98, 98, "t", 0, 25), (99, 100, "n", 2, 11), (101, 101, "t", 2, 17), (102, 103, "t", 2, 28), (104, 104, "t", 3, 100),
    (105, 125, "t", 3, 999), (126, 126, "b", 3, 999), (127, 127, "t", 3, 999), (128, 128, "b", 0, 8),
)
DIGITS, MASKED, SIGNED, TRACK, TEXT, BINARY = range(6)
_KINDS = "npxztb"
FIELDS = 129                  # one more than the last field

A = "A"                       # all text: bitmap and binary values as hex digits; a binary value's length counts hex digits
AB = "AB"                     # text, with bitmap and binary values raw: what our host speaks
B = "B"                       # as AB, with digits packed two a byte: a fixed odd number filled on the left, one that varies on the right


def _tables():
    """(kinds << 2 | digits of the length, sizes) by field, as bytes and an array."""
    kinds, sizes = bytearray(FIELDS), array("H", bytes(2 * FIELDS))
    for first, last, kind, prefix, size in TABLE:
        for field in range(first, last + 1):
            if field != 65:                             # a third bitmap, which nobody sends
                kinds[field], sizes[field] = _KINDS.index(kind) << 2 | prefix, size
    return bytes(kinds), sizes


KIND, SIZE = _tables()
