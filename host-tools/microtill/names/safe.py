# safe.py: the last look at what leaves a tool: no whole account number, whatever the row held. Never raises; when in doubt, stars.
import re

from microtill.bench import mask

_RUN = re.compile(r"(?<!\d)\d{13,19}(?!\d)")
_HEX_RUN = re.compile(r"\d{12,19}")


def luhn(digits):
    """Does the check digit fit (ISO/IEC 7812-1 annex B)?"""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + at % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def text(words):
    """Free text: each number of 13 to 19 digits whose check digit fits is masked."""
    return _RUN.sub(lambda found: mask.number(found[0]) if luhn(found[0]) else found[0], str(words))


def account(value):
    """A value that is an account number or holds one: as recorded where it is masked already, else masked here."""
    return value if "*" in value else mask.value(value)


def unknown_hex(value):
    """Hex of no known layout: every long run of decimal digits is masked."""
    return _HEX_RUN.sub(lambda found: mask.number(found[0]), value)


_NUMBERS = ("t_us", "took_us", "life", "address", "size")


def row(recorded):
    """A story row whose values have the kinds that tellers expect: numbers, text, and a dict of fields; what is neither is left out."""
    out = {}
    for name, value in recorded.items():
        if name in _NUMBERS:
            if isinstance(value, int):
                out[name] = value
        elif name == "fields":
            if isinstance(value, dict):
                out[name] = value
        elif value is not None:
            out[name] = str(value) if recorded.get("kind") == "apdu" else text(value)     # hex of a card has masks of its own
    return out
