# senses.py: the owner of what the terminal feels: one task polls cell, heat, light and clock, and writes facts. What cannot be believed
# is None. A lost sense is told once, and so is its return; nothing here waits longer than a conversion.
import asyncio
import time

from micropython import const
from till.core import log
from till.devices.levels import level

_LOST_AFTER = const(3)              # readings in a row that failed or disagreed
_SLOWLY = const(4)                  # periods of a slow terminal, times
_TOGETHER_MS = const(600)           # a poll that is due so soon is done at once: one wake-up for both
_PRINTING_MS = const(2_000)

# name, fact, its level's fact, every ms, awaits a conversion, units of a parameter's one, most that it moves in a poll (None: anything),
# low is bad, edges by the names of parameters[name], levels in order, the harmless one, triggers in that order
ROWS = (
    ("battery", "battery", "battery_level", 30_000, False, 1, 10, True,
        ("low", "critical"), ("fine", "low", "critical"), "fine", ("battery_fine", "battery_low", "battery_critical")),
    ("case", "case_c", "case_level", 10_000, True, 100, 500, False,
        ("warm", "hot", "too_hot"), ("cool", "warm", "hot", "too_hot"), "cool", ("case_cool", "case_warm", "case_hot", "case_too_hot")),
    ("head", "head_c", "head_level", 10_000, False, 100, 1_000, False,
        ("hot", "too_hot"), ("cool", "hot", "too_hot"), "cool", ("head_cool", "head_hot", "head_too_hot")),
    ("light", "lux", "light_level", 10_000, True, 1, None, False,
        ("dim",), ("dark", "bright"), "bright", ("dark", "bright")),
)
CLOCK_MS = 60_000


class Belief:
    """When is a reading to be believed? One that jumps further than `most_step` waits for a second one that agrees; three in a row that
    failed or disagreed end the belief, and then again two must agree."""

    def __init__(self, most_step):
        self._step = most_step
        self.value = self._heard = None
        self._doubts, self.lost = 0, False

    @property
    def doubtful(self):
        """The last reading was not believed, and the sense is not lost: another look will tell."""
        return self._doubts > 0 and not self.lost

    def _near(self, one, other):
        return one is not None and (self._step is None or abs(one - other) <= self._step)

    def take(self, reading):
        """A reading, or None where there was none. Returns "lost" or "back" where that has just come about, else None."""
        heard, self._heard = self._heard, reading
        if reading is not None and (self._near(self.value, reading) or self._near(heard, reading) or (self.value is None and not self.lost
                                                                                                     and not self._doubts)):
            self.value, self._doubts, was_lost, self.lost = reading, 0, self.lost, False
            return "back" if was_lost else None
        self._doubts += 1
        if self._doubts < _LOST_AFTER or self.lost:
            return None
        self.value, self.lost = None, True
        return "lost"


class ClockWatch:
    """Does the clock go as the ticks do? It is compared with where it ought to be, so that a jump and its way back are both seen."""

    def __init__(self):
        self.good = None
        self._ought, self._off = None, 0        # seconds, None until it has been read once; how far it was off last time
        self._at_ms, self._rest_ms = None, 0

    def passed(self, now_ms):
        """Ticks went on, whether or not the clock can be read."""
        if self._at_ms is not None and self._ought is not None:
            seconds, self._rest_ms = divmod(self._rest_ms + time.ticks_diff(now_ms, self._at_ms), 1000)
            self._ought += seconds
        self._at_ms = now_ms

    def compare(self, read, most_s):
        """`read`: what the clock says. Returns ("clock_jumped" or "clock_back", seconds of the step), or None."""
        if self._ought is None or self._at_ms is None:
            self._start(read)
            return None
        off = read - self._ought
        step, self._off = off - self._off, off
        if abs(off) <= most_s:
            was, self.good = self.good, True
            self._start(read)                   # a drift is not a jump
            return ("clock_back", step) if was is False else None
        self.good = False
        return ("clock_jumped", step) if abs(step) > most_s else None

    def _start(self, read):
        self._ought, self._off, self.good = read, 0, True


class Senses:
    """`chips`: drivers by row name, and "rtc". `errors`: the drivers' error classes. `slow`: poll four times as seldom, but for what is in
    doubt; `printing`: look at the head every 2 s. Triggers: ("health", one of a row's, value), ("health", "sense_lost" | "sense_back", name),
    ("security", "clock_jumped" | "clock_back" | "clock_behind" | "clock_caught_up", seconds)."""

    def __init__(self, chips, errors, facts, offer, parameters):
        self._chips, self._errors, self._facts, self._offer, self._parameters = chips, errors, facts, offer, parameters
        self.slow, self._printing, self._hurry = False, False, asyncio.Event()
        self.watch = None               # watch(name, value): looks along for tampering
        self.beside = None              # beside(): what else is looked at each time, so that nobody has to wake up for it
        self._beliefs = {row[0]: Belief(row[6]) for row in ROWS}
        self._told = {row[0]: row[10] for row in ROWS}      # the level that the rules know of: whoever hears nothing may think it harmless
        self._clock_seen, self._clock = Belief(None), ClockWatch()
        for row in ROWS:
            setattr(facts, row[1], None)
            setattr(facts, row[2], None)
        facts.clock_good = None

    @property
    def printing(self):
        return self._printing

    @printing.setter
    def printing(self, on):
        if on != self._printing:
            self._printing = on
            self._hurry.set()

    def _every_ms(self, name, every_ms):
        if name == "head" and self._printing:
            return _PRINTING_MS
        belief = self._beliefs.get(name, self._clock_seen)
        return every_ms * _SLOWLY if self.slow and not belief.doubtful else every_ms

    async def run(self):
        """The one task: sleeps until the next poll is due."""
        polls = [(row[0], row[3], row) for row in ROWS] + [("rtc", CLOCK_MS, None)]
        last = {}
        while True:
            now, soonest = time.ticks_ms(), CLOCK_MS * _SLOWLY
            for name, every_ms, row in polls:
                left = self._every_ms(name, every_ms) - time.ticks_diff(now, last[name]) if name in last else 0
                if left <= _TOGETHER_MS:
                    last[name] = now
                    await (self._poll(row) if row else self._poll_clock())
                    left = self._every_ms(name, every_ms)
                soonest = min(soonest, left)
            if self.beside:
                self.beside()
            await self._sleep(soonest - time.ticks_diff(time.ticks_ms(), now))

    async def _sleep(self, ms):
        self._hurry.clear()
        try:
            await asyncio.wait_for_ms(self._hurry.wait(), max(1, ms))       # pyright: ignore[reportAttributeAccessIssue]
        except asyncio.TimeoutError:
            pass                        # nobody was in a hurry

    async def _read(self, name, waits):
        """What the chip says, or None and an event."""
        try:
            return await self._chips[name].read() if waits else self._chips[name].read()
        except self._errors as error:
            log.event("device", "", name, error.code)
            return None

    def _turned(self, name, turn):
        if turn:
            self._offer("health", "sense_" + turn, name)

    async def _poll(self, row):
        name, fact, level_fact, _every, waits, unit, _step, falling, edges, levels, _harmless, triggers = row
        belief, facts = self._beliefs[name], self._facts
        self._turned(name, belief.take(await self._read(name, waits)))
        setattr(facts, fact, belief.value)
        if self.watch:
            await self.watch(name, belief.value)        # pyright: ignore[reportGeneralTypeIssues]
        was, section = getattr(facts, level_fact), self._parameters[name]
        now = None if was is None else levels.index(was)
        at = level(belief.value, [section[edge] * unit for edge in edges], now, section["hysteresis"] * unit, falling)
        if at is None:
            setattr(facts, level_fact, None)
            return
        setattr(facts, level_fact, levels[at])
        if levels[at] != self._told[name]:
            self._told[name] = levels[at]
            self._offer("health", triggers[at], belief.value)

    async def _poll_clock(self):
        read = await self._read("rtc", False)
        self._clock.passed(time.ticks_ms())
        self._turned("rtc", self._clock_seen.take(read))
        if self._clock_seen.value is None or read is None:
            if self._clock_seen.lost or self._clock.good is None:
                self._facts.clock_good = None
            return
        if self.watch:
            self._look_back(read)
        step = self._clock.compare(read, self._parameters["clock"]["jump_s"])
        self._facts.clock_good = self._clock.good
        if step:
            self._offer("security", *step)

    def read_clock(self):
        """Unix seconds by the clock with the coin cell, None where it cannot be read or does not know."""
        try:
            return self._chips["rtc"].read()
        except self._errors as error:
            log.event("device", "", "rtc", error.code)
            return None

    def set_clock(self, unix):
        """Put the clock right. Returns what it said before, None where it could not be read, and whether it took the time."""
        was = self.read_clock()
        try:
            self._chips["rtc"].set(unix)
        except self._errors as error:
            log.event("device", "", "rtc", error.code)
            return was, False
        return was, True

    def _look_back(self, read):
        """Is the clock behind the newest payment on record, which is where a clock that was set back gives itself away?"""
        facts, most_s = self._facts, self._parameters["clock"]["behind_s"]
        if facts.behind:
            if read >= facts.behind - most_s:
                self._offer("security", "clock_caught_up", read - facts.behind)
        elif read < facts.newest - most_s:
            self._offer("security", "clock_behind", facts.newest - read)
