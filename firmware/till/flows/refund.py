# refund.py: give back a sale on record, or part of it, by its number.
from till.flows import common
from till.money import transaction


async def run(till, session):
    await common.by_reference(till, session, transaction.REFUND, till.words.of("TITLES", "refund"))
