# sign_on.py: say who we are (0800, 001) whenever the line to the host is new. An answer that is not 00 is told; the next message will show.
from till.acquirer import messages
from till.core import clock, log
from till.core.errors import LinkLost, TimedOut


async def run(till, session):
    till.lights.link(True)
    async with till.outbox.turn:
        envelope, stan = till.vault.envelope(), till.next_stan()
        request = till.messages.network(stan, clock.unix(), messages.SIGN_ON, envelope, session.id)
        log.event("host", session.id, "sent", "0800", stan)
        try:
            answer = await till.outbox.ask(request, envelope, session.id)
            log.event("signed_on", session.id, answer["response"])
        except (LinkLost, TimedOut) as error:
            log.event("signed_on", session.id, error.code)
