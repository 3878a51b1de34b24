# known_answers.py: does every algorithm still give what it must? Looked at before anything begins at a start, and every 23 hours from then on. One
# that does not hold locks the terminal: nothing that it says of keys, amounts or signatures could be believed.
import asyncio
import sys

from till.core import log

_NEEDED_SELDOM = ("till.crypto.selftest", "till.crypto.tr31", "till.crypto.pss")


async def run(till, session):
    await hold(till, session)


async def hold(till, session):
    """True where all does; else the terminal is locked, and an alarm stands until a start finds all well."""
    failed = await look(till)
    if failed or session.trigger.name == "answers_due":
        log.event("tested", session.id, "known answers", failed or "good", "")
    if failed:
        till.facts.locked = True
        till.audited("security", "crypto_failed", failed)
        till.alarms.heard("crypto_failed", failed, session.id)
    return not failed


async def look(till):
    """The names of what does not hold, as one text; "" where all does."""
    from till.crypto import selftest
    failed = []
    for _turn in selftest.turns(failed, till.vault.signed()):
        await asyncio.sleep_ms(0)
    for name in _NEEDED_SELDOM:
        sys.modules.pop(name, None)
    return ", ".join(failed)
