# books.py: journal, ledger and reconcile: what each side believes, and whether they agree.
from microtill import books
from microtill.device_source import amount
from microtill.terminal import Service


class NoState(Exception):
    code = "U02"


def journal(out, state):
    needed(state)
    with Service(state) as service:
        rows = service.ask("journal")
    for row in rows:
        out.say("%5d %-9s %s" % (row["number"], row["record"], " ".join("%s=%s" % pair for pair in books.readable(row))))
    for row in books.altered(rows):
        out.say("record %s: do not believe what is missing there; see `microtill reconcile`" % _where(row))
    return (1 if books.altered(rows) else 0), rows


def ledger(out, state):
    needed(state)
    _mine, rows = books.of_state(state)
    for row in rows:
        if row["kind"] == "settlement":
            out.say("%s %-11s STAN %s  batch %s  response %s%s" % (
                row["field7"], row["kind"], row["stan"], row.get("batch", "unknown"), row["response"], _closing(row)))
            continue
        out.say("%s %-11s STAN %s  %12s  %s  response %s%s" % (
            row["field7"], row["kind"], row["stan"], _money(row["amount_minor"]), row["pan"] or "", row["response"],
            ", reversed" if row["reversed"] else ", voided" if row["voided"] else ""))
    return 0, rows


def reconcile(out, state):
    needed(state)
    rows, theirs = books.rows_of_state(state), books.of_bank(state)
    matched, differences = books.compare(books.from_journal(rows), theirs)
    altered = books.altered(rows)
    for row in altered:
        out.say("altered: record %s of the journal; what the bank alone has below may have stood there" % _where(row))
    for row in differences:
        out.say("differs: STAN %06d of %s: %s" % (row["stan"], row["field7"], row["why"]))
    for row in books.settlement_differences(theirs):
        out.say("note: batch %s was closed with other sums: terminal %s, bank %s" % (row["batch"], _sums(row["said"]), _sums(row["held"])))
    out.say("%d payments agree, %d differ" % (matched, len(differences)))
    return (1 if differences or altered else 0), {"matched": matched, "differences": differences, **({"altered": altered} if altered else {})}


def _where(row):
    """"17", or "17 to 19"."""
    return "%d" % row["number"] if row["count"] < 2 else "%d to %d" % (row["number"], row["number"] + row["count"] - 1)


def _closing(row):
    return ", closed" + (" with a difference" if row["differs"] else "") if row.get("closed") else ", not closed"


def _sums(sums):
    """{"sale": [2, 2500], ...} -> "2 sale 25.00 EUR"; what did not happen is left out."""
    return ", ".join("%d %s %s" % (count, kind, _money(minor)) for kind, (count, minor) in sums.items() if count) or "nothing"


def _money(minor):
    return "" if minor is None else amount.words(minor, 978)


def needed(state):
    if not (state / "flash.bin").exists():
        raise NoState("no terminal in %s: make a payment first" % state)
