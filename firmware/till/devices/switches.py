# switches.py: the owner of three pins that change by themselves: mains, charging, an open case. Interrupts wake it, nothing is polled.
# A pin that contradicts another is unknown. What is wrong is told at once, what is well again once it has rested: a loose wire is one alarm.
import asyncio

from till.core import log

_BOUNCE_MS, _REST_MS = 50, 900
# fact, trigger's origin, trigger for True, for False, which of them is bad news: told at boot too, and without a rest
_TABLE = (
    ("mains", "health", "mains_back", "mains_lost", False),
    ("charging", "", "", "", None),
    ("case_open", "security", "case_opened", "case_closed", True),
)


class Switches:
    """`charger`: drivers/bq24074; `case`: a pin, high while the case is open; `errors`: the drivers' error classes."""

    def __init__(self, charger, case, facts, offer, errors=()):
        self._charger, self._case, self._facts, self._offer, self._errors = charger, case, facts, offer, errors
        self._flag = asyncio.ThreadSafeFlag()
        for row in _TABLE:
            setattr(facts, row[0], None)

    def read(self, rested=True):
        """Look now, and tell what has changed. At boot: once, before the engine hears anything else. Not `rested`: good news can wait."""
        for row, value in zip(_TABLE, (self._charger.mains(), self._charging(), bool(self._case.value()))):
            if rested or not row[1] or value is row[4]:
                self._found(row, value)

    def _charging(self):
        try:
            return self._charger.charging()
        except self._errors as error:
            log.event("device", "", "charger", error.code)
            return None

    def _found(self, row, value):
        fact, origin, yes, no, bad = row
        was = getattr(self._facts, fact)
        setattr(self._facts, fact, value)
        if origin and value != was and (was is not None or value is bad):
            self._offer(origin, yes if value else no)

    def _touched(self, pin):
        self._flag.set()

    async def run(self):
        """Read once, then whenever a pin has moved and its contact no longer bounces, and again when it has come to rest."""
        self._charger.on_change(self._touched)
        self._case.irq(self._touched, self._case.IRQ_RISING | self._case.IRQ_FALLING)
        self.read()
        await self._flag.wait()
        while True:
            await asyncio.sleep_ms(_BOUNCE_MS)
            self._flag.clear()          # before the look: an edge after it sets the flag again
            self.read(rested=False)
            if not await self._moves(_REST_MS):
                self.read()
                await self._flag.wait()

    async def _moves(self, within_ms):
        """True as soon as a pin moves."""
        try:
            await asyncio.wait_for_ms(self._flag.wait(), within_ms)     # pyright: ignore[reportAttributeAccessIssue]
            return True
        except asyncio.TimeoutError:
            return False
