# note.py: something to be known: on record, and on the lights. It asks nobody anything.
_LINK = {"link_down": False, "link_up": True}
_QUIET = ("settled", "link_down", "link_up")


async def run(till, session):
    trigger = session.trigger
    if trigger.name in _LINK:
        till.lights.link(_LINK[trigger.name])
    if trigger.name not in _QUIET:
        till.lights.alert(True)
        till.ledger.alarm(trigger.name, str(trigger.data or ""), trigger.id)
