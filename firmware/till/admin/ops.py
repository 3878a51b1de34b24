# ops.py: what the console can be asked: identity, journal, rules, guards, vectors; and, while the terminal is blank, its keys.
from till.core.errors import NotKeyed
from till.secure import vault as slots
from till.triggers import rules
from till.wire import records


def table(till):
    """{op: function(request) -> rows} for one terminal."""
    return {
        "identity": lambda request: [{"firmware": till.firmware, "keyed": till.vault.keyed(), "label": till.vault.label(),
                                      "serial": str(till.vault.public(slots.SERIAL), "utf-8") if till.vault.keyed() else ""}],
        "journal": lambda request: journal(till),
        "rules": lambda request: [{"origin": r[0], "trigger": r[1], "lane": r[2], "flow": r[3], "guards": [list(g) for g in r[4]]} for r in rules.RULES],
        "vectors": lambda request: vectors(request["document"]),
        "install": lambda request: install(till, request),
    }


def journal(till):
    """Every record, oldest first: its number, its name and what it says."""
    for _sequence, number, kind, payload in till.ring.records():
        row = records.decode(kind, payload)
        row["number"], row["record"] = number, records.NAMES[kind]
        yield row


def vectors(document):
    from till.admin import vectors as code
    try:
        passed, failures = code.run(document)
    except code.UnknownKind:
        return [{"unknown_kind": document.get("kind", "")}]
    return [{"passed": passed, "failures": [{"case": str(name), "why": str(why)} for name, why in failures]}]


def install(till, request):
    """A key, certificate or label into its slot, on a terminal that is not keyed yet."""
    if till.vault.keyed() and request["slot"] != slots.PARAMETERS:
        raise NotKeyed("already keyed")
    till.vault.install(request["slot"], bytes.fromhex(request["hex"]))
    return []
