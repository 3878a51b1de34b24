# alarm.py: something is wrong, or is well again: on record, on the lights, as a tone, on the ready screen. alarms.TABLE says what ends what.
import asyncio


async def run(till, session):
    name = session.trigger.name
    if session.trigger.origin == "security":
        till.audited("security", name, session.trigger.data or "")
    till.alarms.heard(name, session.trigger.data, session.id)
    passes_ms = till.alarms.passes_ms(name)
    if passes_ms:
        await asyncio.sleep_ms(passes_ms)
        till.alarms.end(name, session.id)
    if name == "task_died":             # it may have been what reaches the bank, or pays what is owed
        till.offer("network", "connect")
        till.offer("network", "owed")
