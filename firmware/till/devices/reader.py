# reader.py: the owner of the card reader: looks for a card while somebody wants one, talks to it, knows when the chip is deaf and brings it back.
# The field is off whenever nobody wants a card. A chip that stays deaf is tried again, for ever, and is a fact meanwhile.
import asyncio

from micropython import const
from till.core import log

_FAST = const(921600)
_LIFT_MS = const(3_000)
_LOOK_MS = const(2_000)             # one look while a customer is waited for; then the line is free for a moment
_GLANCE_MS = const(30)              # one look at rest: power up, a few requests
_REST_MS = const(270)               # and so long the field is off in between: a card is found within 600 ms, the field is on for a ninth of the time
_RESET_MS, _BOOT_MS = const(5), const(10)
_SUPPLY_OFF_MS = const(100)
_AGAIN_MS, _AGAIN_AT_REST = const(10_000), const(6)     # between tries of a deaf chip; so many times that while nobody wants a card


class Reader:
    """`chip`: drivers/pn532. `reset`, `supply`: pins, low for reset and off, or None. `note(step)` hears how a deaf chip was treated: "woken",
    "reset", "power cycled", then "heard" or "deaf". `rest_ms`: how long the field is off between looks at rest; `slow`: twice that.
    Posts ("customer", "presented", target), ("customer", "two_cards"), ("health", "reader_deaf", code), ("health", "reader_heard")."""

    def __init__(self, chip, offer, facts, error, reset=None, supply=None, note=None):
        self._chip, self._offer, self._facts, self._error = chip, offer, facts, error
        self._reset_pin, self._supply_pin, self._note = reset, supply, note
        self._line = asyncio.Lock()         # looks, treatment and release take turns; an exchange comes after its look
        self._task = self._retry = None
        self._at_rest = self._field = self.given_up = False     # given_up: every remedy was tried, in vain
        self._ready, self._hears = False, asyncio.Event()
        self._lifted = False                # no card has lain there since the last one was presented, or since power came: it may have paid already
        self.rest_ms, self.slow = _REST_MS, False

    # --- is it there?

    async def start(self):
        """Wake, configure, and go as fast as the wire allows; where it does not answer, up the ladder: wake-up, reset, supply.
        True where it hears."""
        async with self._line:
            code = await self._trial()
            if code:
                code = await self._ladder(code)
            elif self._facts.reader_hears is False:
                self._told("heard")
            self._heard(not code, code)
            return self._ready

    async def _trial(self):
        """"" where the chip does as it is asked, else the code of its error."""
        try:
            await self._chip.configure()
            await self._chip.set_rate(_FAST)
            return ""
        except self._error as error:
            return error.code

    async def _ladder(self, code):
        """Each remedy is stronger than the one before it. What does not help is told the first time only."""
        for step, remedy in (("woken", self._wake), ("reset", self._pulse), ("power cycled", self._cycle)):
            if not await remedy():
                continue                    # this board has no such pin
            if not self.given_up:
                self._told(step)
            code = await self._trial()
            if not code:
                if self.given_up:
                    self._told(step)
                self._told("heard")
                return ""
        if not self.given_up:
            self.given_up = True
            self._told("deaf")
        return code

    async def _wake(self):
        await self._chip.wake()
        return True

    async def _pulse(self):
        return await self._low(self._reset_pin, _RESET_MS)

    async def _cycle(self):
        return await self._low(self._supply_pin, _SUPPLY_OFF_MS)

    async def _low(self, pin, ms):
        if pin is None:
            return False
        try:
            pin.value(0)
            await asyncio.sleep_ms(ms)
        finally:
            pin.value(1)
        await asyncio.sleep_ms(_BOOT_MS)
        return True

    def _told(self, step):
        log.event("device", "", "reader", step)
        if self._note:
            self._note(step)

    def _heard(self, well, code=""):
        was, self._facts.reader_hears = self._facts.reader_hears, well
        self._ready = well
        if well:
            self.given_up = False
            self._hears.set()
            if was is False:
                self._offer("health", "reader_heard")
            return
        self._hears.clear()
        self._field = False
        if was is not False:
            self._offer("health", "reader_deaf", code)
        if not self._retry:
            self._retry = asyncio.create_task(self._again())

    async def _again(self):
        """Until it hears: every 10 s while somebody wants a card, else every minute."""
        slept = 0
        while not self._ready:
            await asyncio.sleep_ms(_AGAIN_MS)
            slept += 1
            if not self._ready and (self._task or slept >= _AGAIN_AT_REST):
                slept = 0
                await self.start()
        self._retry = None

    # --- looking

    def want_card(self, on, lifted=False, idle=False):
        """Look for a card from now on, or stop: field off. A stop aborts the chip's command under way. `lifted`: not before the one that is
        there has been taken away, or has lain there for a while: nobody wants the same card read again before a hand has moved. `idle`:
        nobody is known to be there, so with glances and rests; the last card must have left. Asked for what is so already, it does nothing."""
        if self._task and on and idle and self._at_rest:
            return
        if self._task:
            self._task.cancel()
            self._task = None
        if on:
            self._at_rest = idle
            self._task = asyncio.create_task(self._glances() if idle else self._look(lifted))
        elif self._field:
            asyncio.create_task(self._dark())

    async def _dark(self):
        """Field off, unless somebody has seen to it, or wants a card again."""
        async with self._line:
            if not self._field or self._task:
                return
            try:
                await self._chip.field(False)
                self._field = False
            except self._error as error:
                self._lost(error)

    def _lost(self, error):
        """An error outside of a look: the chip is configured anew before the next one."""
        log.event("device", "", "reader", error.code)
        if error.code == "deaf":
            self._heard(False, error.code)
        else:
            self._ready = False

    async def _hearing(self):
        """Wait until the chip can be asked."""
        while not self._ready:
            if not await self.start():
                await self._hears.wait()

    async def _find(self, within_ms):
        """A target, or None: nobody there, or an error that was seen to."""
        try:
            async with self._line:
                self._field = True
                target = await self._chip.find(within_ms)
                self._lifted = self._lifted or target is None
                return target
        except self._error as error:
            if error.code == "deaf":
                self._heard(False, error.code)
            await asyncio.sleep_ms(50)
            return None

    def _present(self, target):
        """The card is the session's now."""
        self._task, self._lifted = None, False
        if target.count > 1:
            self._offer("customer", "two_cards")
        else:
            self._offer("customer", "presented", target)

    async def _look(self, lifted):
        if lifted:
            await self._removed()
        target = None
        while target is None:
            await self._hearing()
            target = await self._find(_LOOK_MS)
        self._present(target)

    async def _glances(self):
        """At rest: a glance, field off, a rest."""
        while True:
            await self._hearing()
            waiting = not self._lifted
            target = await self._find(_GLANCE_MS)
            if target is not None and not waiting:
                self._present(target)
                return
            await self._rest()
            await asyncio.sleep_ms(self.rest_ms * (2 if self.slow else 1))

    async def _rest(self):
        try:
            async with self._line:
                await self._chip.field(False)
                self._field = False
        except self._error as error:
            self._lost(error)

    async def _removed(self):
        try:
            async with self._line:
                await self._chip.wait_removed(_LIFT_MS)
        except self._error as error:
            log.event("device", "", "reader", error.code)

    # --- talking

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
        if self._facts.reader_hears is False:
            return                          # nothing that would hear it
        try:
            async with self._line:
                self._field = False
                await self._chip.release()
                await self._chip.field(False)
        except self._error as error:
            self._lost(error)
