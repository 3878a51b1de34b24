# audit.py: an auditor who shares no code with terminal, bank or bench: journal as JSON lines and the bank's SQLite file in, what does not agree out.
# Standard library alone. Run as a script: audit.py JOURNAL.jsonl BANK.sqlite; ends 1 where the books differ by a cent.
import json
import sqlite3
import sys

APPROVED, OPEN = 2, (1, 4)              # states of an outcome record
KINDS = {1: "sale", 2: "void", 3: "refund"}


def terminal_books(lines):
    """{(STAN, field 7): [kind, minor units, state]} from the journal's records, in order of their numbers."""
    rows = sorted({row["number"]: row for row in map(json.loads, lines)}.values(), key=lambda row: row["number"])
    payments, newest = {}, {}
    for row in rows:
        if row["record"] == "owed":
            newest[row["stan"]] = key = (row["stan"], row["field7"])
            payments[key] = [KINDS[row["kind"]], row["amount_minor"], 1]
        elif row["record"] == "outcome" and row["stan"] in newest:
            payments[newest[row["stan"]]][2] = row["state"]
    return payments


def bank_books(path):
    """{(STAN, field 7): [kind, minor units, does it stand?]} of sales, voids and refunds."""
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as bank:
        found = bank.execute("SELECT stan, sent, kind, amount, response = '00' AND NOT reversed FROM entries "
                             "WHERE kind IN ('sale', 'void', 'refund')").fetchall()
        return {(int(stan), sent): [kind, amount, bool(stands)] for stan, sent, kind, amount, stands in found}


def audit(lines, path):
    """{"payments", "approved", "minor" {kind: units}, "open", "differences" [words]}."""
    mine, theirs, wrong, sums = terminal_books(lines), bank_books(path), [], {}
    for key in sorted(set(mine) | set(theirs)):
        kind, minor, state = mine.get(key, [None, 0, None])
        their_kind, their_minor, stands = theirs.get(key, [None, 0, False])
        if (state == APPROVED) != stands:
            wrong.append("STAN %06d %s: approved here %s, there %s" % (*key, state == APPROVED, stands))
        elif stands and (kind, minor) != (their_kind, their_minor):
            wrong.append("STAN %06d %s: %s of %d here, %s of %d there" % (*key, kind, minor, their_kind, their_minor))
        if stands:
            sums[their_kind] = sums.get(their_kind, 0) + minor
    return {"payments": len(mine), "approved": sum(state == APPROVED for _kind, _minor, state in mine.values()), "minor": sums,
            "open": sum(state in OPEN for _kind, _minor, state in mine.values()), "differences": wrong}


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        told = audit(file, sys.argv[2])
    print(json.dumps(told))
    sys.exit(1 if told["differences"] or told["open"] else 0)
