# save_power.py: mains went or came back: dim the screen, look less often, and say so. A battery that was nearly empty on mains counts from now on.
async def run(till, session):
    lost = session.trigger.name == "mains_lost"
    till.alarms.heard(session.trigger.name, None, session.id)
    till.saving(lost)
    if lost and till.facts.battery_level == "critical":
        till.offer("health", "battery_critical", till.facts.battery)
