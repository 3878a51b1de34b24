# reader.py: the owner of the card reader: looks for a card while somebody wants one, talks to it, and knows when the chip is deaf.
import asyncio

from till.core import log

_FAST = 921600
_LIFT_MS = 3_000
_LOOK_MS = 2_000                # one look; then the line is free for a moment


class Reader:
    """`chip`: drivers/pn532. Posts ("customer", "presented", target) and ("customer", "two_cards"), ("health", "reader_deaf")."""

    def __init__(self, chip, offer, facts, error):
        self._chip, self._offer, self._facts, self._error = chip, offer, facts, error
        self._task = None
        self._ready = False

    async def start(self):
        """Wake, configure, and go as fast as the wire allows. Says so where the chip does not answer."""
        try:
            await self._chip.configure()
            await self._chip.set_rate(_FAST)
            self._heard(True)
        except self._error as error:
            self._heard(False, error.code)

    def _heard(self, well, code=""):
        self._ready = well
        if not well and self._facts.reader_hears is not False:
            self._offer("health", "reader_deaf", code)
        self._facts.reader_hears = well

    def want_card(self, on, lifted=False):
        """Look for a card from now on, or stop. A stop aborts the chip's command under way. `lifted`: not before the one that is there
        has been taken away, or has lain there for a while: nobody wants the same card read again before a hand has moved."""
        if self._task:
            self._task.cancel()
            self._task = None
        if on:
            self._task = asyncio.create_task(self._look(lifted))

    async def _look(self, lifted):
        if lifted:
            await self._removed()
        while True:
            if not self._ready:
                await self.start()
                if not self._ready:
                    await asyncio.sleep_ms(1_000)
                    continue
            try:
                target = await self._chip.find(_LOOK_MS)
            except self._error as error:
                self._heard(error.code != "deaf", error.code)
                await asyncio.sleep_ms(50)
                continue
            if target is None:
                continue
            if target.count > 1:
                self._task = None
                self._offer("customer", "two_cards")
                return
            self._task = None           # the card is the session's now
            self._offer("customer", "presented", target)
            return

    async def _removed(self):
        try:
            await self._chip.wait_removed(_LIFT_MS)
        except self._error as error:
            log.event("device", "", "reader", error.code)

    async def exchange(self, apdu, within_ms):
        """One command to the card; a window on its answer, or None where the card has gone or says nothing."""
        try:
            return await self._chip.exchange(apdu, within_ms)
        except self._error as error:
            log.event("card", "", "lost", error.code)
            if error.code == "deaf":
                self._heard(False, error.code)
            return None

    async def release(self):
        """Field off, card forgotten; fails quietly, since the card may be gone and the chip is asked again before the next one."""
        try:
            await self._chip.release()
            await self._chip.field(False)
        except self._error as error:
            log.event("device", "", "reader", error.code)
            self._ready = False
