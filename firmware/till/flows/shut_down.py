# shut_down.py: the battery is nearly empty: finish what is under way, take nothing new, and switch off while flash can still be trusted.
# Every debt is on flash already: each act of the ledger returns only when flash holds it.
import asyncio

_GRACE_MS = 90_000              # for a person in the middle of a payment; the bank and the paper may be under way


async def run(till, session):
    till.alarms.heard(session.trigger.name, session.trigger.data, session.id)
    if till.facts.mains is True:
        return                          # it is being charged: an alarm is enough
    till.facts.locked = True
    for _ in range(_GRACE_MS // 500):
        if not till.engine.front:
            break
        await asyncio.sleep_ms(500)
    if till.engine.front:
        till.engine.front.interrupt("battery")
    if till.facts.mains is True:        # plugged in at the last moment
        till.facts.locked = False
        return
    till.show("switching_off")
    till.ledger.alarm("switching_off", "battery %s" % session.trigger.data, session.id)
    await asyncio.sleep_ms(3_000)       # to be read
    till.switch_off()
