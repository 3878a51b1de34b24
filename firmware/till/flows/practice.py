# practice.py: a sale for training: the same screens and keys, a real tap, any PIN, paper that says TRAINING. It has no way to the bank, to a key
# or to the books: it imports none of them (a house test looks), so nothing that is learned here can move money.
import asyncio

from till.core import clock, log
from till.flows import asking, common, tapping
from till.money import transaction
from till.ui import receipt

_ASKS_MS = 1_200                # as long as a bank takes on a good day
_SAYS_NO = 5                    # an amount that ends with this digit is declined, so that it can be practised


async def run(till, session):
    try:
        minor, tip = await asking.amount(till, session)
        if minor is None:
            return
        why, tap = await tapping.card(till, session, minor, session.trigger.name == "presented")
        if why == "online":
            why, tap = await _judge(till, session, minor, tip, tap)
        if why:
            await common.refused(till, session, why, tap)
    finally:
        await tapping.leave(till)


async def _judge(till, session, minor, tip, tap):
    """("", ()) where all is said, else a last screen and its reason."""
    try:
        await till.reader.release()
        if tap.cvm == "online_pin":
            why = await tapping.enter_pin(till, lambda n: till.show("any_digits", "*" * min(n, 8)))
            till.vault.wipe_pin()
            if why:
                return "cancelled", why
        till.show("asking")
        await asyncio.sleep_ms(_ASKS_MS)
        state = transaction.DECLINED if minor % 10 == _SAYS_NO else transaction.APPROVED
        paper = {"stan": 0, "kind": transaction.SALE, "amount_minor": minor, "tip_minor": tip, "currency": till.parameters["currency"],
                 "unix": clock.unix(), "trigger": session.id, "state": state, "label": tap.label, "aid": bytes(tap.aid).hex().upper(), "pan": "",
                 "entry": "contactless", "cvm": tap.cvm}
    finally:
        tap.wipe()
    log.event("practice", session.id, transaction.WORDS[state])
    values = tuple(common.money(till, minor))
    till.show(*(("approved",) + values if state == transaction.APPROVED else ("declined",) + tuple(till.words.reason("practice"))))
    for copy in (receipt.MERCHANT, receipt.CUSTOMER):
        await common.on_paper(till, session, common.receipt_rows(till, paper, copy))
    if state == transaction.DECLINED:
        return "declined", "practice"
    await common.ended(till, session, "approved", values, "practice")
    return "", ()
