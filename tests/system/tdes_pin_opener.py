# tdes_pin_opener.py: opens the PIN block in field 52 of one request with a TDES base derivation key; it shares no code with the project, neither side
# of it. Of the card it needs what field 2 shows. Standard input: the request in hex. Arguments: the key in hex. Prints the PIN; ends 1 where this
# key does not open it.
import sys
import warnings

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.utils import CryptographyDeprecationWarning

warnings.simplefilter("ignore", CryptographyDeprecationWarning)
try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
except ImportError:
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES

LENGTHS = {2: 2, 55: 3, 126: 3}                      # digits of the length; all others are fixed
SIZES = {3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 22: 3, 23: 3, 25: 2, 41: 8, 42: 15, 49: 3, 52: 8, 53: 16, 128: 8}


def des(key, data, back=False):
    work = Cipher(TripleDES((key * 3)[:24]), modes.ECB())
    work = work.decryptor() if back else work.encryptor()
    return work.update(data) + work.finalize()


def xor(one, other):
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def fields(message):
    bits, at, found = int.from_bytes(message[4:20], "big"), 20, {}
    for number in range(2, 129):
        if bits >> 128 - number & 1:
            size = SIZES.get(number)
            if size is None:
                size = int(message[at:at + LENGTHS[number]])
                at += LENGTHS[number]
            found[number] = message[at:at + size]
            at += size
    return found


def main(message, bdk):
    found = fields(message)
    at = found[126].index(b"\xdf\x06\x0a") + 3
    ksn = int.from_bytes(found[126][at:at + 10], "big")
    counter, register = ksn & 0x1FFFFF, ksn & ((1 << 64) - 1) & ~0x1FFFFF
    mask = bytes.fromhex("C0C0C0C000000000C0C0C0C000000000")
    name = (ksn & ~0x1FFFFF).to_bytes(10, "big")[:8]
    key = des(bdk, name) + des(xor(bdk, mask), name)
    for bit in range(20, -1, -1):
        if counter >> bit & 1:
            register |= 1 << bit
            data = register.to_bytes(8, "big")
            halves = []
            for base in (xor(key, mask), key):
                halves.append(xor(des(base[:8], xor(data, base[8:])), base[8:]))
            key = halves[0] + halves[1]
    clear = des(xor(key, bytes.fromhex("00000000000000FF" * 2)), found[52], True).hex()
    shown = found[2].decode()[-13:-1].replace("*", "0")
    if clear[0] != "0" or not "4" <= clear[1] <= "5" or found[53] != b"2001010000000000":
        return 1
    digits = [int(a, 16) ^ int(b, 16) for a, b in zip(clear[2:], ("00" + shown), strict=False)][:int(clear[1])]
    if any(digit > 9 for digit in digits):
        return 1
    print("".join(map(str, digits)))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(bytes.fromhex(sys.stdin.read()), bytes.fromhex(sys.argv[1])))
    except (ValueError, KeyError):
        sys.exit(1)
