# training.py: into training, or out of it. On record both ways; a restart ends it.
from till.flows import common


async def run(till, session):
    on = not till.facts.training
    till.ledger.changed("training", "off" if on else "on", "on" if on else "off", session.id)
    till.facts.training = on
    await common.ended(till, session, "training_on" if on else "training_off", (), "training")
