# guards.py: may this begin now? Each guard is pure: guard(facts, trigger, *args) -> None, or a reason code. Words for the codes: ui/words.py.
def unlocked(facts, trigger):
    return None if not facts.locked else "S02"


def keyed(facts, trigger):
    return None if facts.keyed else "S01"


def type_allowed(facts, trigger, kind):
    return None if kind in facts.types_allowed else "L03"


def recovered(facts, trigger):
    """Nothing new while what was open at the last start is still being looked at."""
    return None if facts.recovered else "R01"


def room_on_record(facts, trigger):
    """A payment that could not be written down may not begin."""
    return None if facts.room_on_record else "F02"


def reader_hears(facts, trigger):
    """Unknown is let through: the flow finds out."""
    return "D01" if facts.reader_hears is False else None


def something_owed(facts, trigger):
    return None if facts.owes else "R02"


def at_most(facts, trigger, limit_minor):
    return None if facts.amount_minor <= limit_minor else "L01"
