# why_not.py: which guard would refuse an action now, and what would change that: asked of a terminal on a copy of the state folder, which stays
# as it is. Ends 0 where it would be let pass, 1 where not. Raises UnknownAction.
import datetime
import difflib
import shutil
import tempfile
from pathlib import Path

from microtill.bench.bench import Bench
from microtill.device_source import amount, guards, rules, settings
from microtill.terminal import NoAnswer, provision_demo

_WITHIN_MS, _LOOKS, _BETWEEN_MS = 300_000, 6, 1_000     # after so many looks every sense has been looked at once


class UnknownAction(Exception):
    code = "U08"


def _limit(name, sum_name=None):
    def tell(facts):
        used = ", and %s is used up" % _money(facts, facts["sums"][sum_name]) if sum_name else ""
        return "key less, or set limits.%s higher or \"off\": it is %s%s" % (name, _money(facts, facts["limits"][name]), used)
    return tell


def _locked(facts):
    """A terminal is locked for its settings, for an empty battery, or because a part of it keeps dying."""
    if not facts["sound"]:
        return "load settings that this firmware takes: microtill params load FILE"
    if facts["battery_level"] == "critical" and facts["mains"] is not True:
        return "plug it in: the battery is at %s %%, and it switches itself off" % facts["battery"]
    return "switch off and on again; if it stays locked, call service"


def _owed(facts, name, limit):
    count, minor, age_s = facts["owed"]
    return "let the terminal reach the bank, which ends it by itself, or set owed.%s higher: %d wait, %s in all, the oldest for %d minutes; %s" % (
        name, count, _money(facts, minor), age_s // 60, limit)


def _money(facts, minor):
    return amount.words(minor, facts["currency"])


CHANGES = {
    # reason code: what would change it, from the facts
    "S01": lambda f: "load keys: microtill pay and run key an empty folder with test keys",
    "S02": lambda f: _locked(f),
    "R01": lambda f: "wait a moment: what was open at the last start is being looked at",
    "R04": lambda f: _owed(f, "count", "%d at most" % f["owed_limits"]["count"]),
    "R05": lambda f: _owed(f, "sum", _money(f, f["owed_limits"]["sum"]) + " at most"),
    "R06": lambda f: _owed(f, "hours", "%d hours at most" % f["owed_limits"]["hours"]),
    "R02": lambda f: "nothing needs to be done: there is no debt to pay",
    "R03": lambda f: "make a payment first: there is none since the last settlement",
    "F02": lambda f: "let the terminal reach the bank, so that old debts leave the journal",
    "F01": lambda f: "have the flash chip looked at: it takes no record, and is tried every 10 s; once one is taken, the terminal starts afresh",
    "D02": lambda f: "look at the display's wires; it is tried every 5 s",
    "D01": lambda f: "look at the card reader's wires; the terminal tries to wake it by itself",
    "L01": _limit("single"), "L02": _limit("daily", "day_minor"), "L04": _limit("cumulative", "batch_sale_minor"), "L05": _limit("per_card"),
    "L03": lambda f: "add it to sale.types and load the settings",
    "W01": lambda f: "wait for opening hours (here it is %s), or change [hours]" % _clock(f),
    "W02": lambda f: "wait for tomorrow, or take %s out of closed.holidays" % f["local"][0],
    "W03": lambda f: "wait for the end of the period, or change closed.periods: here it is %s" % f["local"][0],
    "H01": lambda f: "plug it in, or charge it: the battery is at %s %%" % f["battery"],
    "H02": lambda f: "let it cool: the case is at %.1f degrees" % (f["case_c"] / 100),
    "S07": lambda f: "look at it: microtill journal and microtill reconcile say which record; then keys C, self-test, and D to go on",
    **{code: lambda f: "look at the terminal, then keys C, self-test, and D to go on; a technician logs in first, where one has a PIN"
       for code in ("S11", "S12", "S13", "S14", "S15")},
    "S17": lambda f: "destroy its keys (microtill zeroise) and provision it anew",
    "S21": lambda f: "give it that key: microtill provision --serial N --tdes; or set host.pin_format = \"iso-4\"",
    "S16": lambda f: "set the clock, or keys C, self-test, and D to go on from here",
    "L06": lambda f: "wait, or set velocity.hour_count higher", "L07": lambda f: "wait, or set velocity.hour_sum higher",
    "L08": lambda f: "wait, or set velocity.same_count higher", "L09": lambda f: "take another card, or set velocity.card_count higher",
    "S06": lambda f: "set the clock: it jumped",
    "C02": lambda f: "wait until the condition changes or ends (now: %s), or change outside.conditions" % (
        ", ".join("%s = %s" % pair for pair in f["conditions"].items()) or "none"),
    "C03": lambda f: "send the news that is awaited: microtill condition NAME WORD --until TIME; or set unknown = \"allow\" in outside.conditions",
    "T03": lambda f: "end the training: keys C, 7", "T04": lambda f: "start the training: keys C, 7",
    "A01": lambda f: "log in: keys C, 9, the role, its PIN; or set it to \"nobody\" under [roles]",
    "K01": lambda f: "key the amount first, then tap; or set kiosk.mode = \"fixed\" and a kiosk.price",
    "K02": lambda f: "tap a card, for this kiosk has one price; or set kiosk.mode = \"off\"",
}


def why_not(out, state, action, surroundings, at, seed=1):
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "state"
        if state.exists():
            shutil.copytree(state, copy)
        rows, facts = _asked(copy, action, surroundings, at, seed)
    if not rows:
        close = difflib.get_close_matches(action, sorted({name for rule in rules.RULES for name in (rule[1], rule[3].split(".")[-1]) if name}), 1)
        raise UnknownAction("nothing here is called %r%s" % (action[:40], ", perhaps you mean " + close[0] if close else ""))
    return _answer(out, action, rows, facts)


def _asked(state, action, surroundings, at, seed):
    """(the rows of that action with their guards' answers, the facts) of a terminal that has been on for a moment."""
    provision_demo(state, seed)
    bench = Bench(state, seed=seed, bank=False, keep=False)
    try:
        if at is not None:
            bench.begin_at(at)
        for name, value in surroundings.items():
            if value is not None:
                setattr(bench.surroundings, name, value)
        bench.start()
        if not bench.run(lambda: bench.console.ready, _WITHIN_MS):
            raise NoAnswer("console")
        shop, rows, facts = _ask(bench, op="settings")[0], [], {}
        for _ in range(_LOOKS):
            bench.run(lambda: bench.dark, _BETWEEN_MS)
            if bench.dark:              # it has switched itself off: what it said last
                break
            facts, rows = dict(_ask(bench, op="facts")[0]), list(_ask(bench, op="why_not", action=action)) if action else []
        facts["sound"] = shop["sound"]
        facts["currency"] = settings.CURRENCIES[shop["owner"].get("shop", {}).get("currency", "EUR")]
        return rows, facts
    finally:
        bench.close()


def _ask(bench, **request):
    bench.console.ask(request)
    if not bench.run(bench.console.answered, _WITHIN_MS):
        raise NoAnswer(request["op"])
    return bench.console.rows


def _answer(out, action, rows, facts):
    """Rows are tried in turn; the last one's first refusal is what a person would be told, unless it says that another row is meant."""
    refused = None
    for row in rows:
        stopped = next((guard for guard in row["guards"] if guard["reason"]), None)
        refused = refused if stopped and refused and guards.more(refused["reason"], stopped["reason"]) == refused["reason"] else stopped
        out.say("%s %s -> %s" % (row["origin"], row["trigger"], row["flow"] or "the session"))
        for guard in row["guards"]:
            name = " ".join([guard["guard"]] + [str(each) for each in guard["arguments"]])
            out.say("    %-28s %s" % (name, "%s  %s" % (guard["reason"], " ".join(guard["words"])) if guard["reason"] else "passes"))
        if refused is None:
            break
    change = CHANGES.get(refused["reason"], lambda f: "")(facts) if refused else ""
    if refused:
        out.say("%s would be refused: %s, %s. To change that: %s" % (action, refused["reason"], " ".join(refused["words"]), change))
    else:
        out.say("%s would be let pass" % action)
    return (1 if refused else 0), {"action": action, "refused_by": refused["guard"] if refused else None,
                                   "reason": refused["reason"] if refused else None, "words": " ".join(refused["words"]) if refused else "",
                                   "change": change, "rows": rows, "facts": facts, "now": _time(facts)}


def _clock(facts):
    _date, weekday, minute = facts["local"]
    return "%s %02d:%02d" % (settings.DAYS[weekday], *divmod(minute, 60))


def _time(facts):
    date, _weekday, minute = facts["local"]
    return datetime.datetime.fromisoformat(date).replace(hour=minute // 60, minute=minute % 60).isoformat(timespec="minutes")
