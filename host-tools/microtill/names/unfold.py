# unfold.py: hex text of BER-TLV, stars and all, as rows {tag, name, value, ...}. What is no TLV becomes one row with tag "". Never raises.
from microtill.names import bits, safe, tags

_MOST_DEPTH = 8


def rows(text, kernel="", depth=0):
    """Rows of `text`, templates before their contents: tag, name, clause, value, depth; bits, text, amount_minor or asks where they apply.
    A value keeps its stars, and a tag that holds an account number gets them here if it came without."""
    out, at = [], 0
    while at < len(text):
        if text[at:at + 2] in ("00", "FF"):
            at += 2
            continue
        head = _head(text, at)
        if head is None:
            out.append({"tag": "", "name": "not TLV", "clause": "", "value": safe.unknown_hex(text[at:]), "depth": depth})
            return out
        tag, start, end = head
        value = text[start:end]
        if _constructed(tag) and depth < _MOST_DEPTH:
            inner = rows(value, kernel, depth + 1)
            out.append({"tag": tag, "name": tags.name(tag), "clause": tags.clause(tag), "value": "", "depth": depth})
            out += inner
        else:
            out.append(row(tag, value, kernel, depth))
        at = end
    return out


def row(tag, value, kernel="", depth=0):
    """One primitive object in words."""
    how = tags.reads(tag)
    if how == tags.NUMBER:
        value = safe.account(value)
    elif tags.name(tag) == "unknown":
        value = safe.unknown_hex(value)
    out = {"tag": tag, "name": tags.name(tag), "clause": tags.clause(tag), "value": value, "depth": depth}
    words = bits.of(tag, value, kernel)
    if words:
        out["bits"] = words
    if how == tags.TEXT:
        out["text"] = safe.text(_text(value))
    elif how == tags.AMOUNT and value.isdigit():
        out["amount_minor"] = int(value)
    elif how == tags.DOL:
        out["asks"] = [{"tag": wanted, "name": tags.name(wanted), "size": size} for wanted, size in dol(value)]
    return out


def dol(text):
    """[(tag, size)] of a data object list in hex (EMV Book 3 5.4); as far as it is whole."""
    out, at = [], 0
    while at < len(text):
        end = _tag_end(text, at)
        size = _byte(text, end) if end else None
        if size is None:
            break
        out.append((text[at:end], size))
        at = end + 2
    return out


def laid_out(layout, text, kernel=""):
    """Rows of `text` laid end to end as `layout` ([(tag, size)]) says, or None where it does not fit."""
    if 2 * sum(size for _, size in layout) != len(text):
        return None
    out, at = [], 0
    for tag, size in layout:
        out.append(row(tag, text[at:at + 2 * size], kernel))
        at += 2 * size
    return out


def first(found, tag):
    """Value of the first row with this tag, or ""."""
    return next((one["value"] for one in found if one["tag"] == tag), "")


def _byte(text, at):
    try:
        return int(text[at:at + 2], 16) if len(text) >= at + 2 else None
    except ValueError:
        return None


def _tag_end(text, at):
    """Where the tag that begins at `at` ends, or 0."""
    byte = _byte(text, at)
    if byte is None:
        return 0
    at += 2
    if byte & 0x1F == 0x1F:
        more = 0x80
        while more:
            byte = _byte(text, at)
            if byte is None:
                return 0
            more, at = byte & 0x80, at + 2
    return at


def _constructed(tag):
    return bool(int(tag[:2], 16) & 0x20)


def _head(text, at):
    """(tag, start and end of its value in the text), or None where it does not fit."""
    end = _tag_end(text, at)
    size = _byte(text, end) if end else None
    if size is None:
        return None
    start = end + 2
    if size & 0x80:
        digits = text[start:start + 2 * (size & 0x7F)]
        start += len(digits)
        try:
            size = int(digits, 16)
        except ValueError:
            return None
    if start + 2 * size > len(text):
        return None
    return text[at:end].upper(), start, start + 2 * size


def _text(value):
    try:
        return bytes.fromhex(value).decode("latin-1")
    except ValueError:
        return value
