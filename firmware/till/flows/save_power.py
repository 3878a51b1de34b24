# save_power.py: mains went or came back: dim the screen, look less often, and say so.
async def run(till, session):
    till.alarms.heard(session.trigger.name, None, session.id)
    till.saving(session.trigger.name == "mains_lost")
