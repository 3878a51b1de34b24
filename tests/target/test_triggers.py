# test_triggers.py: the one door: what begins, what is refused and why, who is heard first; every guard asked without a flow.
import asyncio
import gc

from check import near

from till.core import heap
from till.core.deadline import Deadline
from till.core.errors import TimedOut
from till.devices import levels
from till.triggers import guards, rules
from till.triggers.engine import Engine
from till.triggers.trigger import REFUSED, STARTED, TAKEN


class Facts:
    locked, keyed, recovered, room_on_record, reader_hears, owes, amount_minor, training = False, True, True, True, None, False, 0, False
    sale, limits, battery_level, mains, case_level, clock_good = {"types": ("sale",)}, {"single": 500, "daily": 0}, None, None, None, None
    sums = {"day_minor": 0}


RULES = {("customer", "digit"): (("customer", "digit", "front", "flows.sale", (("unlocked",), ("type_allowed", "sale"))),),
         ("customer", "step"): (("customer", "step", "step", "", (("single",),)),),
         ("security", "tamper"): (("security", "tamper", "urgent", "flows.lock", ()),)}


class Door:
    """An engine whose flows are named as they start; the sale waits for `enter`."""

    def __init__(self, facts):
        self.ran, self.shown = [], []
        self.engine = Engine(RULES, facts, 7, self._launch, lambda trigger: self.shown.append(trigger.reason))
        self.task = asyncio.create_task(self.engine.run())

    async def _launch(self, flow, session):
        self.ran.append(flow)
        if flow == "flows.sale":
            await asyncio.sleep_ms(30)

    async def settle(self):
        await asyncio.sleep_ms(10)


async def test_a_digit_starts_a_sale():
    door = Door(Facts())
    trigger = door.engine.offer("customer", "digit", "5")
    await door.settle()
    assert (trigger.end, door.ran, trigger.id) == (STARTED, ["flows.sale"], "7.1")


async def test_a_locked_terminal_says_why_it_refuses():
    facts = Facts()
    facts.locked = True
    door = Door(facts)
    trigger = door.engine.offer("customer", "digit", "5")
    await door.settle()
    assert (trigger.end, trigger.reason, door.shown, door.ran) == (REFUSED, "S02", ["S02"], [])


async def test_what_nobody_has_a_rule_for_is_refused_and_not_lost():
    door = Door(Facts())
    trigger = door.engine.offer("customer", "shout")
    await door.settle()
    assert trigger.end == REFUSED and trigger.reason


async def test_the_heap_is_collected_by_itself_only_while_somebody_is_waited_for():
    before, seen, every = gc.threshold(), [], 4096

    async def waits(flow, session):
        seen.append(("begins", gc.threshold()))
        looks = asyncio.create_task(look())
        try:
            await session.wait(("enter",), Deadline(30))
        except TimedOut:
            seen.append(("goes on", gc.threshold()))
        await looks

    async def look():
        seen.append(("waits", gc.threshold()))
    gc.threshold(every)
    try:
        heap.begin()
        engine = Engine(RULES, Facts(), 7, waits, lambda trigger: seen.append(("refused", gc.threshold())))
        task = asyncio.create_task(engine.run())
        engine.offer("customer", "shout")
        await asyncio.sleep_ms(10)
        seen.append(("at rest", gc.threshold()))
        engine.offer("customer", "digit", "5")
        await asyncio.sleep_ms(60)
        task.cancel()
    finally:
        gc.threshold(before)
        heap.begin()
    assert seen == [("refused", -1), ("at rest", every), ("begins", -1), ("waits", every), ("goes on", -1)]


async def test_security_is_heard_before_a_customer():
    door = Door(Facts())
    door.engine.offer("customer", "digit", "1")
    door.engine.offer("security", "tamper")
    await door.settle()
    assert door.ran[0] == "flows.lock"


async def test_a_storm_is_refused_by_name_and_no_alarm_is_lost():
    door = Door(Facts())
    offered = [door.engine.offer("customer", "shout") for _ in range(60)]
    alarms = [door.engine.offer("security", "tamper") for _ in range(60)]
    await door.settle()
    assert all(trigger.end == REFUSED for trigger in offered)
    assert door.engine.latched == {} and door.ran.count("flows.lock") > 0
    assert all(trigger.end for trigger in alarms)


def test_asking_what_would_refuse_starts_nothing():
    facts = Facts()
    engine = Engine(RULES, facts, 7, None, None)
    assert engine.would_refuse("customer", "digit") is None
    facts.sale = {"types": ()}
    assert engine.would_refuse("customer", "digit") == "L03"
    assert TAKEN != STARTED


def test_a_limit_holds_at_its_cent():
    facts = Facts()
    for minor, reason in ((500, None), (501, "L01")):
        facts.amount_minor = minor
        assert guards.single(facts, None) == reason
    facts.limits = {"single": 0, "daily": 0}
    assert guards.single(facts, None) is None


def test_a_level_holds_while_a_value_trembles():
    at, seen = None, []
    for celsius in (24, 45, 44, 43, 42, 41, 60, 70, 66, 41):
        at = levels.level(celsius, (45, 60, 70), at, 3)
        seen.append(at)
    assert seen == [0, 1, 1, 1, 1, 0, 2, 3, 2, 0]
    assert levels.level(None, (45, 60, 70), 1, 3) is None


def test_what_is_unknown_closes_no_shop():
    facts = Facts()
    assert [guard(facts, None) for guard in (guards.reader_hears, guards.battery_enough, guards.cool_enough, guards.clock_good)] == [None] * 4
    facts.battery_level, facts.case_level, facts.clock_good, facts.reader_hears = "low", "too_hot", False, False
    assert [guard(facts, None) for guard in (guards.reader_hears, guards.battery_enough, guards.cool_enough, guards.clock_good)] == [
        "D01", "H01", "H02", "S06"]
    facts.mains = True
    assert guards.battery_enough(facts, None) is None


def test_every_guard_of_the_table_exists():
    named = {guard[0] for rule in rules.RULES for guard in rule[4]}
    assert [name for name in sorted(named) if not hasattr(guards, name)] == []
    assert near(len(rules.RULES), 60, 40)
