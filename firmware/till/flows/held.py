# held.py: payments are held after an attack: whoever may say so has looked at the terminal, and lets it go on. On record either way.
from till.core import log
from till.core.deadline import Deadline
from till.core.errors import TimedOut
from till.flows import common
from till.secure import latch


async def lift(till, session):
    code, role = latch.held(till), latch.who(till)
    if role and not till.access.reaches(role):
        till.audited("refused", "lift", code)
        return await common.ended(till, session, "refused", till.words.refusal("A01"), "A01")
    till.show("held", till.words.refusal(code)[0])
    try:
        trigger = await session.wait(("enter", "cancel"), Deadline(till.parameters["waits"]["key"]))
    except TimedOut:
        return None
    if trigger.name == "enter":
        latch.lift(till)
        log.event("held", session.id, "lifted", code)
        till.offer("security", "lifted", "%s by %s" % (code, till.access.role or "somebody"))
    return None
