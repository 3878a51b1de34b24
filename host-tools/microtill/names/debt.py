# debt.py: a payment that owes the bank a reversal, or did: why, every attempt with its time and result, and what comes next. It takes any rows.
import datetime

from microtill.names import rules, safe

_AGAIN = ("0400", "0401")
_DUE = "reversal due"
_BLOCKS = "until then no settlement is made, and a new payment asks the bank about this one first"


def of(rows):
    """None where nothing in these rows (one trigger's) ever owed a reversal, else {"stan", "state", "since", "why", "attempts" [{"n", "at", "sent",
    "result"}], "next"}; `next` is "" where it has ended."""
    told = None
    for row in rows:
        kind = row.get("kind")
        if kind == "money" and row.get("state") == _DUE:
            words, _clause = rules.money(row.get("what", ""))
            told = {"stan": safe.text(str(row.get("stan", "?"))), "state": _DUE, "since": row.get("at", ""), "why": safe.text(words), "attempts": [],
                    "next": _first()}
            sent = None
        elif told is None:
            continue
        elif kind == "host" and row.get("direction") == "sent" and row.get("what") in _AGAIN:
            sent = row
        elif kind == "owed":
            _tried(told, sent or row, sent, rules.error(row.get("code", "")))
            told["next"], sent = _after(row), None
        elif kind == "power" and sent:
            _tried(told, sent, sent, "the power went before an answer came")
            told["next"], sent = _first(), None
        elif kind == "money" and told["state"] == _DUE:
            _tried(told, sent or row, sent, rules.money(row.get("what", ""))[0])
            told["state"], told["next"] = safe.text(row.get("state", "?")), ""
    return told


def _tried(told, row, sent, result):
    told["attempts"].append({"n": len(told["attempts"]) + 1, "at": row.get("at", ""), "sent": sent.get("what", "") if sent else "",
                             "result": safe.text(result)})


def _first():
    return "an 0400 as soon as the bank is reached, or after a start an 0401; " + _BLOCKS


def _after(row):
    """What follows an attempt that failed."""
    wait = str(row.get("next_ms") or "")
    wait = int(wait) if wait.isascii() and wait.isdigit() else None
    try:
        at = datetime.datetime.fromisoformat(row["at"]) + datetime.timedelta(milliseconds=wait)
        when = "at %s, %d s after that" % (at.isoformat(timespec="seconds"), wait // 1000)
    except (KeyError, TypeError, ValueError, OverflowError):
        when = "after a pause"
    return "the next attempt %s, or first of all after a start; pauses double from 10 s to 300 s, and it is never dropped; %s" % (when, _BLOCKS)


def lines(told):
    """The same for people."""
    yield "payment %s is %s; since %s: %s" % (told["stan"], told["state"], told["since"] or "?", told["why"])
    for each in told["attempts"]:
        yield "%d. %s: %s: %s" % (each["n"], each["at"] or "?", each["sent"] + " sent" if each["sent"] else "nothing could be sent", each["result"])
    if not told["attempts"]:
        yield "nothing has been tried yet"
    if told["next"]:
        yield "next: " + told["next"]
