# x_totals.py: the shift so far, on paper. Changes nothing and asks nobody.
from till.flows import reports
from till.money import totals


async def run(till, session):
    sums = till.ledger.sums
    await reports.shift(till, session, "x_totals", sums[totals.SHIFT], totals.of(sums, totals.SHIFT))
