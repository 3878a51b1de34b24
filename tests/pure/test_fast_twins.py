# test_fast_twins.py: what is in viper says the same as its bytecode twin, on the wheel, over pseudo-random input; and costs no memory.
CMAC = """
from till.crypto import cmac, cmac_fast
assert cmac.mask is cmac_fast.mask
seed = 7
def more():
    global seed
    seed = (seed * 1103515245 + 12345) & 0x3fffffff
    return seed >> 12 & 0xff
for wide in (8, 16):
    for turn in range(400):
        blocks = 1 + turn % 3
        size = wide * blocks - (more() % wide if turn & 1 else 0)
        work, block = bytearray(more() for _ in range(wide * blocks)), bytearray(more() for _ in range(wide))
        other, same = bytearray(work), bytearray(block)
        cmac._mask(work, size, block)
        cmac_fast.mask(other, size, same)
        assert work == other and block == same == bytearray(wide), (wide, size)
print("same")
"""
PUT = """
from till.acquirer import iso8583, iso8583_fast
from till.acquirer.iso8583_table import KIND, SIZE
assert iso8583.put is iso8583_fast.put and iso8583.lay is iso8583_fast.lay
seed, seen = 11, set()
def more(most):
    global seed
    seed = (seed * 1103515245 + 12345) & 0x3fffffff
    return (seed >> 10) % most
for turn in range(1500):
    fields = {}
    for _ in range(more(9)):
        field = more(131) if more(12) == 0 else 2 + more(127)
        size = SIZE[field] if 0 < field < 129 else 3
        if KIND[field % 129] & 3 or more(9) == 0:
            size = more(size + 2)
        fields[field] = bytes(48 + more(10) for _ in range(size))
    room = 12 + more(300) if more(4) == 0 else 4000
    ours, fast = bytearray(room), bytearray(room)
    a, b = iso8583._put(ours, fields, KIND, SIZE), iso8583_fast.put(fast, fields, KIND, SIZE)
    assert a == b, (a, b, fields)
    assert a < 0 or ours[:a] == fast[:a]
    seen.add(a if a < 0 else 0)
print(sorted(seen))
"""
HEAP = """
import gc
from pn532 import frame
from till.acquirer import iso8583
out, command, found = bytearray(frame.ROOM), b"\\xd4\\x40\\x01" + bytes(40), frame.Found()
reply = bytearray(frame.ROOM)
size = frame.encode(reply, b"\\xd5\\x41\\x00" + bytes(120))
fields, message = {3: b"000000", 4: b"000000001250", 11: b"000003", 41: b"TILL0001", 55: bytes(99), 128: bytes(8)}, bytearray(600)
used = iso8583.pack(b"0200", fields, message)
def frames():
    frame.encode(out, command)
    frame.decode(reply, 0, size, found)
def packs():
    iso8583.pack(b"0200", fields, message)
for once in (frames, packs):
    once()
    gc.collect()
    before = gc.mem_alloc()
    once()
    print(gc.mem_alloc() - before)
"""


def test_cmac_masks(micropython):
    assert micropython(CMAC) == "same\n"


def test_messages_packed(micropython):
    assert micropython(PUT) == "[-9, -5, -4, 0]\n"


def test_a_frame_and_a_message_are_made_without_memory(micropython):
    assert micropython(HEAP) == "0\n0\n"
