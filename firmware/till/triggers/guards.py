# guards.py: may this begin now? Each guard is pure: guard(facts, trigger, *args) -> None, or a reason code. Words for the codes: ui/languages.
# What is unknown lets a payment through, but where the owner's settings say otherwise: a mute sensor is an alarm, not a closed shop.
from till.core import calendar

_OTHER_ROW = ("T03", "T04", "K01", "K02", "K03")        # reasons that say: another row is meant


def more(told, reason):
    """Of two rows' reasons (told: None before the first), the one that a person is told: the later, unless it only says that another row is
    meant, and the earlier says more."""
    return told if told and told not in _OTHER_ROW and reason in _OTHER_ROW else reason


def unlocked(facts, trigger):
    return None if not facts.locked else "S02"


def keyed(facts, trigger):
    return None if facts.keyed else "S01"


def type_allowed(facts, trigger, kind):
    return None if kind in facts.sale["types"] else "L03"


def recovered(facts, trigger):
    """Nothing new while what was open at the last start is still being looked at."""
    return None if facts.recovered else "R01"


def flash_holds(facts, trigger):
    """Nothing that must be on flash, while flash takes no record."""
    return None if facts.flash_holds else "F01"


def room_on_record(facts, trigger):
    """A payment that could not be written down may not begin."""
    return None if facts.room_on_record else "F02"


def record_sound(facts, trigger):
    """A journal that somebody altered is looked at by a person before money moves again."""
    return None if facts.record_sound else "S07"


def reader_hears(facts, trigger):
    """Unknown is let through: the flow finds out."""
    return "D01" if facts.reader_hears is False else None


def screen_shows(facts, trigger):
    """No money moves by an amount that nobody can read. Unknown, before its first picture, is let through."""
    return "D02" if facts.screen_shows is False else None


def owed_within(facts, trigger):
    """A payment that the bank does not answer is one more debt: none is begun while too many wait, too much, or one for too long."""
    count, minor, age_s = facts.owed
    limits = facts.owed_limits
    if not count:
        return None
    if count >= limits["count"]:
        return "R04"
    if age_s >= limits["hours"] * 3600:
        return "R06"
    return _above(minor + 1, limits["sum"], "R05")


def owed_with_this(facts, trigger):
    """As owed_within for the sum, this payment with it. Where nothing is owed, a payment is only itself."""
    count, minor, _age_s = facts.owed
    return _above(minor + facts.amount_minor, facts.owed_limits["sum"], "R05") if count else None


def something_owed(facts, trigger):
    return None if facts.owes else "R02"


def something_to_settle(facts, trigger):
    sums = facts.sums
    return None if any(sums["batch_%s_count" % kind] for kind in ("sale", "refund", "void")) else "R03"


def untampered(facts, trigger):
    """Somebody was at the case, at the cell or on the line to the bank: a person looks first."""
    return facts.tampered or None


def clock_caught_up(facts, trigger):
    """A clock that was set back would give two payments one time, and make room for what was counted."""
    return "S16" if facts.behind else None


# The body
def battery_enough(facts, trigger):
    """On mains a low battery does no harm."""
    return "H01" if facts.battery_level in ("low", "critical") and facts.mains is not True else None


def cool_enough(facts, trigger):
    return "H02" if facts.case_level == "too_hot" else None


def clock_good(facts, trigger):
    """A clock that jumped would date payments wrongly."""
    return "S06" if facts.clock_good is False else None


# The shop
def open_hours(facts, trigger):
    return None if calendar.within(facts.hours, facts.local) else "W01"


def no_holiday(facts, trigger):
    return "W02" if calendar.is_holiday(facts.closed["holidays"], facts.local) else None


def no_closed_period(facts, trigger):
    return "W03" if calendar.in_period(facts.closed["periods"], facts.local) else None


def conditions_allow(facts, trigger):
    """News from outside, each with an end: what is stale or never came counts as unknown, and the owner says what then."""
    known = facts.conditions
    for name, refused, unknown_refuses in facts.wanted_conditions:
        word = known.get(name)
        if word is None:
            if unknown_refuses:
                return "C03"
        elif word in refused:
            return "C02"
    return None


def kiosk(facts, trigger, mode):
    return None if facts.kiosk == mode else "K03" if facts.kiosk == "chosen" else "K01"


def not_kiosk(facts, trigger, mode):
    return None if facts.kiosk != mode else "K02"


def training(facts, trigger):
    return None if facts.training else "T04"


def not_training(facts, trigger):
    return "T03" if facts.training else None


def role_for(facts, trigger, what):
    """Has somebody logged in who may do this, where the owner asks for it?"""
    return None if facts.roles[what] == "nobody" or facts.role_reaches(facts.roles[what]) else "A01"


# The limits, of minor units; 0 is none
def single(facts, trigger):
    return _above(facts.amount_minor, facts.limits["single"], "L01")


def daily(facts, trigger):
    return _above(facts.sums["day_minor"] + facts.amount_minor, facts.limits["daily"], "L02")


def cumulative(facts, trigger):
    return _above(facts.sums["batch_sale_minor"] + facts.amount_minor, facts.limits["cumulative"], "L04")


def per_card(facts, trigger):
    return _above(facts.card_minor + facts.amount_minor, facts.limits["per_card"], "L05")


# How often; 0 is any number
def hourly(facts, trigger):
    count, minor, _same = facts.recent
    return _often(count, facts.velocity["hour_count"], "L06") or _above(minor + facts.amount_minor, facts.velocity["hour_sum"], "L07")


def same_again(facts, trigger):
    return _often(facts.recent[2], facts.velocity["same_count"], "L08")


def card_again(facts, trigger):
    return _often(facts.card_count, facts.velocity["card_count"], "L09")


def pin_keyed(facts, trigger):
    """The owner wants PINs under another key than the one of every request; unknown is let through."""
    return "S21" if facts.pin_keyed is False else None


def _often(count, most, code):
    return code if most and count >= most else None


def _above(minor, limit_minor, code):
    return code if limit_minor and minor > limit_minor else None
