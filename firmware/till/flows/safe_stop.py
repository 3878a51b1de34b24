# safe_stop.py: a part that must not die keeps dying: end the session at its next safe point, say so, take nothing new, and start afresh: at once
# where the terminal has run for ten minutes, else when it has, so that one that dies at each start does not start for ever.
import asyncio
import time

_STEADY_MS, _READ_MS = 600_000, 3_000


async def run(till, session):
    till.facts.locked = True
    if till.engine.front:
        till.engine.front.interrupt("safe_stop")
    till.alarms.heard("safe_stop", session.trigger.data, session.id)
    till.show("safe_stop")
    up_ms = time.ticks_diff(time.ticks_ms(), till.began_ms)
    await asyncio.sleep_ms(_STEADY_MS - up_ms if 0 <= up_ms < _STEADY_MS else _READ_MS)
    await till.start_afresh(session.trigger.data)
