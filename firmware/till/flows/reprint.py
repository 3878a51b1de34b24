# reprint.py: the last payment's receipt once more, marked as a copy.
from till.flows import common, looking
from till.ui import receipt


async def run(till, session):
    stan = await looking.through(till.ledger.last_printed())
    if not stan:
        return await common.refused(till, session, "cancelled", "no_such_payment")
    till.show("printing", "%06d" % stan)
    await common.paper(till, session, stan, (receipt.CUSTOMER,), again=True)
