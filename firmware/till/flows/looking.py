# looking.py: looks at the journal, a few records a turn, so that nobody else waits until they are over: what flows ask of the ledger, and what the
# guards of limits want to know of earlier payments. A look sees what was on record when it began. Raises StorageFault.
import asyncio
import gc

from till.core import clock
from till.money import totals, velocity

_A_TURN, _A_SWEEP = 2, 32       # records: each takes a CRC and a MAC, and leaves some hundred bytes to be collected


async def through(look, each=None):
    """What a look (money/ledger.py) returns; `each` is handed what it gives on its way."""
    read = 0
    await asyncio.sleep(0)
    try:
        while True:
            for _ in range(_A_TURN):
                found = next(look)
                if found:
                    each(found)         # pyright: ignore[reportOptionalCall]
            await asyncio.sleep(0)
            read += _A_TURN
            if read % _A_SWEEP == 0:
                gc.collect()            # a turn of its own: a heap that is full takes longer than a turn may
                await asyncio.sleep(0)
    except StopIteration as end:
        found = end.value
    await asyncio.sleep(0)
    return found


def often(till):
    """Does the owner want counted how often and how much of late?"""
    wanted = till.parameters["velocity"]
    return wanted["hour_count"] or wanted["hour_sum"] or wanted["same_count"]


async def back(till, minor, there):
    """How often and how much of late, for facts.recent. Where a card lies there already, what was counted at rest will do, unless that would have
    it refused: payments only grow older."""
    if there and till.looked == _mark(till, minor) and not till.engine.would_refuse("customer", "amount"):
        return
    till.looked, counts = None, [0, 0, 0]
    await through(*_recent(till, minor, counts))
    till.facts.recent = tuple(counts)


async def ahead(till):
    """At rest, where a card alone begins a sale: count what its one price will be asked about, so that no tap has to wait for it."""
    mark = _mark(till, till.parameters["kiosk"]["price"])
    if often(till) and till.looked != mark:
        counts = [0, 0, 0]
        payments, each = _recent(till, mark[0], counts)
        if await through(_until_somebody_comes(till, payments), each):
            till.facts.recent, till.looked = tuple(counts), mark


def _mark(till, minor):
    """What a count was made for; another payment, or another setting, makes another one."""
    return minor, till.parameters["velocity"]["same_minutes"], till.ledger.last_stan


def _recent(till, minor, counts):
    """(a look, what to do with each payment), for `counts` as velocity.recent gives them."""
    now, same_s = clock.unix(), till.parameters["velocity"]["same_minutes"] * 60
    return till.ledger.since(now - max(same_s, velocity.HOUR_S)), lambda payment: velocity.count(counts, payment, now, minor, same_s)


def _until_somebody_comes(till, look):
    """The same look; True where it came to its end."""
    for found in look:
        if till.engine.front:
            return False
        yield found
    return True


async def at_card(till, account):
    """What this card (its hash) has paid today, and how often it was used of late."""
    now, wanted = clock.unix(), till.parameters["velocity"]
    if till.parameters["limits"]["per_card"]:
        till.facts.card_minor = await through(till.ledger.card_minor(account, totals.day_of(now, till.ledger.offset_min)))
    if wanted["card_count"]:
        within_s, used = wanted["card_hours"] * velocity.HOUR_S, [0]

        def count(payment):
            used[0] += velocity.is_of_card(payment, now, account, within_s)
        await through(till.ledger.since(now - within_s), count)
        till.facts.card_count = used[0]
