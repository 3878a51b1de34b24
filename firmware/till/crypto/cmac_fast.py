# cmac_fast.py: cmac.mask in viper. Its bytecode twin is cmac._mask; a test holds both equal. ImportError where it cannot be.
# ruff: noqa: F821, RUF046
import sys

if sys.implementation.name != "micropython":
    raise ImportError("viper")

import micropython


@micropython.viper
def mask(message, size: int, first):
    """As cmac._mask."""
    work = ptr8(message)
    block = ptr8(first)
    wide = int(len(first))
    at = int(len(message)) - wide
    shift = 1
    if size < at + wide:
        shift = 2
    low = 0x87
    if wide == 8:
        low = 0x1B
    fell = block[0] >> (8 - shift)
    back = 0
    if fell & 1:
        back = low
    if fell & 2:
        back ^= low << 1
    i = 0
    while i < wide:
        after = 0
        if i + 1 < wide:
            after = block[i + 1]
        work[at + i] ^= (block[i] << shift) | (after >> (8 - shift))
        i += 1
    work[at + wide - 2] ^= back >> 8
    work[at + wide - 1] ^= back
    i = 0
    while i < wide:
        work[i] ^= block[i]
        block[i] = 0
        i += 1
