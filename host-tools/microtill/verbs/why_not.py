# why_not.py: which guard would refuse an action now, and what would change that: asked of a terminal on a copy of the state folder.
# Ends 0 where it would be let pass, 1 where not. Raises UnknownAction.
import datetime

from microtill.bench.bench import Bench
from microtill.terminal import NoAnswer, provision_demo

_WITHIN_MS, _SETTLE_MS = 300_000, 6_000     # settle: every sense has been looked at once by then


class UnknownAction(Exception):
    code = "U08"


def _limit(name, sum_name=None):
    def tell(facts):
        used = facts["sums"][sum_name] if sum_name else 0
        return "limits.%s is %d, used %d (smallest units): pay less, or load another limit" % (name, facts["limits"][name], used)
    return tell


CHANGES = {
    # reason code: what would change it, from the facts
    "S01": lambda f: "load keys: microtill pay and run key an empty folder with test keys",
    "S02": lambda f: "switch off and on again; if it stays locked, load settings anew or call service",
    "R01": lambda f: "wait a moment: what was open at the last start is being looked at",
    "R02": lambda f: "nothing: there is no debt to pay",
    "R03": lambda f: "make a payment first: the batch is empty",
    "F02": lambda f: "let the terminal reach the bank, so that old debts leave the journal",
    "D01": lambda f: "look at the card reader's wires; the terminal tries to wake it by itself",
    "L01": _limit("single"), "L02": _limit("daily", "day_minor"), "L04": _limit("cumulative", "batch_sale_minor"), "L05": _limit("per_card"),
    "L03": lambda f: "add it to sale.types and load the settings",
    "W01": lambda f: "wait for opening hours (it is %02d:%02d), or change [hours]" % divmod(f["local"][2], 60),
    "W02": lambda f: "wait for tomorrow, or take %s from closed.holidays" % f["local"][0],
    "W03": lambda f: "wait for the end of the period, or change closed.periods (today is %s)" % f["local"][0],
    "H01": lambda f: "plug it in, or charge it: the battery is at %s %%" % f["battery"],
    "H02": lambda f: "let it cool: the case is at %.1f degrees" % (f["case_c"] / 100),
    "S06": lambda f: "set the clock: it jumped",
    "C02": lambda f: "wait until the condition changes or ends (now: %s)" % (
        ", ".join("%s = %s" % pair for pair in f["conditions"].items()) or "none"),
    "C03": lambda f: "send the condition that is awaited: microtill condition NAME WORD --until TIME",
    "T03": lambda f: "end the training: C, 7", "T04": lambda f: "start the training: C, 7",
    "A01": lambda f: "log in: C, 9, the role, its PIN",
    "K01": lambda f: "key the amount first, or set kiosk.mode = \"fixed\"", "K02": lambda f: "tap a card: this kiosk has one price",
    "K03": lambda f: "choose first, then tap",
}


def why_not(out, state, action, surroundings, at, seed=1):
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
        bench.run(lambda: False, _SETTLE_MS)
        facts = _ask(bench, op="facts")[0]
        rows = _ask(bench, op="why_not", action=action)
    finally:
        bench.close()
    if not rows:
        raise UnknownAction(action)
    return _answer(out, action, rows, facts)


def _ask(bench, **request):
    bench.console.ask(request)
    if not bench.run(bench.console.answered, _WITHIN_MS):
        raise NoAnswer(request["op"])
    return bench.console.rows


def _answer(out, action, rows, facts):
    """Rows are tried in turn, so the last one's first refusal is what a person would be told."""
    refused = None
    for row in rows:
        refused = next((guard for guard in row["guards"] if guard["reason"]), None)
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


def _time(facts):
    date, _weekday, minute = facts["local"]
    return datetime.datetime.fromisoformat(date).replace(hour=minute // 60, minute=minute % 60).isoformat(timespec="minutes")
