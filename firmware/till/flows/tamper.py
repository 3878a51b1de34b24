# tamper.py: an attack on the terminal: first what the owner wants of it (an alarm alone, no new payment, or no key any more), then it is told.
# What is owed is sent on, as long as there are keys.
from till.secure import latch


async def run(till, session):
    name, data = session.trigger.name, session.trigger.data
    setting, code = latch.CODES[name]
    follows = till.parameters["tamper"][setting] if setting else "lock"
    if not till.vault.keyed():
        follows = "alarm"               # there is nothing to take
    if follows == "zeroise":
        _empty(till)
    elif follows == "lock":
        till.on_record(latch.lock, till, code)
    till.audited("security", name, "" if data is None else data)
    if follows == "zeroise":
        till.audited("keys", "zeroise", name)
    till.alarms.heard(name, data, session.id)


def _empty(till):
    """Whoever is served is let go at the next safe point; the keys do not wait for that."""
    if till.engine.front:
        till.engine.front.interrupt("tamper")
    till.on_record(till.vault.zeroise)
    till.link.drop()
