# engine.py: the one door, offer(), and its three ends: taken by the front session, started by a rule, or refused with a reason.
# Nothing is dropped in silence: a full ring refuses and counts. Security triggers latch, so that no storm can lose one.
import asyncio
import time

from till.core import heap, log
from till.core.deadline import Within
from till.core.errors import Interrupted, TimedOut
from till.core.flag import Flag
from till.triggers import guards
from till.triggers.rules import BACK, FRONT, STEP, URGENT
from till.triggers.trigger import ORIGINS, REFUSED, STARTED, TAKEN, Trigger

_RING = 8                       # triggers of one origin that may wait
BUSY, FULL, NO_RULE, NOT_ASKED = "E01", "E02", "E03", "E04"


class Session:
    """One flow with the person. It waits for triggers by name; what it does not wait for is refused as busy."""

    def __init__(self, engine, trigger):
        self._engine, self.trigger, self.id = engine, trigger, trigger.id
        self._names, self._got, self._flag = (), None, Flag()
        self.urgent = ""                # why it is to end at the next safe point

    async def wait(self, names, deadline):
        """The next trigger with one of these names. A safe point: raises Interrupted(reason) here, and TimedOut at the deadline."""
        self.safe_point()
        self._names, self._got = names, None
        self._flag.clear()
        heap.rest()
        try:
            async with Within(deadline):
                while self._got is None:
                    await self._flag.wait()
                    self.safe_point()
        except TimedOut:
            if self._got is None:       # what was taken at the very deadline is not lost
                raise
        finally:
            heap.busy()
            self._names = ()
        return self._got

    def step(self, origin, name, data=None):
        """A step of this session is about to be made: None where the guards of its row let it pass, else the reason."""
        return self._engine.step(self, origin, name, data)

    def safe_point(self):
        if self.urgent:
            raise Interrupted(self.urgent)

    def interrupt(self, reason):
        self.urgent = reason
        self._flag.set()

    def takes(self, trigger):
        """Give it the trigger if it waits for that name."""
        if trigger.name not in self._names or self._got is not None:
            return False
        self._got = trigger
        self._flag.set()
        return True


class Engine:
    """`rules`: rows by (origin, trigger), see rules.by_trigger; `launch(flow, session)` runs a flow by name (a coroutine); `refused(trigger)`
    shows a refusal to the person who caused it."""

    def __init__(self, rules, facts, boot, launch, refused):
        self._facts, self._boot, self._launch, self._refused = facts, boot, launch, refused
        self._rules = rules
        self._rings = {origin: [] for origin in ORIGINS}
        self._number = 0
        self._flag = Flag()
        self.latched = {}               # security triggers that found their ring full: name -> how many
        self.front, self._back = None, set()        # the back lane: what runs, and about what; a second one of the same is refused as busy

    def offer(self, origin, name, data=None):
        """Something happened. Returns its Trigger at once; its end is decided by the engine's own task. May be called from any task."""
        trigger = self._new(origin, name, data)
        ring = self._rings[origin]
        if len(ring) >= _RING:
            if origin == "security":
                self.latched[name] = self.latched.get(name, 0) + 1
            self._end(trigger, REFUSED, FULL)
            return trigger
        ring.append(trigger)
        self._flag.set()
        return trigger

    def decide(self, origin, name, data=None):
        """As offer, but now: for what must be heard even where the engine's own task is no more."""
        self._decide(self._new(origin, name, data))

    async def run(self):
        """The engine's own task: hear the most urgent origin first, one trigger at a time."""
        while True:
            await self._flag.wait()
            heap.busy()
            trigger = self._next()
            while trigger:
                self._decide(trigger)
                trigger = self._next()
            if not self.front:
                heap.rest()

    def _next(self):
        for origin in ORIGINS:
            if self._rings[origin]:
                return self._rings[origin].pop(0)
        if self.latched:
            name = sorted(self.latched)[0]
            del self.latched[name]
            return self._new("security", name, "latched")
        return None

    def _new(self, origin, name, data):
        self._number += 1
        return Trigger("%d.%d" % (self._boot, self._number), origin, name, data, time.ticks_ms())

    def _decide(self, trigger):
        if self.front and self.front.takes(trigger):
            self._end(trigger, TAKEN)
            return
        told = None
        for rule in self._rules.get((trigger.origin, trigger.name), ()):
            _origin, _name, lane, flow, wanted = rule
            reason = self._stopped_by(wanted, trigger) or self._in_the_way(lane, trigger)
            if reason is None:
                return self._start(lane, flow, trigger)
            told = guards.more(told, reason)
        self._end(trigger, REFUSED, told or NO_RULE)
        self._refused(trigger)

    def _stopped_by(self, wanted, trigger):
        """None where every guard lets it pass, else the first one's reason."""
        for guard in wanted:
            reason = getattr(guards, guard[0])(self._facts, trigger, *guard[1:])
            log.event("guard", trigger.id, guard[0], reason or "passed")
            if reason:
                return reason
        return None

    def _in_the_way(self, lane, trigger):
        if lane == STEP:
            return NOT_ASKED
        return BUSY if (lane == FRONT and self.front) or (lane == BACK and (trigger.name, trigger.data) in self._back) else None

    def step(self, session, origin, name, data):
        """Decide a step of a session at once: taken (None), or refused with a reason. It has an id of its own; the session's tells of it too."""
        trigger = self._new(origin, name, data)
        reason = NO_RULE
        for rule in self._rules.get((origin, name), ()):
            reason = self._stopped_by(rule[4], trigger)
            if reason is None:
                break
        self._end(trigger, REFUSED if reason else TAKEN, reason or "")
        log.event("step", session.id, name, reason or "allowed")
        return reason

    def verdicts(self, rule):
        """((guard, its arguments, None or a reason), ...) of one row as things stand now. Nothing is started and nothing recorded."""
        trigger = Trigger("", rule[0], rule[1], None, 0)
        return [(guard[0], guard[1:], getattr(guards, guard[0])(self._facts, trigger, *guard[1:])) for guard in rule[4]]

    def would_refuse(self, origin, name):
        """None where a trigger of this name would start something now, else the reason; nothing is recorded."""
        told = None
        for rule in self._rules.get((origin, name), ()):
            reason = None
            for _guard, _arguments, reason in self.verdicts(rule):
                if reason:
                    break
            if reason is None:
                return None
            told = guards.more(told, reason)
        return told or NO_RULE

    def _start(self, lane, flow, trigger):
        self._end(trigger, STARTED, "", flow, lane)
        if lane == BACK:
            self._back.add((trigger.name, trigger.data))
            asyncio.create_task(self._run_back(flow, trigger))
        elif lane == FRONT:
            self.front = Session(self, trigger)
            asyncio.create_task(self._run_front(flow, self.front))
        elif lane == URGENT:
            asyncio.create_task(self._launch(flow, Session(self, trigger)))

    async def _run_front(self, flow, session):
        """A flow may name what is to follow: (origin, trigger, data), offered once it has left the front."""
        after = None
        try:
            after = await self._launch(flow, session)
        finally:
            self.front = None
        if after:
            self.offer(*after)

    async def _run_back(self, flow, trigger):
        try:
            await self._launch(flow, Session(self, trigger))
        finally:
            self._back.discard((trigger.name, trigger.data))

    def _end(self, trigger, end, reason="", flow="", lane=""):
        trigger.end, trigger.reason = end, reason
        log.event("trigger", trigger.id, trigger.origin, trigger.name, end, reason, flow, lane, time.ticks_diff(time.ticks_ms(), trigger.at_ms))
