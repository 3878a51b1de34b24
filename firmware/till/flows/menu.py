# menu.py: the operator's menu: a digit names what is to follow. It starts nothing itself: what follows is a trigger with guards of its own.
from till.core.deadline import Deadline
from till.core.errors import TimedOut

_CHOICES = {1: "void", 2: "refund", 3: "reprint"}


async def run(till, session):
    till.show("menu")
    while True:
        try:
            trigger = await session.wait(("digit", "cancel", "clear"), Deadline(till.parameters["key_ms"]))
        except TimedOut:
            return None
        if trigger.name != "digit":
            return None
        if trigger.data in _CHOICES:
            return "operator", _CHOICES[trigger.data], None
