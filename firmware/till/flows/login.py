# login.py: somebody with a role says who they are: a digit for the role, then its PIN. 0 logs out.
from till.core import log
from till.core.deadline import Deadline
from till.core.errors import TimedOut
from till.flows import common
from till.secure import pin
from till.secure.access import ROLES, WAIT, WRONG


async def run(till, session):
    till.show("role")
    try:
        trigger = await session.wait(("digit", "cancel", "clear"), Deadline(till.parameters["waits"]["key"]))
    except TimedOut:
        return
    if trigger.name != "digit" or trigger.data > len(ROLES):
        return
    if trigger.data == 0:
        till.audited("login", till.access.role or "nobody", "out")
        till.access.leave()
        return await common.ended(till, session, "logged_out", (), "logged_out")
    role = ROLES[trigger.data - 1]
    if role not in till.access.roles():
        return await common.refused(till, session, "cancelled", "no_role")
    why = await _enter(till, role)
    log.event("login", session.id, role, why or "in")
    till.ledger.alarm("login", "%s %s" % (role, why or "in"), session.id)
    till.audited("login", role, why or "in")
    if why in (WRONG, WAIT) and till.access.wait_ms() and "tries_used" not in till.alarms.active:
        till.offer("security", "tries_used", role)
    if why:
        return await common.refused(till, session, "cancelled", why)
    await common.ended(till, session, "logged_in", (till.words.of("ROLES", role),), role)


async def _enter(till, role):
    """None where the PIN was right, else the reason."""
    if till.access.wait_ms():
        return "A03"
    waits, name = till.parameters["waits"], till.words.of("ROLES", role)
    try:
        done = await pin.enter(till.keypad, till.vault, lambda n: till.show("login", name, "*" * min(n, 8)), waits["pin_key"], waits["pin"],
                               till.sounder)
    except TimedOut:
        return "pin_timeout"
    return await till.access.enter(role) if done == "entered" else "customer"
