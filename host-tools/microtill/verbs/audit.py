# audit.py: `microtill audit verify`: the terminal's record of who did what to it, each line proven. Ends 1 where one is missing, altered or moved.
import datetime
from pathlib import Path

from microtill.terminal import Service
from microtill.verbs.books import needed


def verify(out, state):
    needed(Path(state))
    with Service(state) as service:
        rows = service.ask("audit")
    records, broken = [row for row in rows if row["kind"] != "altered"], [row for row in rows if row["kind"] == "altered"]
    for row in records:
        at = datetime.datetime.fromtimestamp(row["at"], datetime.UTC)
        out.say("%5d  %s  %-8s %s" % (row["number"], at.isoformat(sep=" ", timespec="seconds")[:19], row["kind"], row["words"]))
    for row in broken:
        out.say("K12 from record %d on, %d %s missing, altered or out of order" % (row["number"], row["count"], "is" if row["count"] == 1 else "are"))
    if not broken:
        out.say("%d records, each whole and after the one before it" % len(records))
    return (1 if broken else 0), {"records": len(records), "broken": [row["number"] for row in broken], "rows": records}
