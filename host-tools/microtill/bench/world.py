# world.py: the bench's clock and its calendar of events, in whole microseconds. Same calendar, same order, same run.
import heapq


class World:
    """Time stands still between events: only the rig moves it, to where the firmware or the wall clock is."""

    def __init__(self):
        self.now = 0
        self._calendar = []
        self._order = 0

    def at(self, when_us, action, *args):
        """Call `action(*args)` at `when_us`, or at once if that is past; ties run in the order they were asked."""
        self._order += 1
        heapq.heappush(self._calendar, (max(when_us, self.now), self._order, action, args))

    def after(self, us, action, *args):
        self.at(self.now + us, action, *args)

    def next_us(self):
        """Time of the next event, or None."""
        return self._calendar[0][0] if self._calendar else None

    def next_act(self):
        """What the next event does, or None: a function, or the one behind a method."""
        return getattr(self._calendar[0][2], "__func__", self._calendar[0][2]) if self._calendar else None

    def step(self):
        self.now, _, action, args = heapq.heappop(self._calendar)
        action(*args)

    def run_until(self, when_us):
        calendar = self._calendar
        while calendar and calendar[0][0] <= when_us:
            self.step()
        if when_us > self.now:
            self.now = when_us

    def clear(self):
        """The supply is gone, and every event of the terminal with it."""
        self._calendar.clear()
