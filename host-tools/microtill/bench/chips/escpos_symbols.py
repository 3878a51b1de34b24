# escpos_symbols.py: bar codes and QR codes as a printer draws them. What a symbology cannot carry gives None: nothing is printed.
import barcode
import segno
from barcode.charsets import code128 as sets
from barcode.errors import BarcodeError
from PIL import Image

_KINDS = {0: "UPCA", 1: "UPCE", 2: "EAN13", 3: "EAN8", 4: "CODE39", 5: "ITF", 6: "CODABAR"}
CODE93, CODE128 = 72, 73
_LIBRARY = {"UPCA": "upca", "EAN13": "ean13", "EAN8": "ean8", "CODE39": "code39", "ITF": "itf", "CODABAR": "codabar"}
_THIN = {"narrow": 1, "wide": 3}
_FNC = {"A": 102, "B": 102, "C": 102}           # {1 is FNC1 in every set
_START = {"A": 103, "B": 104, "C": 105}
_SHIFT, _STOP = 98, "1100011101011"
_TO = {"A": {"B": 100, "C": 99}, "B": {"A": 101, "C": 99}, "C": {"A": 101, "B": 100}}


def kind_of(m):
    """Name of the symbology that GS k selects with `m` (0..6 or 65..73), or None."""
    if m == CODE128:
        return "CODE128"
    return _KINDS.get(m - 65 if m >= 65 else m)


def bars(kind, data):
    """(modules as a string of 1 and 0, text below) of `data` in the symbology `kind`, or None where it cannot be."""
    try:
        text = data.decode("ascii")
        if kind == "CODE128":
            return _code128(data)
        if kind not in _LIBRARY:
            return None
        if kind in ("UPCA", "EAN13", "EAN8"):
            text = _checked(text, {"UPCA": 11, "EAN13": 12, "EAN8": 7}[kind])
            if text is None:
                return None
        extra = {"CODE39": {"add_checksum": False}, "ITF": _THIN, "CODABAR": _THIN}.get(kind, {})
        code = barcode.get(_LIBRARY[kind], text.strip("*") if kind == "CODE39" else text, options=extra)
        return _modules(code.build()[0]), text
    except (BarcodeError, ValueError, KeyError, IndexError, UnicodeDecodeError):
        return None


def _modules(pattern):
    return pattern.replace("G", "1").strip("0")


def _checked(text, digits):
    """The digits with a right check digit; None for a wrong one, as GS k refuses it."""
    if not text.isdigit() or len(text) not in (digits, digits + 1):
        return None
    total = sum(int(digit) * (3 if i % 2 == 0 else 1) for i, digit in enumerate(reversed(text[:digits])))
    check = str(-total % 10)
    return None if text[digits:] not in ("", check) else text[:digits] + check


def _code128(data):
    """Code set by {A {B {C, {S a shift, {1 FNC1, {{ a brace; without a set in front it is set B."""
    at, codes, text, current = 0, [], "", None
    if data[:1] != b"{":
        data = b"{B" + data
    while at < len(data):
        if data[at] == 0x7B and at + 1 < len(data):
            mark = chr(data[at + 1])
            at += 2
            if mark in _START:
                codes += [_START[mark]] if current is None else [_TO[current][mark]] if mark != current else []
                current = mark
                continue
            if mark == "1":
                codes.append(_FNC[current])
                continue
            if mark == "S" and current in ("A", "B") and at < len(data):
                codes += [_SHIFT, _value("B" if current == "A" else "A", data[at])]
                text, at = text + chr(data[at]), at + 1
                continue
            if mark != "{":
                return None
            codes.append(_value(current, 0x7B))
            text += "{"
        elif current == "C":
            pair = int(data[at]) if data[at] < 100 else None
            if data[at:at + 2].isdigit() and len(data[at:at + 2]) == 2:
                pair, at = int(data[at:at + 2]), at + 1
            if pair is None:
                return None
            codes.append(pair)
            text, at = text + f"{pair:02d}", at + 1
        else:
            codes.append(_value(current, data[at]))
            text, at = text + chr(data[at]), at + 1
    check = (codes[0] + sum(i * code for i, code in enumerate(codes))) % 103
    return "".join(sets.CODES[code] for code in [*codes, check]) + _STOP, text


def _value(current, byte):
    """Code of a character; raises KeyError where the set has none."""
    return {"A": sets.A, "B": sets.B}[current][chr(byte)]


def bar_image(modules, module, height):
    """Bars of `module` dots a unit, `height` dots tall: mode "L", 255 burnt."""
    row = bytes(255 if bit == "1" else 0 for bit in modules for _ in range(module))
    return Image.frombytes("L", (len(row), 1), row).resize((len(row), height), Image.Resampling.NEAREST)


def qr_image(data, module, level):
    """A QR code (model 2) of `data` with `module` dots a unit, or None where it does not fit into version 40."""
    try:
        code = segno.make_qr(data, error=level, mode="byte", boost_error=False)
    except ValueError:
        return None
    size = len(code.matrix)
    flat = bytes(255 if dot else 0 for row in code.matrix for dot in row)
    return Image.frombytes("L", (size, size), flat).resize((size * module, size * module), Image.Resampling.NEAREST)
