# safe_stop.py: a part that must not die keeps dying: end the session at its next safe point, say so, and take nothing new.
async def run(till, session):
    till.facts.locked = True
    if till.engine.front:
        till.engine.front.interrupt("safe_stop")
    till.alarms.heard("safe_stop", session.trigger.data, session.id)
    till.show("safe_stop")
