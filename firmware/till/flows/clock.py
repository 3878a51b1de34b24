# clock.py: the clock is behind what the terminal has written, so nobody can tell when a payment would be: none begins until it has caught up, or a
# person takes it as it is.
from till.secure import latch


async def run(till, session):
    name, seconds = session.trigger.name, session.trigger.data
    till.audited("security", name, seconds)
    till.alarms.heard(name, seconds, session.id)
    if till.vault.keyed():
        latch.behind(till, till.ledger.newest if name == "clock_behind" else 0)
