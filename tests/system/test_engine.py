# test_engine.py: the one door and its three ends, on the interpreter that ships: who is heard first, who is refused and why, what latches.
from microtill.bench import rig

SCRIPT = """
import asyncio
from till.core import log
from till.core.deadline import Deadline, Within
from till.core.errors import Interrupted, TimedOut
from till.core.supervisor import Supervisor
from till.triggers.engine import Engine
from till.triggers.rules import by_trigger

told, shown, ran, release = [], [], [], []
log.listen(lambda kind, ident, words: told.append((kind, ident) + tuple(words)))

class Facts:
    locked, keyed, recovered, room_on_record, reader_hears, amount_minor, owes = False, True, True, True, None, 0, False
    sale, limits = {"types": ("sale",)}, {"single": 500}

class Nobody:
    id = "0.0"

facts = Facts()
RULES = (
    ("customer", "digit", "front", "flows.sale", (("unlocked",), ("type_allowed", "sale"))),
    ("customer", "big", "front", "flows.sale", (("single",),)),
    ("customer", "big", "front", "flows.other", (("keyed",),)),
    ("customer", "step", "step", "", (("single",),)),
    ("network", "link_up", "back", "flows.back", ()),
    ("security", "tamper", "urgent", "flows.lock", ()),
)

async def launch(flow, session):
    ran.append((flow, session.id))
    if flow == "flows.sale":
        try:
            got = await session.wait(("enter",), Deadline(2000))
            ran.append(("took", got.name, got.id))
        except Interrupted as error:
            ran.append(("interrupted", error.args[0]))
        except TimedOut:
            ran.append(("timed out",))
    if flow == "flows.back":
        while not release:
            await asyncio.sleep_ms(0)
    if flow == "flows.lock" and engine.front:
        engine.front.interrupt("tamper")

engine = Engine(by_trigger(RULES), facts, 7, launch, lambda trigger: shown.append((trigger.name, trigger.reason)))

def ends():
    return [row[3:6] for row in told if row[0] == "trigger"]

async def turns():
    for _ in range(100):
        await asyncio.sleep_ms(0)

async def until(true):
    for _ in range(3000):                           # half a minute of a machine with nothing else to do
        if true():
            return
        await asyncio.sleep_ms(10)

async def main():
    asyncio.create_task(engine.run())
    first = engine.offer("customer", "digit")
    assert first.id == "7.1"
    await turns()
    assert ran == [("flows.sale", "7.1")]
    engine.offer("customer", "digit")               # a second one while the front is taken
    engine.offer("customer", "enter")
    await turns()
    assert ("took", "enter", "7.3") in ran
    assert shown == [("digit", "E01")]
    engine.offer("customer", "nothing")             # no rule
    await turns()
    assert shown[-1] == ("nothing", "E03")
    facts.locked = True
    engine.offer("customer", "digit")
    await turns()
    assert shown[-1] == ("digit", "S02")
    facts.locked = False

    facts.amount_minor = 1000                       # the first rule's guard says no, the second rule takes it
    engine.offer("customer", "big")
    await turns()
    assert ran[-1][0] == "flows.other"

    session = engine.front                          # a step of a session is decided at once, by the same guards
    assert engine.step(session or Nobody, "customer", "step", 1000) == "L01" and ends()[-1] == ("step", "refused", "L01")
    facts.amount_minor = 400
    assert engine.step(session or Nobody, "customer", "step", 400) is None and ends()[-1] == ("step", "taken", "")
    assert engine.step(session or Nobody, "customer", "unheard", 1) == "E03"
    engine.offer("customer", "step")                # and is nothing that can come from outside
    await turns()
    assert shown[-1] == ("step", "E04")
    before = len(told)                              # to ask leaves no trace
    assert engine.would_refuse("customer", "digit") is None and engine.would_refuse("customer", "nothing") == "E03"
    facts.locked = True
    assert engine.would_refuse("customer", "digit") == "S02" and len(told) == before
    facts.locked = False

    engine.offer("network", "link_up")              # the back lane runs beside the front, and one of a kind at a time
    engine.offer("network", "link_up")
    await turns()
    assert [row[3:6] for row in told if row[0] == "trigger"][-2:] == [("link_up", "started", ""), ("link_up", "refused", "E01")]
    release.append(1)
    await turns()
    engine.offer("network", "link_up")
    await turns()
    assert [row[3:6] for row in told if row[0] == "trigger"][-1] == ("link_up", "started", "")

    del told[:]
    for _ in range(20):                             # a storm of keys, and one tamper behind it
        engine.offer("customer", "storm")
    for _ in range(12):
        engine.offer("security", "tamper")
    full = [row for row in ends() if row == ("storm", "refused", "E02")]
    assert len(full) == 12, full
    assert engine.latched == {"tamper": 4}
    await turns()
    order = [row[0] for row in ends() if row[1] == "started" or row[2] != "E02"]
    assert order[0] == "tamper" and order.index("storm") > order.index("tamper")
    assert [row[0] for row in ran].count("flows.lock") == 9        # eight in the ring, and the latched ones as one more
    assert engine.latched == {}

    engine.offer("customer", "digit")               # urgent ends the front at its safe point
    await turns()
    engine.offer("security", "tamper")
    await turns()
    assert ran[-1] == ("interrupted", "tamper")

    engine.offer("customer", "digit")               # a session's wait has a deadline
    await until(lambda: ran[-1] == ("timed out",) and engine.front is None)
    assert ran[-1] == ("timed out",) and engine.front is None

    deaths, stops = [], []                          # a task that dies is started again, and in the end the terminal stops safely
    async def dies():
        raise ValueError("4761739001010119")
    Supervisor(lambda name, code: deaths.append((name, code)), stops.append).keep("keypad", dies)
    await until(lambda: stops)
    assert deaths == [("keypad", "ValueError")] * 5 and stops == ["keypad"]
    assert not [row for row in told if "4761739001010119" in str(row)]

    try:                                            # one deadline, and a cancel from elsewhere is not taken for it
        async with Within(Deadline(20)):
            await asyncio.sleep_ms(60_000)
        assert False
    except TimedOut:
        pass
    async def waits():
        async with Within(Deadline(120_000)):
            await asyncio.sleep_ms(60_000)
    task = asyncio.create_task(waits())
    await turns()
    task.cancel()
    try:
        await task
        assert False
    except asyncio.CancelledError:
        pass
    print("all ends seen")

asyncio.run(main())
"""


def test_the_engine_on_the_interpreter_that_ships(micropython):
    assert micropython(SCRIPT).strip().endswith("all ends seen")


def test_a_part_that_keeps_dying_brings_a_safe_stop_that_is_on_record(till):
    """The keypad's wires are gone in a way its driver cannot bear: the terminal says so and takes nothing new."""
    till.ready()

    def broken(unit, a, b, data):
        raise OSError(5, "no such pin")
    till.bench.rig._ops[rig.PIN_GET] = broken
    for _ in range(8):
        till.bench.press("1")
        till.waits(800)
    till.sees("Switch off")
    assert any(row["task"] == "keypad" for row in till.events("died"))
    assert any(row["name"] == "safe_stop" and row["end"] == "started" for row in till.events("trigger"))
