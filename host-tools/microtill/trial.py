# trial.py: a proposed way of working, tried on the journal's past: which payments would have ended otherwise? Guards and rules are the
# terminal's own.
import datetime

from microtill.device_source import amount, calendar, settings, totals, transaction
from microtill.device_source import guards as device_guards
from microtill.device_source import rules as device_rules
from microtill.settings_file import LANGUAGES

_BEGINS = {"sale": ("customer", "digit"), "void": ("operator", "void"), "refund": ("operator", "refund")}
_STEPS = {"sale": (("customer", "amount"), ("customer", "card")), "refund": (("operator", "refund_amount"),), "void": ()}
_SETTLED_BY_OWNER = "LWCK"              # first letters of the reasons that settings decide; a hot case or a mute reader is none of them


class World:
    """The facts as they would have been under some settings: sums of what those settings let pass, and a healthy terminal."""

    locked = training = False
    recovered = keyed = room_on_record = True
    reader_hears = battery_level = mains = case_level = clock_good = None
    amount_minor = card_minor = 0
    conditions = {}

    def __init__(self, owner):
        values, _ = settings.check(owner, LANGUAGES.__contains__)
        self._values, self.offset_min = values, values["shop"]["offset_min"]
        self.sale, self.limits, self.hours, self.closed = values["sale"], values["limits"], values["hours"], values["closed"]
        self.kiosk, self.roles, self.wanted_conditions = values["kiosk"]["mode"], values["roles"], values["outside"]["conditions"]
        self.decimals = amount.CURRENCIES[settings.CURRENCIES[values["shop"]["currency"]]][1]
        self._sums, self._cards, self.unix = totals.nothing(), {}, 0

    @property
    def local(self):
        return calendar.local(self.unix, self.offset_min, _fields)

    @property
    def sums(self):
        return totals.on_day(self._sums, self._day())

    def role_reaches(self, wanted):
        """Whoever did it then was logged in."""
        return True

    def _day(self):
        return totals.day_of(self.unix, self.offset_min)

    def judge(self, kind, minor, account):
        """None where it would have gone to the bank, else the reason code."""
        self.amount_minor, self.card_minor = minor, self._cards.get((account, self._day()), 0) if account else 0
        reason = None
        for row in (row for row in device_rules.RULES if row[:2] == _BEGINS[kind]):
            reason = self._stopped(row[4])
            if reason is None:
                break
        for step in _STEPS[kind] if reason is None and minor else ():
            for row in (row for row in device_rules.RULES if row[:2] == step):
                reason = reason or self._stopped(row[4])
        return reason

    def _stopped(self, wanted):
        for guard in wanted:
            reason = getattr(device_guards, guard[0])(self, None, *guard[1:])
            if reason:
                return reason
        return None

    def approved(self, number, minor, account):
        """A payment that stands in this world."""
        totals.add(self._sums, number, minor, self._day())
        if account and number == transaction.SALE:
            key = account, self._day()
            self._cards[key] = self._cards.get(key, 0) + minor

    def begins_with(self, sums):
        """The journal reaches back to here: what had been sold before."""
        self._sums.update({name: sums[name] for name in self._sums})

    def closed_period(self, period, number):
        totals.close(self._sums, period, number)


def _fields(unix):
    return datetime.datetime.fromtimestamp(unix, datetime.UTC).timetuple()[:6]


def differences(journal, proposed):
    """(how many past triggers were tried, [those that would end otherwise]) under an owner's proposed settings."""
    world = World(proposed)
    outcomes = _outcomes(journal)
    tried, found = 0, []
    for row in journal:
        if row["record"] == "closing":
            world.closed_period(totals.CLOSES[row["what"]], row["period_number"])
            continue
        if row["record"] == "sums" and not tried:
            world.begins_with(row)
        past = _past(row, outcomes)
        if past is None:
            continue
        tried += 1
        kind, minor, account, was = past
        number = next(n for n, word in transaction.KINDS.items() if word == kind)
        world.unix = row["unix"]
        verdict = world.judge(kind, minor, account)
        if verdict is None and minor and (was == "approved" or was.startswith("refused")):
            world.approved(number, minor, account)
        if _told(verdict) != (was if was.startswith("refused") else "let pass"):
            found.append({"trigger": row["trigger"], "at": datetime.datetime.fromtimestamp(row["unix"], datetime.UTC).isoformat(timespec="seconds"),
                          "kind": kind, "amount_minor": minor, "amount": amount.digits(minor, world.decimals) if minor else "", "was": was,
                          "would": _told(verdict), "reason": verdict or ""})
    return tried, found


def _told(reason):
    return "refused " + reason if reason else "let pass"


def _outcomes(journal):
    """{number of a payment's record: how it ended}."""
    ended, open_now = {}, {}
    for row in journal:
        if row["record"] == "owed":
            open_now[row["stan"]] = row["number"]
        elif row["record"] == "outcome" and row["stan"] in open_now:
            ended[open_now[row["stan"]]] = transaction.WORDS[row["state"]]
    return ended


def _past(row, outcomes):
    """(kind, minor units, account hash, how it ended) of a row that was somebody's wish to pay, else None."""
    if row["record"] == "owed":
        return transaction.KINDS[row["kind"]], row["amount_minor"], row["account"], outcomes.get(row["number"], "owed")
    if row["record"] == "refused" and row["reason"][:1] in _SETTLED_BY_OWNER:
        return transaction.KINDS.get(row["kind"], "sale"), row["amount_minor"], "", "refused " + row["reason"]
    return None
