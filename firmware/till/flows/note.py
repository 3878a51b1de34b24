# note.py: something to be known: the lights follow, and the ready screen looks at the guards again. It asks nobody anything.
_LINK = {"link_down": False, "link_up": True}


async def run(till, session):
    trigger = session.trigger
    if trigger.name in _LINK:
        till.lights.link(_LINK[trigger.name])
    elif trigger.name == "settled":
        till.alarms.heard("settled", None, session.id)
    else:
        till.ledger.changed(trigger.name, "", str(trigger.data or ""), session.id)
