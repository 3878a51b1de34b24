# checks.py: is what a client sent of the right kinds? Malformed: C400 (not JSON, or another kind of value), Refused C422 (unknown, missing).
# Ranges are for the acts themselves to judge: they hold for recordings too.
import json

from microtill.console.session import Refused

MOST_BYTES = 65_536
_KINDS = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "object": (dict,), "null": (type(None),)}


def body(raw, schema):
    """The JSON object in `raw` (bytes), its members of the kinds that `schema` (of openapi.py) says."""
    try:
        got = json.loads(raw, parse_constant=_no_number)
    except (ValueError, RecursionError) as bad:
        raise Refused("C400", "this is not JSON: %s" % str(bad)[:100]) from bad
    if not isinstance(got, dict):
        raise Refused("C400", "send a JSON object")
    known = schema["properties"]
    for name, value in got.items():
        if name not in known:
            raise Refused("C422", "unknown: %s; there are: %s" % (name[:40], ", ".join(known) or "none"))
        _kind(name, value, known[name])
    for name in schema.get("required", ()):
        if name not in got:
            raise Refused("C422", "%s is missing" % name)
    return got


def _no_number(text):
    raise ValueError("%s is not a number of JSON" % text)


def _kind(name, value, schema):
    kinds = schema.get("type") or ["string", "number", "null"]
    kinds = [kinds] if isinstance(kinds, str) else kinds
    wanted = tuple(kind for each in kinds for kind in _KINDS[each])
    if not isinstance(value, wanted) or isinstance(value, bool) and bool not in wanted:
        raise Refused("C400", "%s must be of kind: %s" % (name, " or ".join(kinds)))


def number(query, name, default, least, most):
    """An integer of the query string. Raises Refused C422."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) <= 18) or not least <= int(text) <= most:
        raise Refused("C422", "%s must be a whole number from %s to %s" % (name, least, most))
    return int(text)
