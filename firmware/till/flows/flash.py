# flash.py: flash did not take a record. Nothing new is sold; a record is tried until one is taken, and then the terminal starts afresh, since
# what is open on flash is what counts, and a start reads it.
import asyncio

_TRY_MS = 10_000


async def run(till, session):
    till.alarms.heard(session.trigger.name, session.trigger.data, session.id)
    while True:
        await asyncio.sleep_ms(_TRY_MS)
        if till.on_record(till.ledger.alarm, "flash_failed", "ended", session.id):
            break
    await till.start_afresh("flash")
