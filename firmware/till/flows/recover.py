# recover.py: the first thing after every start: what was open is looked at before anything new may begin. Unknown is not declined.
from till.flows import common, known_answers
from till.money import transaction
from till.secure import latch


async def run(till, session):
    """A payment whose outcome the power took owes a reversal; that is written down at once, and sent as soon as the bank answers."""
    latch.load(till)
    if not await known_answers.hold(till, session):
        return None
    owed = [till.ledger.open[stan] for stan in till.ledger.open.stans()]
    if not till.facts.record_sound:     # its outcome may be what was altered: a person looks before anything is undone by guess
        till.facts.recovered = True     # what may go on without money may go on
        common.kick_outbox(till)
        return "network", "connect", None
    for payment in owed:
        if payment.state == transaction.OWED:
            till.ledger.happened(payment.stan, "restarted")
    till.facts.recovered = True
    if owed:
        till.show("recovering")
        settled = await till.outbox.drain()
        how = "reversed" if settled else "waiting"
        await common.ended(till, session, "recovered", till.words.of("RECOVERED", how), how)
        common.kick_outbox(till)
    return "network", "connect", None
