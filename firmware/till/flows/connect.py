# connect.py: keep trying to reach the host, with longer and longer pauses; being connected is what ends it. The sign-on follows as a trigger.
import asyncio

from till.acquirer.outbox import CONNECT_MS
from till.core import log
from till.core.deadline import Deadline
from till.core.errors import LinkLost, TimedOut, WornOut
from till.flows import common

_FIRST_MS, _MOST_MS = 5_000, 300_000


async def run(till, session):
    pause_ms = _FIRST_MS
    while True:
        try:
            await till.link.open(Deadline(CONNECT_MS), session.id)
            return
        except WornOut as error:
            return common.fault(till, error)
        except (LinkLost, TimedOut) as error:
            log.event("link", session.id, "not reached", error.code)
        await asyncio.sleep_ms(pause_ms)
        pause_ms = min(pause_ms * 2, _MOST_MS)
