# void.py: take back a whole sale on record, by its number.
from till.flows import common
from till.money import transaction


async def run(till, session):
    await common.by_reference(till, session, transaction.VOID, till.words.of("TITLES", "void"))
