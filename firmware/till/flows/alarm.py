# alarm.py: something is wrong, or is well again: on record, on the lights, as a tone, on the ready screen. alarms.TABLE says what ends what.
import asyncio


async def run(till, session):
    name = session.trigger.name
    till.alarms.heard(name, session.trigger.data, session.id)
    passes_ms = till.alarms.passes_ms(name)
    if passes_ms:
        await asyncio.sleep_ms(passes_ms)
        till.alarms.end(name, session.id)
