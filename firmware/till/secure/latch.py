# latch.py: what an attack leaves behind, on flash: why no new payment may begin, until which moment the clock has to come, and how many answers in a
# row had a wrong MAC. A restart gives none of it back. StorageFault where flash does not take it: it holds in memory all the same.
from till.core.errors import NotKeyed
from till.secure import vault as slots
from till.secure.access import ROLES

# trigger: (setting of [tamper], reason code)
CODES = {
    "case_opened": ("case", "S11"), "light_odd": ("light", "S12"), "temperature_odd": ("temperature", "S13"), "voltage_odd": ("voltage", "S14"),
    "macs_wrong": ("", "S15"), "keys_worn": ("", "S17"),
}


def load(till):
    """Read it, once in a life."""
    facts = till.facts
    if facts.tampered is None:
        try:
            code, behind, macs = str(till.vault.public(slots.LATCH), "ascii").split(" ")
        except NotKeyed:
            code, behind, macs = "-", "0", "0"
        facts.tampered, facts.behind, facts.wrong_macs = "" if code == "-" else code, int(behind), int(macs)


def _keep(till):
    facts = till.facts
    till.vault.install(slots.LATCH, ("%s %d %d" % (facts.tampered or "-", facts.behind, facts.wrong_macs)).encode())


def lock(till, code):
    """No new payment from now on. The first reason stays."""
    load(till)
    if not till.facts.tampered:
        till.facts.tampered = code
        _keep(till)


def behind(till, unix):
    """None before the clock has come to this moment; 0: it has."""
    load(till)
    till.facts.behind = unix
    _keep(till)


def judged(till, right):
    """An answer's MAC was found so. Where one is wrong too often in a row, the lock is on flash with the count."""
    if not till.vault.keyed():
        return None                     # they went while it was asked
    load(till)
    facts, most = till.facts, till.parameters["tamper"]["wrong_macs"]
    if right:
        facts.wrong_macs = 0
        return _keep(till)
    if not most or facts.tampered:
        return None                     # nothing more follows, and nothing is worn
    facts.wrong_macs += 1
    if facts.wrong_macs >= most:
        facts.tampered = CODES["macs_wrong"][1]
    _keep(till)
    if facts.tampered:
        till.offer("security", "macs_wrong", facts.wrong_macs)
    return None


def who(till):
    """Who may end it: a technician; a supervisor where it is the clock alone. Where no such role has a PIN, anybody: ""."""
    wanted = "technician" if till.facts.tampered else "supervisor"
    return wanted if any(till.parameters["pins"][role] for role in ROLES[ROLES.index(wanted):]) else ""


def held(till):
    """The reason for which payments are held, "" where they are not."""
    load(till)
    return till.facts.tampered or ("S16" if till.facts.behind else "")


def lift(till):
    """A person takes it as it is: payments may begin, and the clock counts as right from here on."""
    facts = till.facts
    if facts.behind:
        till.ledger.reckon()
    facts.tampered, facts.behind, facts.wrong_macs = "", 0, 0
    _keep(till)
