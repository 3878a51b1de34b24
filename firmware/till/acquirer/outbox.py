# outbox.py: what we still owe the acquirer, oldest first. May send twice, never zero times; nothing is dropped, whatever the host says.
import asyncio

from till.acquirer import messages
from till.core import clock, log
from till.core.deadline import Deadline
from till.core.errors import LinkLost, Malformed, TillError, WrongAnswer, WrongMac

CONNECT_MS, HOST_MS = 10_000, 30_000
RETRY_MS, RETRY_MOST_MS = 10_000, 300_000
ALARM_AFTER = 6
_CLOSED_BY = {"00": "reversed", "25": "never_seen"}


class Outbox:
    """`numbers.next_stan()` gives a synced STAN, `numbers.mac_judged(right)` hears of each answer's MAC.
    `tries` since the last success; `next_ms()`: how long to wait before the next try."""

    def __init__(self, ledger, link, words, vault, numbers, offer):
        self._ledger, self._link, self._words, self._vault, self._numbers, self._offer = ledger, link, words, vault, numbers, offer
        self.tries = 0
        self.turn = asyncio.Lock()  # one request at a time, from its key to its answer: key counters reach the host in order
        self._draining = asyncio.Lock()

    def owes(self):
        return self._ledger.open.count > 0

    def next_ms(self):
        return min(RETRY_MS << min(max(self.tries - 1, 0), 5), RETRY_MOST_MS)

    async def drain(self):
        """Try once to settle everything that is owed. True when nothing is."""
        async with self._draining:
            while self.owes():
                payment = self._ledger.open.next()
                try:
                    await self._settle(self._ledger.owed())
                    self.tries = 0
                except TillError as error:          # whatever it was, the debt stays and is tried again
                    self._failed(payment, error.code)
                    return False
            return True

    def _failed(self, payment, code):
        self.tries += 1
        log.event("owed", payment.trigger, payment.stan, self.tries, code, self.next_ms())
        if self.tries == ALARM_AFTER:
            self._offer("health", "owed_long", payment.stan)

    async def _settle(self, payment):
        stan = payment["stan"]
        await self._link.open(Deadline(CONNECT_MS), payment["trigger"])
        async with self.turn:
            repeat = "reversal" in payment              # promised before now, so it may have been sent
            reversal = payment["reversal"] if repeat else self._promise(payment)
            envelope = self._vault.envelope(int(reversal["ksn"]))
            request = self._words.reversal(payment, reversal, envelope, repeat)
            log.event("host", payment["trigger"], "sent", "0401" if repeat else "0400", reversal["reversal_stan"])
            answer = await self.ask(request, envelope, payment["trigger"])
        if answer["response"] not in _CLOSED_BY:
            raise LinkLost("reversal refused")
        self._ledger.happened(stan, _CLOSED_BY[answer["response"]], answer)
        self._offer("network", "settled", stan)

    def _promise(self, payment):
        """Give the reversal its STAN, time and key, on flash before its first byte leaves."""
        stan = self._numbers.next_stan()
        envelope = self._vault.envelope()
        return self._ledger.reversal(payment["stan"], stan, clock.sent_at(clock.unix()), str(envelope.counter), payment.get("what", ""))

    async def sign_on(self, trigger):
        """Say who we are (0800, 001) on a line that is new: what answers this is the host, certified. Raises LinkLost, TimedOut."""
        async with self.turn:
            envelope, stan = self._vault.envelope(), self._numbers.next_stan()
            request = self._words.network(stan, clock.unix(), messages.SIGN_ON, envelope, trigger)
            log.event("host", trigger, "sent", "0800", stan)
            answer = await self.ask(request, envelope, trigger)
        log.event("signed_on", trigger, answer["response"])
        if answer["response"] != "00":
            raise LinkLost("sign-on")

    async def ask(self, request, envelope, trigger, within_ms=HOST_MS):
        """One question, and the first answer to it that can be believed; all others are dropped, and said to be."""
        request = bytes(request)

        def accept(data):
            try:
                return self._words.answer(data, request, envelope)
            except (WrongMac, WrongAnswer, Malformed) as error:
                log.event("dropped", trigger, error.code, error.args[0] if error.args else "", messages.stan_of(data))
                if isinstance(error, WrongMac):
                    self._offer("security", "wrong_mac")
                    self._numbers.mac_judged(False)
                return None

        answer = await self._link.ask(request, Deadline(within_ms), accept)
        self._numbers.mac_judged(True)
        log.event("host", trigger, "heard", answer["response"], answer["auth"], answer["rrn"])
        return answer
