# reload.py: the owner's new settings are in effect from the next quiet moment: never in the middle of a payment.
import asyncio

from till.core import log


async def run(till, session):
    while till.engine.front or not till.facts.recovered:
        await asyncio.sleep_ms(250)
    if till.shop.staged is None:
        return                          # another reload took them along
    healed, before, signed = not till.shop.sound, till.shop.mark(), till.vault.signed()
    try:
        count = till.shop.apply(till.ledger, session.id)
    finally:
        till.settings_changed()         # also where their last row found no room any more
    till.audited("settings", before, till.shop.mark(), "signed" if signed else "not signed")
    if healed and "safe_stop" not in till.alarms.active:
        till.facts.locked = False       # it was locked for its settings alone
    log.event("settings", session.id, till.shop.mark(), count)
