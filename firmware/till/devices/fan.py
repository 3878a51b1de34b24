# fan.py: the owner of the fan: sets its speed, and looks now and then whether it really turns. Until it has looked, that is unknown.
import asyncio

from till.core import log

OFF, ON, STALLED = "off", "on", "stalled"
_SPIN_UP_MS, _CHECK_MS = 2_000, 60_000
_LEAST_RPM = 300


class Fan:
    """`chip`: drivers/fan; `errors`: the drivers' error classes. Triggers: ("health", "fan_stalled"), and ("health", "fan_turns") once it
    turns again."""

    def __init__(self, chip, facts, offer, errors=()):
        self._chip, self._facts, self._offer, self._errors = chip, facts, offer, errors
        self._percent, self._stalled, self._changed = 0, False, asyncio.Event()
        facts.fan = OFF

    def want(self, percent):
        """Of its full speed, 0 to 100. Returns at once."""
        if percent == self._percent:
            return
        self._chip.want(percent)
        if not self._percent or not percent:
            self._facts.fan = OFF if not percent else None      # None: not seen turning yet
        self._percent = percent
        self._changed.set()

    async def run(self):
        while True:
            if not self._percent:
                await self._changed.wait()
            self._changed.clear()
            if await self._left_alone(_SPIN_UP_MS):
                await self._check()
                while self._percent and await self._left_alone(_CHECK_MS):
                    await self._check()

    async def _left_alone(self, ms):
        """True when so long nobody has wanted another speed."""
        try:
            await asyncio.wait_for_ms(self._changed.wait(), ms)     # pyright: ignore[reportAttributeAccessIssue]
            return False
        except asyncio.TimeoutError:
            return True

    async def _check(self):
        if not self._percent:
            return
        try:
            rpm = await self._chip.rpm()
        except self._errors as error:
            log.event("device", "", "fan", error.code)
            self._facts.fan = None
            return
        if not self._percent or self._changed.is_set():
            return                      # it was told otherwise while it was counted
        stalled = rpm < _LEAST_RPM
        self._facts.fan = STALLED if stalled else ON
        if stalled != self._stalled:
            self._stalled = stalled
            self._offer("health", "fan_stalled" if stalled else "fan_turns")
