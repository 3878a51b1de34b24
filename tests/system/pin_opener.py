# pin_opener.py: opens the PIN block of one request with a base derivation key; it shares no code with the project, neither side of it.
# Standard input: the request in hex. Arguments: the base derivation key in hex. Prints the PIN; ends 1 where this key does not open it.
import sys

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def aes(key, data, back=False):
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    work = cipher.decryptor() if back else cipher.encryptor()
    return work.update(data) + work.finalize()


def derive(key, usage, tail):
    return aes(key, bytes.fromhex("0101" + usage + "00020080") + tail)


def main(message, bdk):
    at = message.index(b"\xdf\x01\x0c") + 3
    ksn = message[at:at + 12]
    key = derive(bdk, "8001", ksn[:8])
    counter, so_far = int.from_bytes(ksn[8:], "big"), 0
    for bit in range(31, -1, -1):
        if counter >> bit & 1:
            so_far |= 1 << bit
            key = derive(key, "8000", ksn[4:8] + so_far.to_bytes(4, "big"))
    at = message.index(b"\xdf\x04") + 2
    sealed = message[at + 1:at + 1 + message[at]]
    work = Cipher(algorithms.AES(derive(key, "3000", ksn[4:])), modes.CBC(bytes(16))).decryptor()
    track = work.update(sealed) + work.finalize()
    pan = track[2:].hex().partition("d")[0] if track[0] == 0x57 else track[2:2 + track[1]].hex().rstrip("f")
    field = bytes.fromhex(("%d" % (len(pan) - 12) + pan).ljust(32, "0"))
    at = message.index(b"\xdf\x03\x10") + 3
    pin_key = derive(key, "1000", ksn[4:])
    plain = aes(pin_key, bytes(a ^ b for a, b in zip(aes(pin_key, message[at:at + 16], True), field, strict=True)), True).hex()
    if not plain.startswith("4") or not pan.isdigit():
        return 1
    print(plain[2:2 + int(plain[1], 16)])
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(bytes.fromhex(sys.stdin.read()), bytes.fromhex(sys.argv[1])))
    except ValueError:
        sys.exit(1)
