# explain.py: the story of one trigger or payment, step by step, each with what it rests on. U04 where no such thing is told of.
import datetime
import textwrap

from microtill.bench import story
from microtill.names import debt, flash, safe, told

_NEAR_US = 50_000                   # a record's event follows its flash within this
_SIDE = ("act", "power", "device", "card", "died")     # rows of no trigger that matter while one is under way
_WIDTH = 100


class NothingTold(Exception):
    """No row of this state folder belongs to what was asked for; args[0] says what to do."""
    code = "U04"


def explain(out, state, ident):
    """(0, {"trigger", "ident", "steps"}) for a trigger id ("3.17"), a STAN ("12") or "last"; "owed" too (names/debt.py), where a payment of it owed
    the bank a reversal. Raises NothingTold."""
    rows = story.read(state / "story.jsonl")
    if not rows:
        raise NothingTold("nothing has happened in %s: make a payment first" % state)
    answer = of_rows(rows, ident)
    _print(out, answer["trigger"], ident, answer["steps"])
    if "owed" in answer:
        out.say()
        out.say("What is owed" if answer["owed"]["next"] else "What was owed")
        for text in debt.lines(answer["owed"]):
            for line in _wrapped("    ", text):
                out.say(line)
    return 0, answer


def of_rows(rows, ident):
    """{"trigger", "ident", "steps"} of what `ident` means in these rows of a story. Raises NothingTold."""
    trigger = find(rows, ident)
    owed = debt.of(selected(rows, trigger))
    return {"trigger": trigger, "ident": ident, "steps": steps_of(rows, trigger), **({"owed": owed} if owed else {})}


def find(rows, ident):
    """The trigger id that `ident` means. Raises NothingTold."""
    if ident == "last":
        return _last(rows)
    if "." in ident:
        if any(row.get("trigger") == ident for row in rows):
            return ident
        raise NothingTold("no trigger %s in this story: see `microtill triggers`, or ask for: last" % ident)
    if not ident.isascii() or not ident.isdigit():
        raise NothingTold("%s is no trigger id (3.17), no STAN (12) and not: last" % ident)
    for wanted in (_pays, _says):
        for row in reversed(rows):
            if row.get("trigger") and wanted(row) == int(ident):
                return row["trigger"]
    raise NothingTold("no payment with STAN %06d in this story: see `microtill journal`" % int(ident))


def _number(text):
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() else None


def _pays(row):
    return _number(row.get("stan")) if row.get("kind") == "money" else None


def _says(row):
    return _number((row.get("fields") or {}).get("11")) if row.get("kind") == "message" else None


def _front(row):
    return row.get("kind") == "trigger" and row.get("lane") == "front" and row.get("end") == "started" and bool(row.get("trigger"))


def _last(rows):
    paid = {row.get("trigger") for row in rows if row.get("kind") == "money"}
    started = [row["trigger"] for row in rows if _front(row)]
    for trigger in reversed(started):
        if trigger in paid:
            return trigger
    if started:
        return started[-1]
    raise NothingTold("nothing was started in this story: make a payment first")


def selected(rows, trigger):
    """[(row, mine)] of a trigger's story: all rows that carry its id, the triggers that its flow took, and what befell the terminal
    meanwhile; later lives count only for what carries its id, after the power that began them."""
    out, under_way, power = [], False, None
    for row in rows:
        kind, mine = row.get("kind"), row.get("trigger") == trigger
        if kind == "power":
            under_way, power = False, row
            continue
        if mine:
            if power is not None and out:
                out.append(power)
            power = None
            out.append(row)
            under_way = under_way or _front(row)
        elif under_way and (kind == "trigger" and row.get("end") != "started" or not row.get("trigger") and kind in _SIDE):
            out.append(row)
        if kind == "screen" and row.get("name") == "ready" and not mine or _front(row) and not mine:
            under_way = False
    return out


def steps_of(rows, trigger):
    """The steps, in their order: n, at, t_ms (from the first), what, head, text, clause, details, life, trigger."""
    rows = selected([safe.row(row) for row in rows], trigger)
    if not rows:
        raise NothingTold("no trigger %s in this story" % trigger)
    teller, steps, begin = told.Teller(), [], rows[0]
    at = 0
    while at < len(rows):
        group = _run_of_flash(rows, at)
        step = _flash(rows, at, group) if group else teller.tell(rows[at])
        if step:
            row = rows[at]
            steps.append({"n": len(steps) + 1, "at": row.get("at", ""), "t_ms": _since(begin, row), "life": row.get("life"),
                          "trigger": row.get("trigger", ""), **step})
        at += max(len(group), 1)
    return steps


def _since(begin, row):
    """ms between two rows: by their dates, which outlive a restart of the bench, else by the world's clock."""
    try:
        apart = datetime.datetime.fromisoformat(row["at"]) - datetime.datetime.fromisoformat(begin["at"])
        return round(apart.total_seconds() * 1000)
    except (KeyError, TypeError, ValueError):
        return round((row.get("t_us", 0) - begin.get("t_us", 0)) / 1000)


def _run_of_flash(rows, at):
    """The rows from `at` on that are flash operations in one area."""
    group = []
    for row in rows[at:]:
        if row.get("kind") != "flash" or group and flash.area(row.get("address")) != flash.area(group[0].get("address")):
            break
        group.append(row)
    return group


def _flash(rows, at, group):
    summary = flash.summary(group)
    name, clause = flash.area(group[0].get("address"))
    counts = []
    if summary["programs"]:
        counts.append("%d program%s, %d bytes" % (summary["programs"], "s" * (summary["programs"] != 1), summary["bytes"]))
    if summary["erases"]:
        counts.append("%d erase%s" % (summary["erases"], "s" * (summary["erases"] != 1)))
    record = safe.text(_record(rows, at, len(group))) if name == "journal" else ""
    text = "%s: %s: %s" % (name, " and ".join(counts) or "nothing changed", record or flash.about(name))
    operations = [{"operation": safe.text(row.get("operation", "")),
                   "address": row.get("address"), "size": row.get("size")} for row in group]
    return {"what": "flash", "head": told.FLASH, "text": text, "clause": "%s; %s" % (clause, flash.DATASHEET),
            "details": {**summary, "record": record, "operations": operations}}


def _record(rows, at, size):
    """Which record these journal operations were: the first event after them that tells of one, close by."""
    end = rows[at + size - 1].get("t_us", 0)
    for row in rows[at + size:]:
        if row.get("t_us", 0) - end > _NEAR_US or row.get("kind") == "power":
            break
        if row.get("kind") == "money":
            return "the record that payment %s is %s" % (row.get("stan", "?"), row.get("state", "?"))
        if row.get("kind") == "paper":
            return "the record that the %s was: %s" % (str(row.get("copy", "?")).lower(), row.get("result", "?"))
        if row.get("kind") == "host" and row.get("what") in ("0400", "0401"):
            return "the record that a reversal with STAN %s is promised" % row.get("stan_or_auth", "?")
    return ""


# for people

def _print(out, trigger, ident, steps):
    asked = "" if ident == trigger else " (%s)" % ident
    out.say("Trigger %s%s, from %s, %d steps" % (trigger, asked, steps[0]["at"] if steps else "?", len(steps)))
    displays = any("display" in step["details"] for step in steps)
    for head in told.HEADS:
        mine = [step for step in steps if step["head"] == head]
        if displays:                    # what the glass showed tells more than the name of the screen
            mine = [step for step in mine if step["what"] != "screen" or "display" in step["details"]]
        if mine:
            out.say()
            out.say(head)
        for step in mine:
            for line in _lines(step):
                out.say(line)


def _lines(step):
    lines = _wrapped("%9d ms  " % step["t_ms"], step["text"] + (" [%s]" % step["clause"] if step["clause"] else ""))
    details = step["details"]
    for arrow, found in (("> ", details.get("asked", [])), ("< ", details.get("tags", []))):
        for one in found:
            lines += _tag(one, arrow)
    for one in details.get("fields", []):
        lines += _wrapped(" " * 16, "%3s %s: %s%s" % (one["field"], one["name"], "" if one.get("tags") else one["value"],
                                                       " (%s)" % one["meaning"] if one.get("meaning") else ""))
        for inner in one.get("tags", []):
            lines += _tag({**inner, "depth": 1 + inner["depth"]})
    for line in details.get("receipt", "").split("\n") if details.get("receipt") else []:
        lines.append(" " * 16 + "| " + line)
    return lines


def _tag(one, arrow="  "):
    """Lines of one data object; `arrow` tells which way it went."""
    indent = " " * 14 + arrow + "  " * one["depth"]
    value = one.get("text") or one["value"]
    lines = _wrapped(indent, "%s %s%s" % (one["tag"] or "--", one["name"], ": " + value if value else ""))
    for word in one.get("bits", []):
        lines += _wrapped(" " * len(indent) + "   . ", word)
    if one.get("asks"):
        asks = ", ".join("%s %s" % (wanted["tag"], wanted["name"]) for wanted in one["asks"])
        lines += _wrapped(" " * len(indent) + "   . ", "asks for " + asks)
    return lines


def _wrapped(start, text):
    """`text` after `start`, folded at 100 columns."""
    return textwrap.wrap(text, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start)) or [start.rstrip()]
