# asking.py: what is to be paid: keyed, chosen from the kiosk's list, or its one price; then a tip where the owner asks for it, and the limits.
from till.core.deadline import Deadline
from till.core.errors import TimedOut
from till.flows import common, looking
from till.money import amount as money


async def amount(till, session):
    """(minor units, of them the tip), or (None, 0) where that was the end."""
    kiosk = till.parameters["kiosk"]
    try:
        if kiosk["mode"] == "fixed":
            minor = kiosk["price"]
        elif kiosk["mode"] == "chosen":
            minor = await _chosen(till, session, kiosk["items"])
        else:
            minor = await keyed(till, session)
        tip = 0 if minor is None or till.parameters["sale"]["tip"] == "off" else await _tip(till, session, minor)
    except TimedOut:
        await common.refused(till, session, "cancelled", "nobody")
        return None, 0
    if minor is None or tip is None:
        await common.refused(till, session, "cancelled", "customer")
        return None, 0
    till.facts.amount_minor = minor + tip
    if looking.often(till):
        await looking.back(till, minor + tip, session.trigger.name == "presented")
    code = session.step("customer", "amount", minor + tip)
    if code:
        common.refused_on_record(till, session, minor + tip, code)
        await common.refused(till, session, "cancelled", code)
        return None, 0
    return minor + tip, tip


async def keyed(till, session):
    """Minor units from the keys, or None where cancelled. Raises TimedOut."""
    def draw(text):
        till.show("amount", *common.money(till, int(text or "0")))
    text = await common.type_number(till, session, draw, str(session.trigger.data or ""))
    while text is not None and not int(text):
        text = await common.type_number(till, session, draw)
    return None if text is None else int(text)


async def _chosen(till, session, items):
    """The price of what the first digit named; another digit chooses anew until go on."""
    at = session.trigger.data
    while True:
        if 1 <= at <= len(items):
            name, minor = items[at - 1]
            till.show("confirm", name, *common.money(till, minor))
        else:
            till.show("choose", *common.pages(till, "choose", choices(till))[0])
        trigger = await session.wait(common.KEYS, Deadline(till.parameters["waits"]["key"]))
        if trigger.name == "digit":
            at = trigger.data
        elif trigger.name == "enter" and 1 <= at <= len(items):
            return items[at - 1][1]
        elif trigger.name in ("cancel", "clear"):
            return None


def choices(till):
    """["1 Tea 2.00"] of the kiosk's list."""
    decimals = till.parameters["decimals"]
    return ["%d %s %s" % (at + 1, item[0], money.digits(item[1], decimals)) for at, item in enumerate(till.parameters["kiosk"]["items"])]


async def _tip(till, session, minor):
    """Minor units on top, or None where cancelled. Raises TimedOut."""
    shares = till.parameters["sale"]["tips"]
    tips = [(minor * share + 50) // 100 for share in shares]        # half a cent goes up
    decimals = till.parameters["decimals"]
    rows = ["%d%%%7s" % (shares[at], money.digits(tips[at], decimals)) if at < len(tips) else "" for at in range(3)]
    till.show("tip", common.money(till, minor)[0], *rows)
    while True:
        trigger = await session.wait(common.KEYS, Deadline(till.parameters["waits"]["key"]))
        if trigger.name == "digit" and 1 <= trigger.data <= len(tips):
            return tips[trigger.data - 1]
        if trigger.name == "enter":
            return 0
        if trigger.name == "cancel":
            return None
