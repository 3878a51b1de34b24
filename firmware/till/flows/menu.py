# menu.py: the operator's menu: a digit names what is to follow. It starts nothing itself: what follows is a trigger with guards of its own.
from till.core.deadline import Deadline
from till.core.errors import TimedOut
from till.flows import common

_CHOICES = ("void", "refund", "reprint", "x_totals", "z_totals", "settle", "training", "self_test", "login")      # digits 1 to 9


async def run(till, session):
    pages, at = common.pages(till, "menu", ["%d %s" % (n + 1, till.words.of("MENU", _CHOICES[n])) for n in range(len(_CHOICES))]), 0
    while True:
        till.show("menu", *pages[at])
        try:
            trigger = await session.wait(("digit", "enter", "cancel", "clear"), Deadline(till.parameters["waits"]["key"]))
        except TimedOut:
            return None
        if trigger.name == "enter":
            at = (at + 1) % len(pages)
        elif trigger.name != "digit":
            return None
        elif 1 <= trigger.data <= len(_CHOICES):
            return "operator", _CHOICES[trigger.data - 1], None
