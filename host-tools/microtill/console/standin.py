# standin.py: what a recording keeps in place of a role's PIN. An owner's settings hold a salted hash from which four digits can be guessed, so a
# recording holds the hash of digits that anybody may know, made as slow as the owner's; the marks of settings differ then, and are numbered.
# It cannot fail: what is no such hash is kept as "***", which no terminal takes.
import hashlib

_DIGIT = "7"                            # a wrong PIN is played as zeros
_SALT, _USUAL = bytes(16), 4
ROLE = "the PIN of this role"


def pin(size):
    """The digits that stand in for a PIN of this size."""
    return _DIGIT * size


def line(real, size):
    """The settings line ("salt:iterations:hash") of the stand-in for the PIN of `real`, as long and as slow as that."""
    parts = real.split(":") if isinstance(real, str) else ()
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit()) or len(parts[1]) > 6 or not int(parts[1]):
        return "" if real == "" else "***"
    return "%s:%s:%s" % (_SALT.hex(), parts[1], hashlib.pbkdf2_hmac("sha256", pin(size).encode(), _SALT, int(parts[1])).hex())


def settings(entries):
    """These entries of a recording; those that hand over PINs of roles have stand-ins of the size that was right at the next log-in."""
    return [_without(entry, entries[at + 1:]) if entry["act"] == "settings" and _pins(entry) else entry for at, entry in enumerate(entries)]


def _pins(entry):
    pins = entry["owner"].get("pins") if isinstance(entry["owner"], dict) else None
    return pins if isinstance(pins, dict) else {}


def _without(entry, later):
    pins = {role: line(real, _size(role, later)) for role, real in _pins(entry).items()}
    return {**entry, "owner": {**entry["owner"], "pins": pins}}


def _size(role, later):
    """The digits of the first PIN that was right for this role, before settings name another."""
    for entry in later:
        if entry["act"] == "settings" and role in _pins(entry):
            break
        if entry["act"] == "pin" and entry["what"] == ROLE and entry["role"] == role:
            return sum(letter == "d" and action != "up" for letter, action in zip(*_since_clear(entry), strict=True))
    return _USUAL


def _since_clear(entry):
    """(letters, actions) of its keys after the last clear."""
    letters, actions = entry["keys"], entry["actions"]
    last = max((at for at, letter in enumerate(letters) if letter == "B" and actions[at] != "up"), default=-1)
    return letters[last + 1:], actions[last + 1:]


def journal(rows):
    """Rows of the journal whose marks of settings are numbered in the order in which they came: equal marks stay equal."""
    seen = {}

    def number(mark):
        return seen.setdefault(mark, "settings %d" % (len(seen) + 1))
    out = []
    for row in rows:
        if row["record"] == "started":
            row = {**row, "settings": number(row["settings"])}
        elif row["record"] == "changed" and row["setting"] == "settings":
            row = {**row, "before": number(row["before"]), "after": number(row["after"])}
        out.append(row)
    return out
