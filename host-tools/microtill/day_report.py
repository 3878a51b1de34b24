# day_report.py: what a day came to: counts and money by hour, who was refused and why, alarms, closings, and whether three tellings agree:
# what people read (the story), what the terminal has on record (its journal), what the bank has booked. As data, and as words for people.
import datetime
from collections import Counter

from microtill import books, demo
from microtill.day import BEGIN, HOURS
from microtill.device_source import amount

OUTCOMES = ("approved", "declined", "cancelled", "no answer", "refused")
LEVELS = ("notice", "warning", "critical")
_OPEN = ("owed", "reversal due")


def of(day):
    """The whole report of a day that has been run, ready for JSON; minor units, times as hh:mm of the day that begins at `begin`."""
    journal = [day.journal[number] for number in sorted(day.journal)]
    payments, theirs = books.from_journal(journal), day.bench.bank.records()
    alarms = _alarms(journal)
    closings = [_closing(row) for row in journal if row["record"] == "closing"]
    matched, differences = books.compare(payments, theirs)
    checks = _checks(day, payments, theirs, closings, alarms, differences)
    return {
        "seed": day.seed, "customers": len(day.guests), "begin": BEGIN.isoformat(), "hours": [_hour(day, hour) for hour in range(HOURS)],
        "outcomes": {name: sum(guest.outcome == name for guest in day.guests) for name in OUTCOMES},
        "approved_minor": sum(guest.minor for guest in day.guests if guest.outcome == "approved"), "currency": "EUR",
        "reasons": _reasons(day.guests), "longest_wait_s": max((guest.begin_s - guest.at_s for guest in day.guests), default=0),
        "alarms": [{**alarm, "began": clock(alarm["began_s"]), "ended": clock(alarm["ended_s"])} for alarm in alarms],
        "bands": [{"what": kind, "from": clock(first), "to": clock(last)} for kind, first, last in day.bands],
        "closings": closings, "diary": [{"at": clock(at_s), "what": words} for at_s, words in _diary(day, alarms, closings)],
        "books": {"matched": matched, "differences": differences}, "last_screen": day.last_screen.split("\n"),
        "checks": checks, "reconciled": all(checks.values()), "trips": day.bench.rig.trips, "wire": day.bench.rig.trace.hexdigest(),
    }


def day_name():
    return BEGIN.strftime("%A {} %B %Y").format(BEGIN.day)


def clock(seconds):
    """hh:mm, so many seconds into the day; "" for None. A time after midnight says so by +1."""
    if seconds is None:
        return ""
    at = BEGIN + datetime.timedelta(seconds=seconds)
    return at.strftime("%H:%M") + ("+1" if at.date() != BEGIN.date() else "")


def _since(unix):
    return unix - int(BEGIN.timestamp())


def _hour(day, hour):
    came = [guest for guest in day.guests if guest.begin_s // 3600 == hour]
    return {"from": clock(hour * 3600), "approved_minor": sum(guest.minor for guest in came if guest.outcome == "approved"),
            **{name: sum(guest.outcome == name for guest in came) for name in OUTCOMES}}


def _reasons(guests):
    """Why people did not pay, in the words that they read, the commonest first."""
    found = Counter((guest.outcome, guest.reason, guest.said) for guest in guests if guest.outcome != "approved")
    return [{"outcome": outcome, "code": code, "said": said, "count": count}
            for (outcome, code, said), count in sorted(found.items(), key=lambda each: (-each[1], each[0]))]


def _alarms(journal):
    """[{name, level, began_s, ended_s}] in the order in which they began; one that stands has no end, one that rose another level."""
    out, standing = [], {}
    for row in journal:
        if row["record"] != "alarm":
            continue
        level = row["code"].partition(" ")[0]
        if level in LEVELS and row["source"] not in standing:
            standing[row["source"]] = len(out)
            out.append({"name": row["source"], "level": level, "began_s": _since(row["unix"]), "ended_s": None})
        elif level == "ended" and row["source"] in standing:
            out[standing.pop(row["source"])]["ended_s"] = _since(row["unix"])
    return out


def _closing(row):
    return {"what": row["what"], "at": clock(_since(row["unix"])), "number": row["period_number"], "result": row["result"],
            "sales": row["sale_count"], "minor": row["sale_minor"]}


def _checks(day, payments, theirs, closings, alarms, differences):
    """{what must hold at the end of the day: does it?}"""
    told = Counter(guest.outcome for guest in day.guests)
    told_minor = sum(guest.minor for guest in day.guests if guest.outcome == "approved")
    rows, sales = day.bench.story.rows, [row for row in theirs if row["kind"] == "sale"]
    sent = sum(row["kind"] == "host" and row["direction"] == "sent" and row["what"] == "0200" for row in rows)
    reached = sum(row["kind"] == "message" and row["direction"] == "request" and row.get("mti") == "0200" for row in rows)
    state = Counter(payment["state"] for payment in payments)
    approved = told["approved"], told_minor
    z = [(row["sales"], row["minor"]) for row in closings if row["what"] == "z"]
    settled = [(row["sales"], row["minor"], row["result"]) for row in closings if row["what"] == "settled"]
    batches = [row for row in theirs if row["kind"] == "settlement"]
    return {
        "everybody got an answer": all(guest.finished for guest in day.guests),
        "the books agree": not differences,
        "nothing is open": not any(payment["state"] in _OPEN for payment in payments),
        "approved: people, journal and bank": approved == _standing(payments) == _standing(sales),
        "declined by the bank: journal and bank": _declines_agree(payments, sales),
        "no answer: people and journal": told["no answer"] == state["reversed"],
        "sent: story and journal; arrived: story and bank": sent == len(payments) and reached == len(sales),
        "the Z report has every sale": z == [approved],
        "the batch is settled and the bank agrees": settled == [(*approved, "agreed")] and bool(batches) and all(
            row["closed"] and not row["differs"] for row in batches),
        "no alarm is left": all(alarm["ended_s"] is not None for alarm in alarms),
        "the holiday shows": "Holiday" in day.last_screen,
    }


def _declines_agree(payments, sales):
    """Each decline has the same reason on both sides; one whose answer was lost is undone here, and no money moved."""
    mine = {(row["stan"], row["field7"]): (row["state"], row["response"]) for row in payments}
    bank = {(int(row["stan"]), row["field7"]): row["response"] for row in sales}
    return all(bank.get(key) == response for key, (state, response) in mine.items() if state == "declined") and all(
        mine.get(key, ("",))[0] in ("declined", "reversed") for key, response in bank.items() if response != "00")


def _standing(rows):
    """(how many, minor units) of the payments that stand."""
    return sum(row["effects"] for row in rows), sum(row["amount_minor"] for row in rows if row["effects"])


def _diary(day, alarms, closings):
    """What happened in the shop, as an owner would tell it in the evening."""
    lines = list(day.diary)
    for alarm in alarms:
        lines.append((alarm["began_s"], "%s: %s" % (alarm["level"], alarm["name"].replace("_", " "))))
        if alarm["ended_s"] is not None:
            lines.append((alarm["ended_s"], "over: %s" % alarm["name"].replace("_", " ")))
    for row in day.bench.story.rows:
        if row["kind"] == "trigger" and row["end"] == "refused" and row["name"] == "settle_time":
            lines.append((row["t_us"] // 1_000_000, "no settlement: %s" % row["reason"]))
    for row, at_s in zip(closings, (_since(row["unix"]) for row in day.journal.values() if row["record"] == "closing")):
        lines.append((at_s, "%s %06d: %d sales, %s, %s" % (
            "shift" if row["what"] == "z" else "batch", row["number"], row["sales"], money(row["minor"]), row["result"])))
    return sorted(lines, key=lambda line: line[0])


def money(minor):
    return amount.words(minor, demo.CURRENCY)


# --- for people

def lines(report, real_s=None):
    """The report as lines of text."""
    out = ["A day in a shop: %s, seed %d, %d customers" % (day_name(), report["seed"], report["customers"])]
    if real_s is not None:
        out.append("24 hours in %.1f s, %d round trips between firmware and bench" % (real_s, report["trips"]))
    out += ["", "time     what happened"] + ["%-8s %s" % (row["at"], row["what"]) for row in report["diary"]]
    out += ["", "hour     approved          money  declined  cancelled  no answer  refused"]
    form = "%-8s %8s %14s %9s %10s %10s %8s"
    for row in report["hours"]:
        if any(row[name] for name in OUTCOMES):
            out.append(form % (row["from"], row["approved"] or "", money(row["approved_minor"]) if row["approved"] else "",
                               *(row[name] or "" for name in OUTCOMES[1:])))
    totals = report["outcomes"]
    out.append(form % ("all day", totals["approved"], money(report["approved_minor"]), *(totals[name] for name in OUTCOMES[1:])))
    out += ["", "who did not pay, and what the display said"]
    out += ["%4d  %-10s %s" % (row["count"], row["outcome"], row["said"]) for row in report["reasons"]]
    out += ["", "longest wait in the queue: %d s" % report["longest_wait_s"], ""]
    out += ["%-4s %s" % ("yes" if good else "NO", what) for what, good in report["checks"].items()]
    out += ["", "reconciled" if report["reconciled"] else "NOT reconciled"]
    return out
