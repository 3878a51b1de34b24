# mask.py: card data as it may be kept: hex text in which account numbers have their middle digits starred. Never raises; when in doubt, stars.
import re

_NUMBER_TAGS = ("57", "5A", "56", "9F6B", "9F20", "5F20", "9F0B")   # track 2, PAN, track 1 and 2 of magnetic mode, discretionary data, names
_TRACK = re.compile(r"^(\d{6})(\d+)(\d{4})([DdFf].*)?$")


def number(digits):
    """First six and last four at most."""
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:] if len(digits) > 10 else "*" * len(digits)


def value(hex_text):
    """Hex of a PAN or a track 2: the number masked, everything behind the separator starred."""
    found = _TRACK.match(hex_text)
    if not found:
        return "*" * len(hex_text)
    masked = found[1] + "*" * len(found[2]) + found[3]
    rest = found[4] or ""
    return masked + (rest[:1] + "*" * (len(rest) - 1) if rest else "")


def response(data):
    """Hex text of a card's answer (status word included), its account data starred."""
    text = data.hex().upper()
    if len(data) < 2:
        return text
    return _templates(data[:-2], text[:-4]) + text[-4:]


def _templates(data, text):
    """Walk BER-TLV as far as it makes sense; what is not TLV stays as it is, unless it looks like an account number."""
    out, at = "", 0
    while at < len(data):
        if data[at] in (0, 0xFF):
            out += text[2 * at:2 * at + 2]
            at += 1
            continue
        head = _head(data, at)
        if head is None:
            return out + re.sub(r"\d{12,19}", lambda m: number(m[0]), text[2 * at:])
        tag, start, size = head
        out += text[2 * at:2 * start]
        inner = text[2 * start:2 * (start + size)]
        if int(tag[:2], 16) & 0x20:
            inner = _templates(data[start:start + size], inner)
        elif tag in _NUMBER_TAGS:
            inner = value(inner)
        out += inner
        at = start + size
    return out


def _head(data, at):
    """(tag hex, start of the value, its length), or None where it does not fit."""
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and data[end] & 0x80:
            end += 1
        end += 1
    if end >= len(data):
        return None
    size, start = data[end], end + 1
    if size & 0x80:
        count = size & 0x7F
        size, start = int.from_bytes(data[start:start + count], "big"), start + count
    if start + size > len(data):
        return None
    return data[at:end].hex().upper(), start, size
