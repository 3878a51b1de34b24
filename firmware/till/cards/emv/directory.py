# directory.py: which applications of the card this terminal takes, in order (EMV Contactless Book B 3.3.2). A strange entry is passed over.
from till.cards.emv import settings as rows


def candidates(index, ours, amount_minor):
    """(list of (priority, name, row), whether an amount above a transaction limit kept one out) of an indexed directory.

    `ours` are rows of settings. By priority, 1 first and 0 last, and as listed where that is the same.
    """
    found, over = [], False
    for slot in range(index.count):
        if index.tag(slot) != 0x61:
            continue
        row = _row(index, slot, ours)
        if row is None:
            continue
        if amount_minor > row[rows.TRANSACTION_LIMIT]:
            over = True
            continue
        at = _child(index, slot, 0x87)
        priority = index.window(at)[0] & 0xF if at >= 0 and index.size(at) else 0
        priority = priority or 16
        place = len(found)
        while place and found[place - 1][0] > priority:
            place -= 1
        found.insert(place, (priority, bytes(index.window(_child(index, slot, 0x4F))), row))
    return found, over


def _child(index, slot, tag):
    """Slot of the object `tag` straight in `slot`, or -1."""
    for inner in range(slot + 1, index.count):
        if index.tag(inner) == tag and index.parent(inner) == slot:
            return inner
    return -1


def _row(index, slot, ours):
    """The row that takes the entry, or None: by name, and by kernel where the entry asks for one (3.3.2.5)."""
    name = _child(index, slot, 0x4F)
    if name < 0 or not 5 <= index.size(name) <= 16:
        return None
    wanted = _child(index, slot, 0x9F2A)
    kernel = 0
    if wanted >= 0 and index.size(wanted):
        kernel = index.window(wanted)[0]
        if kernel & 0x80:                              # a domestic kernel, of three bytes: none here
            return None
    name = index.window(name)
    for row in ours:
        short = row[rows.AID]
        if len(name) >= len(short) and name[:len(short)] == short and kernel in (0, row[rows.KERNEL]):
            return row
    return None
