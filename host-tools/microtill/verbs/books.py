# books.py: journal, ledger and reconcile: what each side believes, and whether they agree.
from microtill import books
from microtill.device_source import amount
from microtill.terminal import Service


class NoState(Exception):
    code = "U02"


def journal(out, state):
    _needed(state)
    with Service(state) as service:
        rows = service.ask("journal")
    for row in rows:
        out.say("%5d %-9s %s" % (row["number"], row["record"], " ".join(
            "%s=%s" % (name, value) for name, value in row.items() if value not in ("", 0) and name not in ("number", "record"))))
    return 0, rows


def ledger(out, state):
    _needed(state)
    _mine, rows = books.of_state(state)
    for row in rows:
        out.say("%s %-11s STAN %s  %12s  %s  response %s%s" % (
            row["field7"], row["kind"], row["stan"], _money(row["amount_minor"]), row["pan"] or "", row["response"],
            ", reversed" if row["reversed"] else ", voided" if row["voided"] else ""))
    return 0, rows


def reconcile(out, state):
    _needed(state)
    mine, theirs = books.of_state(state)
    matched, differences = books.compare(mine, theirs)
    for row in differences:
        out.say("differs: STAN %06d of %s: %s" % (row["stan"], row["field7"], row["why"]))
    out.say("%d payments agree, %d differ" % (matched, len(differences)))
    return (1 if differences else 0), {"matched": matched, "differences": differences}


def _money(minor):
    return "" if minor is None else amount.words(minor, 978)


def _needed(state):
    if not (state / "flash.bin").exists():
        raise NoState("no terminal in %s: make a payment first" % state)
