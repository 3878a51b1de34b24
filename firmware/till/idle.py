# idle.py: what the screen says while nobody is served: the truth about what would be taken now, by the very guards that will decide [pure].
from till.money import amount
from till.ui import letters


def screen(till):
    """(name, values, is a card wanted) of the screen at rest."""
    if not till.shop.sound:             # settings of another firmware: good ones unlock it, a restart does not
        return "closed", tuple(till.words.refusal("S02")) + ("", till.vault.label()), False
    if till.facts.locked:
        return "safe_stop", (), False
    if not till.vault.keyed():
        return "not_keyed", (), False
    kiosk = till.parameters["kiosk"]
    label, alarm = till.vault.label(), till.words.of("ALARMS", till.alarms.worst())
    reason = till.engine.would_refuse("customer", "presented" if kiosk["mode"] == "fixed" else "digit")
    if reason:
        opens = till.shop.opens_at()
        return "closed", tuple(till.words.refusal(reason)) + (till.words.of("PAPER", "opens") % opens if opens else alarm, label), False
    if kiosk["mode"] == "fixed":
        number, name = amount.words(kiosk["price"], till.parameters["currency"]).split(" ")
        return "ready_fixed", (number, name, alarm, label), True
    if kiosk["mode"] == "chosen":
        return "choose", tuple(_offers(till, kiosk["items"], alarm or label)), False
    return "ready", (alarm, label), False


def _offers(till, items, last):
    """The kiosk's list in as many rows as the screen has, what must be said besides in the last one."""
    room = till.words.room("choose")
    rows = ["%d %s %s" % (at + 1, items[at][0], amount.digits(items[at][1], till.parameters["decimals"])) for at in range(len(items))]
    rows = letters.aligned(rows[:room - 1] if last else rows[:room])
    return rows + [""] * (room - len(rows) - (1 if last else 0)) + ([last] if last else [])
