# ops.py: what the console can be asked: identity, journal, rules, guards, vectors; and, while the terminal is blank, its keys.
import gc

from till.core.errors import NotKeyed
from till.secure import vault as slots
from till.triggers import rules
from till.wire import records


TEST_KEYS = "test keys"
_RULE = ("origin", "trigger", "lane", "flow", "guards")


def table(till):
    """{op: function(request) -> rows} for one terminal."""
    return {
        "identity": lambda request: [{"firmware": till.firmware, "keyed": till.vault.keyed(), "label": till.vault.label(),
                                      "random": "true" if till.random_is_true else "for tests only",
                                      "serial": str(till.vault.public(slots.SERIAL), "utf-8") if till.vault.keyed() else ""}],
        "journal": lambda request: journal(till),
        "rules": lambda request: [dict(zip(_RULE, rule)) for rule in rules.RULES],
        "kinds": lambda request: kinds(),
        "vectors": lambda request: vectors(request["document"]),
        "ballast": lambda request: ballast(till, request["kib"]),
        "install": lambda request: install(till, request),
    }


def journal(till):
    """Every record, oldest first: its number, its name and what it says."""
    for _sequence, number, kind, payload in till.ring.records():
        row = records.decode(kind, payload)
        row["number"], row["record"] = number, records.NAMES[kind]
        yield row


def kinds():
    from till.admin import vectors as code
    return [{"kind": kind} for kind in sorted(code.KINDS)]


def vectors(document):
    """One small document (split on the host) through our own code."""
    from till.admin import vectors as code
    passed, failures = code.run(document)
    return [{"passed": passed, "failures": [{"case": str(name), "why": str(why)} for name, why in failures]}]


def ballast(till, kib):
    """Take so many KiB of the heap away, in pieces: what is left is how a memory budget is proved. Given back at the next start."""
    till.ballast = None
    for _ in range(kib * 4):
        till.ballast = till.ballast, bytearray(192)     # a chain: no list that wants one large block
    gc.collect()
    return [{"alloc": gc.mem_alloc(), "free": gc.mem_free()}]       # pyright: ignore[reportAttributeAccessIssue]


def install(till, request):
    """A key, certificate or label into its slot, on a terminal that is not keyed yet."""
    if till.vault.keyed() and request["slot"] != slots.PARAMETERS:
        raise NotKeyed("already keyed")
    if request["slot"] == slots.INITIAL_KEY and not (till.random_is_true or till.vault.label() == TEST_KEYS):
        raise NotKeyed("no true random source")         # such a board takes test keys alone
    till.vault.install(request["slot"], bytes.fromhex(request["hex"]))
    return []
