# parameters.py: how this shop works: the owner's settings from flash, checked, with what follows from them. BadParameters: none of them is taken.
import json

from till.cards.emv import settings as rows
from till.core.errors import TillError
from till.money import amount
from till.store import settings

MOST_BYTES = 3500               # of an owner's settings, as JSON in UTF-8: what one record of their flash holds
_PEOPLE_WAIT = ("tap", "key", "pin_key", "pin")         # these stretch with patience; the others are for machines


class BadParameters(TillError):
    """`problems`: [(section, setting, reason)]."""
    code = "C01"

    def __init__(self, problems):
        super().__init__(".".join(problems[0][:2]))
        self.problems = problems


def read(stored):
    """What the owner wrote ({section: {setting: value}}), from JSON or None."""
    if stored is None:
        return {}
    try:
        return json.loads(stored)
    except ValueError:
        raise BadParameters([("", "", "must be JSON")])


def in_force(owner, emv, here):
    """Every section with its values, and what follows from them; `here(code)`: does this terminal speak a language? Raises BadParameters;
    then nothing has changed."""
    values, problems = settings.check(owner, here)
    if values is None:
        raise BadParameters(problems)
    values["currency"] = settings.CURRENCIES[values["shop"]["currency"]]
    values["decimals"] = amount.CURRENCIES[values["currency"]][1]
    waits, patience = values["waits"], values["people"]["patience"]
    for name in waits:
        if name in _PEOPLE_WAIT:
            waits[name] *= 10 * patience
        elif name != "card_ms":
            waits[name] *= 1000
    values["emv"] = dict(emv)
    limits = values["contactless"]
    values["emv"]["aids"] = tuple(
        row[:rows.TRANSACTION_LIMIT] + (limits["most"], limits["cvm"]) + row[rows.FLOOR_LIMIT:] for row in emv["aids"])
    return values


def too_long(json_bytes):
    """The problem of settings that take so many bytes, as check() gives problems; None where they fit."""
    return ("", "", "must take at most %d bytes as the terminal keeps it, not %d; a letter that it has no picture of takes about 80" % (
        MOST_BYTES, json_bytes)) if json_bytes > MOST_BYTES else None


def changes(before, after):
    """[(path, words before, words after)] between two of an owner's writings; what is not written is its default."""
    given = settings.defaults()
    out = []
    for section, name, _kind, _args, _default, _about in settings.SCHEMA:
        old, new = (each.get(section, {}).get(name, given[section][name]) for each in (before, after))
        if old != new:
            hidden = section in ("pins", "tools")
            out.append(("%s.%s" % (section, name), "***" if hidden else _word(old), "***" if hidden else _word(new)))
    return out


def _word(value):
    return value if isinstance(value, str) else json.dumps(value)
