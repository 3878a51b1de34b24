# retail_mac.py: MAC algorithm 3 of ISO 9797-1 over DES, as older hosts want it [pure]. ValueError for a key that is not of 16 bytes.
from till.crypto import des


def padded(message, method):
    """`message` in whole blocks of 8 (6.3): 1, zeros; 2, a one bit and zeros; 3, zeros, and a block of its length in bits before it."""
    work = bytearray(message)
    if method == 2:
        work.append(0x80)
    if len(work) % 8 or not work:
        work += bytes(-len(work) % 8 or 8)
    return bytearray((8 * len(message)).to_bytes(8, "big")) + work if method == 3 else work


def mac(key, message, method=1):
    """8 bytes: single DES in CBC under the left half of `key`, the last block under both halves (7.4)."""
    if len(key) != 16 or method not in (1, 2, 3):
        raise ValueError("key")
    work = padded(message, method)
    des.chain(key[:8], bytes(8), work)
    last = work[-8:]
    des.decrypt(key[8:], last)
    des.encrypt(key[:8], last)
    return bytes(last)
