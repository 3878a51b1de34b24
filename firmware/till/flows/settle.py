# settle.py: the bank confirms the batch: our sums, every payment again where its own differ, then it is closed on both sides. Until the bank
# has said 00 nothing changes here, so whatever goes wrong, the next try says the same again; the bank knows a batch by its number.
import asyncio

from till.acquirer import messages
from till.core import clock, log
from till.core.errors import JournalFull, LinkLost, StorageFault, TimedOut
from till.flows import common, looking, reports
from till.money import totals

_AGREED = "00"


async def run(till, session):
    till.show("settling")
    try:
        why = await common.online(till, session) or await _settle(till, session)
    except (LinkLost, TimedOut, OSError):
        why = "no_answer"
    except (JournalFull, StorageFault) as error:
        why = common.fault(till, error)
    if why:
        await common.refused(till, session, "not_settled", why)


async def _settle(till, session):
    """None where the batch is closed on both sides and its report has been printed, else the reason why not."""
    sums = till.ledger.sums
    batch, values = sums[totals.BATCH], totals.of(sums, totals.BATCH)
    result = "agreed"
    stan, response = await _propose(till, session, messages.SETTLE, batch, values)
    if response == messages.DIFFERS:
        result = "uploaded"
        await _upload(till, session)
        stan, response = await _propose(till, session, messages.SETTLE_AFTER_UPLOAD, batch, values)
    if response != _AGREED:
        return response
    closing = till.ledger.closed("settled", result, stan, session.id)
    await asyncio.sleep(0)
    amount, currency = totals.words(totals.net_minor(closing), till.parameters["currency"]).split(" ")
    screen = (amount, currency, "%06d" % closing["period_number"])
    till.show("settled", *screen)
    await reports.report(till, session, "settled", totals.BATCH, closing["period_number"], closing, (till.words.of("PAPER", result),))
    await common.ended(till, session, "settled", screen, result)
    return None


async def _propose(till, session, code, batch, values):
    """0500. Returns (its STAN, response)."""
    session.safe_point()
    async with till.outbox.turn:
        stan, envelope = till.next_stan(), till.vault.envelope()
        await asyncio.sleep(0)
        request = till.messages.settlement(stan, clock.unix(), code, batch, values, till.parameters["currency"], envelope, session.id)
        response = await _ask(till, session, "0500", stan, request, envelope)
    return stan, response


async def _upload(till, session):
    """0320, one payment after another. One that the bank does not know stays in its books as a difference, and is an alarm here."""
    for number, sector in await looking.through(till.ledger.batch()):
        session.safe_point()
        payment = await looking.through(till.ledger.approved(number, sector))
        if payment is None:             # left the ring meanwhile
            continue
        async with till.outbox.turn:
            stan, envelope = till.next_stan(), till.vault.envelope()
            await asyncio.sleep(0)
            request = till.messages.upload(payment, stan, clock.unix(), envelope, session.id)
            response = await _ask(till, session, "0320", stan, request, envelope)
        if response != _AGREED:
            till.ledger.alarm("bank", response, session.id)


async def _ask(till, session, mti, stan, request, envelope):
    """The response. A request and what follows from an answer take some milliseconds each: a turn for each."""
    await asyncio.sleep(0)
    log.event("host", session.id, "sent", mti, stan)
    answer = await till.outbox.ask(request, envelope, session.id, till.parameters["waits"]["host"])
    await asyncio.sleep(0)
    return answer["response"]
