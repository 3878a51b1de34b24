# drain.py: pay what we owe the acquirer, again and again with longer pauses, until nothing is owed. It never gives up.
import asyncio


async def run(till, session):
    while till.outbox.owes():
        if not await till.outbox.drain():
            if not till.engine.front:
                till.idle()             # what has waited for too long closes the door
            await asyncio.sleep_ms(till.outbox.next_ms())
