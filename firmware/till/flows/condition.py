# condition.py: news from outside came in: on record; the guards ask for it from now on, until it goes stale.
async def run(till, session):
    till.ledger.changed("condition", "", str(session.trigger.data), session.id)
