# triggers.py: the rule table as the terminal has it, with what the story of this state folder counts for each row, up to this very moment.
import sys
import textwrap

from rich.console import Console
from rich.table import Table

from microtill.bench import story
from microtill.names import rules as names
from microtill.terminal import Service


def triggers(out, state):
    with Service() as service:
        rules = service.ask("rules")
    told = [row for row in story.read(state / "story.jsonl") if row["kind"] == "trigger"]
    rows = counted(rules, told)
    if not out.as_json and not out.quiet:
        _print(rows)
    return 0, rows


def counted(rules, told):
    """The rule table (rows as the terminal tells them) with what these trigger rows of a story count for each."""
    return [_row(rule, n, rules, told) for n, rule in enumerate(rules)] + _taken_elsewhere(rules, told)


def _row(rule, at, rules, told):
    """Rows of one trigger are tried in turn: each counts what it started; refusals, and what a session took, stand at the last one."""
    mine = [row for row in told if (row["origin"], row["name"]) == (rule["origin"], rule["trigger"])]
    last = not any((other["origin"], other["trigger"]) == (rule["origin"], rule["trigger"]) for other in rules[at + 1:])
    started = [row for row in mine if row["end"] == "started" and row["flow"] == rule["flow"]]
    others = [row for row in mine if row["end"] in ("taken", "refused")] if last else []
    return {**rule, **_counts(started + others)}


def _counts(rows):
    reasons = {}
    for row in rows:
        if row["end"] == "refused":
            reasons[row["reason"]] = reasons.get(row["reason"], 0) + 1
    waits = [int(row["waited_ms"]) for row in rows]
    return {**{end: sum(row["end"] == end for row in rows) for end in ("taken", "started", "refused")}, "reasons": reasons,
            "words": {code: names.refusal(code)[0] for code in reasons},
            "wait_ms_most": max(waits, default=None), "wait_ms_mean": sum(waits) / len(waits) if waits else None}


def _taken_elsewhere(rules, told):
    """Triggers that no row begins anything with: keys and cards that a session waits for, and what was pressed in vain."""
    known = {(rule["origin"], rule["trigger"]) for rule in rules}
    seen = sorted({(row["origin"], row["name"]) for row in told} - known)
    return [{"origin": origin, "trigger": name, "lane": "session", "flow": "", "guards": [],
             **_counts([row for row in told if (row["origin"], row["name"]) == (origin, name)])} for origin, name in seen]


def _print(rows):
    """One block a trigger; under each row its guards, read aloud, and under a count of refusals the reasons."""
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    for name in ("origin", "trigger", "lane", "flow"):
        table.add_column(name, no_wrap=True)
    for name in ("taken", "started", "refused", "waited ms"):       # the longest that one waited for its end
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(row["origin"], row["trigger"], row["lane"], row["flow"], *(str(row[end] or "") for end in ("taken", "started", "refused")),
                      "" if row["wait_ms_most"] is None else str(row["wait_ms_most"]))
    console, out = Console(width=100 if not sys.stdout.isatty() else None, highlight=False), []
    with console.capture() as capture:
        console.print(table)
    lines = [line.rstrip() for line in capture.get().rstrip("\n").split("\n")]
    out.append(lines[0])
    for line, row in zip(lines[1:], rows, strict=True):
        out.append(line)
        if row["guards"]:
            out += textwrap.wrap("only if " + _read_aloud(row["guards"]), 96, initial_indent=" " * 11, subsequent_indent=" " * 14)
        out += ["%srefused %d x %s: %s" % (" " * 11, count, code, row["words"][code]) for code, count in sorted(row["reasons"].items())]
    print("\n".join(out))


def _read_aloud(guards):
    return ", ".join(" ".join(str(part) for part in guard).replace("_", " ") for guard in guards)
