# ops.py: what the console can be asked: identity, journal, rules, guards, vectors; and, while the terminal is blank, its keys.
import asyncio
import gc
import json
import sys

from till.core import clock
from till.core.errors import Malformed, NotKeyed
from till.secure import vault as slots
from till.store import parameters
from till.triggers import rules
from till.wire import records


TEST_KEYS = "test keys"
_EARLIEST, _LATEST = 1_767_225_600, 4_102_444_799       # 2026 to 2099, which the clock can hold
_RULE = ("origin", "trigger", "lane", "flow", "guards")


def lock(till):
    """What stands before the requests of a terminal that was provisioned, from its next start on; None for any other."""
    if not till.vault.provisioned():
        return None
    from till.admin.lock import Lock
    return Lock(till.vault)


def identity(till):
    keyed = till.vault.keyed()
    return {"firmware": till.firmware, "keyed": keyed, "label": till.vault.label(), "signed": till.vault.signed(),
            "random": "true" if till.random_is_true else "for tests only", "serial": str(till.vault.public(slots.SERIAL), "utf-8") if keyed else "",
            "pin_keyed": till.vault.pin_keyed(till.parameters["host"]["pin_format"])}


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
        return code.next_key(till.vault, request, proof, text, till.audit.note)
    rows = stage(till, json.loads(text), (text,) + proof)
    if rows[0]["ok"]:
        code.remember(till.vault, proof[0])
    return rows


def image(till, request):
    """An application image, step by step; without a step: what runs, and what would start next."""
    from till.admin import image as code
    return code.step(till, request) if "step" in request else [code.status(till)]


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
          "amount_minor", "card_minor", "kiosk", "keyed", "owes", "owed", "owed_limits", "local", "conditions", "sums", "limits", "velocity",
          "recent", "card_count", "tampered", "behind", "wrong_macs", "newest")


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
    if request["slot"] == slots.TDES_KEY:
        raise NotKeyed("tdes")                          # that one has a request of its own
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


def tdes_key(till, request):
    from till.admin import tdes_key as code
    return code.take(till, request, TEST_KEYS)


def set_clock(till, unix):
    """The host's time, for the clock with the coin cell: on record with what it was. It counts from a start, which follows at a quiet moment."""
    if not hasattr(till, "offer"):
        raise Malformed("service mode")
    if not isinstance(unix, int) or not _EARLIEST <= unix <= _LATEST:
        raise Malformed("time")
    was, taken = till.senses.set_clock(unix)
    if not taken:
        raise Malformed("clock")
    till.audited("security", "clock_set", "unknown" if was is None else clock.readable(was), "to", clock.readable(unix))
    asyncio.create_task(till.start_afresh("clock"))
    return [{"was": was}]


def clock_now(till):
    """What the clock with the coin cell says, and by what the terminal goes; None is unknown."""
    if not hasattr(till, "offer"):
        raise Malformed("service mode")
    return {"chip": till.senses.read_clock(), "unix": clock.unix(), "good": till.facts.clock_good}


def lift(till, request):
    """Let payments begin again after an attack, and say what held them. Where a role with a PIN has to look, that is done at the terminal."""
    from till.secure import latch
    if not hasattr(till, "offer"):
        raise Malformed("service mode")
    if request["serial"] != str(till.vault.public(slots.SERIAL), "utf-8"):
        raise Malformed("other terminal")
    role, code = latch.who(till), latch.held(till)
    if code and role and not till.access.reaches(role):
        till.audited("refused", "lift", code)
        raise Malformed("log in first")
    if code:
        latch.lift(till)
        till.offer("security", "lifted", code + " by the admin line")
    return [{"held": code}]


def zeroise(till, request):
    """Destroy every key of this very terminal, in service mode: nobody is served then, and what is still owed has been looked at."""
    if hasattr(till, "offer"):
        raise Malformed("not in service mode")
    if request["serial"] != str(till.vault.public(slots.SERIAL), "utf-8"):
        raise Malformed("other terminal")
    till.audit.note("keys", "zeroise", request["serial"])
    till.vault.zeroise()
    return []


OPS = {
    # op: function(till, request) -> rows
    "identity": lambda till, request: [identity(till)],
    "journal": lambda till, request: journal(till),
    "rules": lambda till, request: [dict(zip(_RULE, rule)) for rule in rules.RULES],
    "kinds": lambda till, request: kinds(),
    "vectors": lambda till, request: vectors(request["document"]),
    "settings": lambda till, request: [{"owner": till.shop.owner, "mark": till.shop.mark(), "sound": till.shop.sound}],
    "stage": lambda till, request: stage(till, request["owner"]),
    "stage_signed": lambda till, request: signed(till, request, "staged"),
    "signing_key": lambda till, request: signed(till, request, "signing_key"),
    "condition": lambda till, request: condition(till, request),
    "why_not": lambda till, request: why_not(till, request["action"]),
    "facts": lambda till, request: [facts(till)],
    "ballast": lambda till, request: ballast(till, request["kib"]),
    "install": lambda till, request: install(till, request),
    "provision": lambda till, request: provision(till, request),
    "tdes_key": lambda till, request: tdes_key(till, request),
    "zeroise": lambda till, request: zeroise(till, request),
    "audit": lambda till, request: till.audit.rows(),
    "image": lambda till, request: image(till, request),
    "lift": lambda till, request: lift(till, request),
    "clock": lambda till, request: [clock_now(till)],
    "set_clock": lambda till, request: set_clock(till, request["unix"]),
}
