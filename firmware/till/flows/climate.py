# climate.py: the case grew warmer or cooler: the fan first, then slower looks, then no new sale (a guard says that). Each turn is an alarm.
_FAN = {"case_cool": 0, "case_warm": 60, "case_hot": 100, "case_too_hot": 100}      # per cent


async def run(till, session):
    name = session.trigger.name
    till.alarms.heard(name, session.trigger.data, session.id)
    till.fan.want(_FAN[name])
    till.throttle(name in ("case_hot", "case_too_hot"))
