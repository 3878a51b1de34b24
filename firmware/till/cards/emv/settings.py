# settings.py: what this terminal is to a contactless card: country, abilities, applications with their limits. Data only.
from micropython import const

# One row an application. Limits in minor units; an amount above one of them exceeds it (EMV Contactless Book B 3.1.1, docs/host.md: "above").
AID = const(0)                # first bytes of the names that this row takes
KERNEL = const(1)             # 3: Book C-3 (qVSDC), 2: Book C-2 (M/Chip)
LABEL = const(2)              # for the receipt, where the card gives no label in ASCII
TRANSACTION_LIMIT = const(3)
CVM_LIMIT = const(4)
FLOOR_LIMIT = const(5)
DENIAL = const(6)             # terminal action code, denial, 5 bytes as the TVR (C-2 alone)

_NO_DENIAL = b"\0\0\0\0\0"
_DENY_WITHOUT_CVM = b"\0\0\x80\0\0"       # TVR byte 3 bit 8: above the CVM limit, a card with no method in common is declined

VISA = (b"\xa0\x00\x00\x00\x03", 3, "VISA", 50000, 5000, 0, _NO_DENIAL)
MASTERCARD = (b"\xa0\x00\x00\x00\x04\x10\x10", 2, "MASTERCARD", 50000, 5000, 0, _DENY_WITHOUT_CVM)
MAESTRO = (b"\xa0\x00\x00\x00\x04\x30\x60", 2, "MAESTRO", 50000, 5000, 0, _DENY_WITHOUT_CVM)

# 9F33 (EMV Book 4 A2): chip and stripe read; byte 2 bit 7 enciphered PIN online, bit 4 no CVM; no offline data authentication.
DEFAULTS = {
    "country": b"\x06\x20",                   # 9F1A, n3
    "terminal_type": b"\x22",                 # 9F35: attended, merchant's, offline with online capability
    "capabilities": b"\xe0\x48\x00",          # 9F33 for C-3
    "capabilities_below": b"\xe0\x08\x00",    # 9F33 for C-2 up to the CVM limit
    "capabilities_above": b"\xe0\x40\x00",    # 9F33 for C-2 above it
    "more_capabilities": b"\x60\x00\xb0\xa0\x01",   # 9F40: goods, services; keys, display and printer
    "ttq": b"\x24\x00\x40\x00",               # 9F66 before the limits: qVSDC, online PIN; consumer device CVM
    "aids": (VISA, MASTERCARD, MAESTRO),
}
