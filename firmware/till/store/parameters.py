# parameters.py: how this shop works: defaults here, the owner's on flash over them. Whole or not at all: BadParameters names what is wrong.
import json

from till.core.errors import TillError


class BadParameters(TillError):
    code = "C01"


DEFAULTS = {
    "shop": {"name": "Microtill Demo Shop", "address": "1 Bench Street", "terminal": "TILL0001", "merchant": "MERCHANT0000001"},
    "currency": 978,
    "types": ("sale", "void", "refund"),
    "host": "bank.test", "port": 8583,
    "tap_ms": 30_000, "key_ms": 30_000, "card_ms": 1_000, "host_ms": 30_000, "pin_key_ms": 30_000, "pin_ms": 120_000,
}


def load(stored, emv):
    """The parameters in force: `stored` is JSON (bytes) or None. Raises BadParameters(word)."""
    values = dict(DEFAULTS)
    values["emv"] = emv
    if stored is None:
        return values
    try:
        more = json.loads(stored)
    except ValueError:
        raise BadParameters("json")
    if not isinstance(more, dict):
        raise BadParameters("json")
    for name in more:
        if name not in DEFAULTS:
            raise BadParameters(name)
        if isinstance(DEFAULTS[name], int) != isinstance(more[name], int) or isinstance(DEFAULTS[name], str) != isinstance(more[name], str):
            raise BadParameters(name)
        values[name] = more[name]
    return values
