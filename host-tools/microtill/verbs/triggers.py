# triggers.py: the rule table as the terminal has it, with what the story of this state folder counts for each row.
from microtill.bench import story
from microtill.terminal import Service


def triggers(out, state):
    with Service() as service:
        rules = service.ask("rules")
    told = story.read(state / "story.jsonl")
    rows = [_row(rule, told) for rule in rules]
    out.say("%-9s %-15s %-7s %-15s %6s %8s %8s %8s  %s" % ("origin", "trigger", "lane", "flow", "taken", "started", "refused", "wait ms", "guards"))
    for row in rows:
        out.say("%-9s %-15s %-7s %-15s %6d %8d %8d %8s  %s" % (
            row["origin"], row["trigger"], row["lane"], row["flow"], row["taken"], row["started"], row["refused"],
            "" if row["wait_ms_most"] is None else row["wait_ms_most"], _read_aloud(row["guards"])))
    return 0, rows


def _read_aloud(guards):
    return ", ".join(" ".join(str(part) for part in guard) for guard in guards)


def _row(rule, told):
    mine = [row for row in told if row["kind"] == "trigger" and (row["origin"], row["name"]) == (rule["origin"], rule["trigger"])]
    reasons = {}
    for row in mine:
        if row["end"] == "refused":
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
    waits = [int(row["waited_ms"]) for row in mine]
    return {**rule, **{end: sum(row["end"] == end for row in mine) for end in ("taken", "started", "refused")}, "reasons": reasons,
            "wait_ms_most": max(waits, default=None), "wait_ms_mean": sum(waits) / len(waits) if waits else None}
