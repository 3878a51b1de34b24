# deadline.py: one deadline, spent by every wait under it. Ends a block with TimedOut; a cancel from elsewhere passes through untouched.
import asyncio
import time

from till.core.errors import TimedOut


class Deadline:
    """A moment, `within_ms` from now. At most 500 s, so that a tick may wrap."""

    def __init__(self, within_ms):
        self.at = time.ticks_add(time.ticks_ms(), within_ms)

    def left_ms(self):
        return max(0, time.ticks_diff(self.at, time.ticks_ms()))


class Within:
    """`async with Within(deadline):` cancels what is inside at the deadline and raises TimedOut. One timer task a block, not a wait."""

    def __init__(self, deadline):
        self._deadline = deadline
        self._task = self._bell = None
        self._rang = False

    async def __aenter__(self):
        self._task = asyncio.current_task()
        self._bell = asyncio.create_task(self._ring())
        return self

    async def _ring(self):
        try:
            await asyncio.sleep_ms(self._deadline.left_ms())
        except asyncio.CancelledError:
            return
        self._rang = True
        self._task.cancel()

    async def __aexit__(self, kind, error, trace):
        if not self._rang:
            self._bell.cancel()
        elif kind is asyncio.CancelledError:
            raise TimedOut
