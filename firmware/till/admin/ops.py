# ops.py: what the console can be asked: identity, journal, rules, guards, vectors; and, while the terminal is blank, its keys.
import gc
import json
import sys
from hashlib import sha256

from till.core.errors import Malformed, NotKeyed
from till.secure import vault as slots
from till.store import parameters
from till.triggers import rules
from till.wire import records


TEST_KEYS = "test keys"
_RULE = ("origin", "trigger", "lane", "flow", "guards")


def table(till):
    """{op: function(request) -> rows} for one terminal."""
    return {
        "identity": lambda request: [identity(till)],
        "journal": lambda request: journal(till),
        "rules": lambda request: [dict(zip(_RULE, rule)) for rule in rules.RULES],
        "kinds": lambda request: kinds(),
        "vectors": lambda request: vectors(request["document"]),
        "settings": lambda request: [{"owner": till.shop.owner, "mark": till.shop.mark(), "sound": till.shop.sound}],
        "stage": lambda request: stage(till, request["owner"]),
        "stage_signed": lambda request: signed(till, request, "staged"),
        "signing_key": lambda request: signed(till, request, "signing_key"),
        "condition": lambda request: condition(till, request),
        "why_not": lambda request: why_not(till, request["action"]),
        "facts": lambda request: [facts(till)],
        "ballast": lambda request: ballast(till, request["kib"]),
        "install": lambda request: install(till, request),
        "provision": lambda request: provision(till, request),
        "zeroise": lambda request: zeroise(till, request),
        "audit": lambda request: till.audit.rows(),
    }


def identity(till):
    keyed = till.vault.keyed()
    return {"firmware": till.firmware, "keyed": keyed, "label": till.vault.label(), "signed": till.vault.signed(),
            "random": "true" if till.random_is_true else "for tests only", "serial": str(till.vault.public(slots.SERIAL), "utf-8") if keyed else ""}


def journal(till):
    """Every record, oldest first: its number, its name and what it says; then those that cannot be believed, and how many there are from that
    number on."""
    for _sequence, number, kind, payload in till.ring.records():
        row = records.decode(kind, payload)
        row["number"], row["record"] = number, records.NAMES[kind]
        yield row
    for number in sorted(till.ring.altered):
        yield {"number": number, "record": "altered", "count": till.ring.altered[number]}


def kinds():
    from till.admin import vectors as code
    return [{"kind": kind} for kind in sorted(code.KINDS)]


def vectors(document):
    """One small document (split on the host) through our own code."""
    from till.admin import vectors as code
    passed, failures = code.run(document)
    return [{"passed": passed, "failures": [{"case": str(name), "why": str(why)} for name, why in failures]}]


def stage(till, owner, proof=None):
    """An owner's settings: wholly refused with every problem, or kept for the next quiet moment."""
    if till.vault.signed() and not proof:
        raise NotKeyed("not signed")
    if not hasattr(till, "offer"):
        raise Malformed("service mode")         # nothing runs in which they could count
    try:
        till.shop.stage(owner, proof)
    except parameters.BadParameters as bad:
        return [{"ok": False, "problems": [list(problem) for problem in bad.problems]}]
    till.offer("settings", "staged")
    return [{"ok": True, "problems": []}]


def signed(till, request, what):
    """A signed package, looked at as a whole before any of it counts."""
    from till.admin import signed as code
    proof, text = code.opened(till.vault, request, code.KINDS[what])
    if what == "signing_key":
        till.audit.note("keys", "signing key", sha256(text).digest().hex()[:8])
        return code.next_key(till.vault, request, proof, text)
    rows = stage(till, json.loads(text), (text,) + proof)
    if rows[0]["ok"]:
        code.remember(till.vault, proof[0])
    return rows


def condition(till, request):
    """News from outside, with its end (Unix seconds)."""
    till.shop.heard(request["name"], request["word"], request["until"])
    till.offer("settings", "condition", "%s = %s" % (request["name"], request["word"]))
    return []


def why_not(till, action):
    """Every row that would begin this action (a flow's last name or a trigger's), each guard with what it says now."""
    for rule in rules.RULES:
        if action in (rule[1], rule[3].split(".")[-1]):
            yield {"origin": rule[0], "trigger": rule[1], "lane": rule[2], "flow": rule[3], "guards": [
                {"guard": name, "arguments": list(arguments), "reason": reason, "words": list(till.words.refusal(reason)) if reason else []}
                for name, arguments, reason in till.engine.verdicts(rule)]}


_FACTS = ("locked", "recovered", "flash_holds", "record_sound", "training", "screen_shows", "reader_hears", "battery", "battery_level",
          "mains", "charging", "case_c", "case_level", "head_c", "head_level", "lux", "light_level", "clock_good", "case_open", "fan",
          "amount_minor", "card_minor", "kiosk", "keyed", "owes", "owed", "owed_limits", "local", "conditions", "sums", "limits")


def facts(till):
    """What the guards know now; null is unknown."""
    known = {name: getattr(till.facts, name) for name in _FACTS}
    known["role"], known["alarms"], known["deaths"] = till.access.role, till.alarms.active, till.deaths or {}
    return known


def ballast(till, kib):
    """Take so many KiB of the heap away, in pieces: what is left is how a memory budget is proved. Given back at the next start."""
    till.ballast = None
    for _ in range(kib * 4):
        till.ballast = till.ballast, bytearray(192)     # a chain: no list that wants one large block
    gc.collect()
    return [{"alloc": gc.mem_alloc(), "free": gc.mem_free()}]       # pyright: ignore[reportAttributeAccessIssue]


def install(till, request):
    """A key, certificate or label into its slot, on a terminal that is not keyed yet."""
    if till.vault.keyed():
        raise NotKeyed("already keyed")
    if request["slot"] == slots.INITIAL_KEY and not (till.random_is_true or till.vault.label() == TEST_KEYS):
        raise NotKeyed("no true random source")         # such a board takes test keys alone
    till.vault.install(request["slot"], bytes.fromhex(request["hex"]))
    return []


def provision(till, request):
    """One step of till.admin.provision; the first makes what the others go on with, and the last or a wrong one ends it."""
    from till.admin.provision import Provision
    if request["step"] == "hello" or till.provision is None:
        if till.provision:
            till.provision.wipe()
        till.provision = Provision(till.vault, till.random_is_true, {"model": sys.implementation._machine, "firmware": till.firmware,     # pyright: ignore
                                                                     "random": "true" if till.random_is_true else "for tests only"}, till.audit.note)
    return [till.provision.step(request)]


def zeroise(till, request):
    """Destroy every key of this very terminal, in service mode: nobody is served then, and what is still owed has been looked at."""
    if hasattr(till, "offer"):
        raise Malformed("not in service mode")
    if request["serial"] != str(till.vault.public(slots.SERIAL), "utf-8"):
        raise Malformed("other terminal")
    till.audit.note("keys", "zeroise", request["serial"])
    till.vault.zeroise()
    return []
