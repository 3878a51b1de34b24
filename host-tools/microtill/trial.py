# trial.py: a proposed way of working, tried on the journal's past: which payments would have ended otherwise? Guards and rules are the
# terminal's own. What the journal does not hold (news from outside, the card of a refused payment) is taken as it was then: see World.judge.
import datetime

from microtill.device_source import amount, calendar, settings, totals, transaction, velocity
from microtill.device_source import guards as device_guards
from microtill.device_source import rules as device_rules
from microtill.settings_file import LANGUAGES

_BEGINS = {"sale": (("customer", "digit"), ("customer", "presented")), "void": (("operator", "void"),), "refund": (("operator", "refund"),)}
_STEPS = {"sale": (("customer", "amount"), ("customer", "card")), "refund": (("operator", "refund_amount"),), "void": ()}
_SETTLED_BY_OWNER = "LWC"               # first letters of the reasons that settings decide; a hot case or a mute reader is none of them
_TYPE, _BY_CARD, _NEWS = "L03", ("L05", "L09"), ("C02", "C03")


class World:
    """The facts as they would have been under some settings: sums of what those settings let pass, and a healthy terminal."""

    locked = training = False
    recovered = keyed = room_on_record = record_sound = flash_holds = screen_shows = True
    reader_hears = battery_level = mains = case_level = clock_good = None
    amount_minor = card_minor = card_count = behind = 0
    tampered, recent = None, (0, 0, 0)
    conditions, wanted_conditions = {}, ()
    owed = 0, 0, 0                      # that the bank was away then is no matter of settings here

    def __init__(self, owner):
        values, _ = settings.check(owner, LANGUAGES.__contains__)
        self._values, self.offset_min = values, values["shop"]["offset_min"]
        self.owed_limits, self.velocity, self._asked = values["owed"], values["velocity"], []
        self.sale, self.limits, self.hours, self.closed = values["sale"], values["limits"], values["hours"], values["closed"]
        self.kiosk, self.roles, self._news = values["kiosk"]["mode"], values["roles"], values["outside"]["conditions"]
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

    def judge(self, kind, minor, account, was=""):
        """None where it would have gone to the bank, else the reason code. `was`: the reason it was refused for, if it was. News from outside
        count as they did then, as long as any condition is asked for."""
        if was in _NEWS and self._news:
            return was
        self.amount_minor, self.card_minor = minor, self._cards.get((account, self._day()), 0) if account else 0
        self._look_back(minor, account)
        reason = None
        for row in (row for row in device_rules.RULES if row[:2] in _BEGINS[kind]):
            reason = self._stopped(row[4])
            if reason is None:
                break
        for step in _STEPS[kind] if reason is None and minor else ():
            for row in (row for row in device_rules.RULES if row[:2] == step):
                reason = reason or self._stopped(row[4])
        return reason

    def _look_back(self, minor, account):
        """How often and how much of late, as the terminal counts it."""
        wanted = self.velocity
        self.recent = velocity.recent(self._asked, self.unix, minor, wanted["same_minutes"] * 60)
        self.card_count = velocity.of_card(self._asked, self.unix, account, wanted["card_hours"] * velocity.HOUR_S) if account else 0

    def asked(self, number, minor, account):
        """A payment of which the bank was asked in this world, whatever came of it."""
        self._asked.append({"kind": number, "amount_minor": minor, "account": account, "unix": self.unix})

    def busiest_card(self):
        """The account that has paid most today: what stands for a card that is not on record."""
        today = [(minor, account) for (account, day), minor in self._cards.items() if day == self._day()]
        return max(today)[1] if today else ""

    def _stopped(self, wanted):
        for guard in wanted:
            reason = getattr(device_guards, guard[0])(self, None, *guard[1:])
            if reason:
                return reason
        return None

    def approved(self, number, minor, account, unix):
        """A payment that stands in this world since `unix`."""
        day = totals.day_of(unix, self.offset_min)
        totals.add(self._sums, number, minor, day)
        if account and number == transaction.SALE:
            self._cards[account, day] = self._cards.get((account, day), 0) + minor

    def begins_with(self, sums):
        """The journal reaches back to here: what had been sold before."""
        self._sums.update({name: sums[name] for name in self._sums})

    def closed_period(self, period, number):
        totals.close(self._sums, period, number)


def _fields(unix):
    return datetime.datetime.fromtimestamp(unix, datetime.UTC).timetuple()[:6]


def differences(journal, proposed):
    """(how many past triggers were tried, [those that would end otherwise]) under an owner's proposed settings."""
    world, outcomes = World(proposed), _outcomes(journal)
    tried, found = 0, []
    first_sums = next((row for row in journal if row["record"] == "sums"), None)
    if first_sums:                          # they follow their sector's first record; what that one began is not in them yet
        world.begins_with(first_sums)
    for row in journal:
        if row["record"] == "closing" and row["what"] in totals.CLOSES:
            world.closed_period(totals.CLOSES[row["what"]], row["period_number"])
        past = _past(row, outcomes)
        if past is None:
            continue
        tried += 1
        kind, minor, account, was, ended = past
        refused_for = was[len("refused "):] if was.startswith("refused ") else ""
        world.unix = row["unix"]
        account = world.busiest_card() if refused_for in _BY_CARD else account
        verdict = world.judge(kind, minor, account, refused_for)
        if verdict is None and minor:
            world.asked(_NUMBERS[kind], minor, account)
        if verdict is None and minor and (was == "approved" or refused_for):
            world.approved(_NUMBERS[kind], minor, account, ended)
        if (verdict or "") != refused_for:
            found.append({"trigger": row["trigger"], "at": datetime.datetime.fromtimestamp(row["unix"], datetime.UTC).isoformat(timespec="seconds"),
                          "kind": kind, "amount_minor": minor, "amount": _money(minor, row, proposed), "was": was, "would": _told(verdict),
                          "reason": verdict or ""})
    return tried, found


_NUMBERS = {word: number for number, word in transaction.KINDS.items()}


def _money(minor, row, proposed):
    """In the currency it was asked for; a refusal's is not on record, and taken for the shop's."""
    currency = row.get("currency") or settings.CURRENCIES[proposed.get("shop", {}).get("currency", "EUR")]
    return amount.words(minor, currency) if minor else ""


def _told(reason):
    return "refused " + reason if reason else "let pass"


def _outcomes(journal):
    """{number of a payment's record: (how it ended, when)}."""
    ended, open_now = {}, {}
    for row in journal:
        if row["record"] == "owed":
            open_now[row["stan"]] = row["number"]
        elif row["record"] == "outcome" and row["stan"] in open_now:
            ended[open_now[row["stan"]]] = transaction.WORDS[row["state"]], row["unix"]
    return ended


def _past(row, outcomes):
    """(kind, minor units, account hash, how it ended, when) of a row that was somebody's wish to pay, else None."""
    if row["record"] == "owed":
        return (transaction.KINDS[row["kind"]], row["amount_minor"], row["account"], *outcomes.get(row["number"], ("owed", row["unix"])))
    if row["record"] != "refused" or row["reason"][:1] not in _SETTLED_BY_OWNER or row["reason"] == _TYPE and not row["kind"]:
        return None                         # for a type that is not done here, and which one is not on record
    return transaction.KINDS.get(row["kind"], "sale"), row["amount_minor"], "", "refused " + row["reason"], row["unix"]
