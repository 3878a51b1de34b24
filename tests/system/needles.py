# needles.py: a secret in every shape in which it might lie about, and the search for them all in what a terminal and its tools leave behind.
import base64


def of_bytes(secret):
    """A key: raw, in hex, in base64 at each of its three alignments, with the halves of each byte exchanged."""
    swapped = bytes(byte >> 4 | (byte & 15) << 4 for byte in secret)
    shapes = [secret, swapped, secret[::-1]]
    for each in (secret, swapped, secret[::-1]):
        shapes += [each.hex().encode(), each.hex().upper().encode(), each.hex(" ").encode(), each.hex(" ").upper().encode()]
    for before in range(3):
        coded = base64.b64encode(bytes(before) + secret)[(before * 8 + 5) // 6:]
        inner = coded[:len(secret) * 8 // 6 - 1]
        shapes += [inner, inner.replace(b"+", b"-").replace(b"/", b"_")]
    return shapes


def of_digits(text):
    """A PIN or a card number: as text, packed at both alignments and with the halves exchanged, a byte a digit, in base64."""
    shapes = [text.encode(), " ".join(text).encode(), bytes(int(digit) for digit in text), "".join("3" + digit for digit in text).encode()]
    for part in (text[:len(text) // 2 * 2], text[1:len(text) - 1 + len(text) % 2]):
        shapes += of_bytes(bytes.fromhex(part))[:2]
    return shapes + of_bytes(text.encode())[-6:]


def search(wanted, blobs):
    """[(secret, where)] of every one of {secret: shapes} in {where: bytes}."""
    return [(name, where) for where, data in blobs.items() for name, shapes in wanted.items() if any(shape in data for shape in shapes)]


def files(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
