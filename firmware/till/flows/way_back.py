# way_back.py: while the bank is reached by its second way: look at the first, and take it again once it has held. What did not hold after all has to
# hold twice as long the next time, so that two bad lines do not take turns. It ends when the first carries.
import asyncio

from till.acquirer.outbox import CONNECT_MS
from till.core import log
from till.core.deadline import Deadline
from till.core.errors import LinkLost, TimedOut

_MOST = 16                      # times as many looks as the owner asks for


async def run(till, session):
    till.alarms.heard("link_second", None, session.id)
    host, held, times = till.parameters["host"], 0, 1
    while till.link.way:
        await asyncio.sleep_ms(host["probe_s"] * 1000)
        if not till.link.way:
            return
        held = held + 1 if await till.link.probe() else 0
        if held < host["probes"] * times or till.engine.front or till.outbox.turn.locked():
            continue
        log.event("link", session.id, "tried again", "")
        held = 0
        try:
            if await till.link.back(Deadline(CONNECT_MS), session.id):
                return
        except (LinkLost, TimedOut) as error:
            log.event("link", session.id, "not reached", error.code)
        times = min(times * 2, _MOST)
