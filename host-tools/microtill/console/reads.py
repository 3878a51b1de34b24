# reads.py: what both sides believe of a bench that runs, read from copies so that it need not wait. Raises terminal.NoAnswer where a copy of
# the flash does not start.
import functools

from microtill import books
from microtill.terminal import Service


@functools.lru_cache(maxsize=4)
def journal(flash):
    """The rows of the journal on this flash (bytes), read by a second terminal in service mode; cached by what the flash holds."""
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = flash
        service.start()
        return service.ask("journal")


@functools.cache
def rules():
    """The rule table of the terminal: the same for all."""
    with Service() as service:
        return service.ask("rules")


def both(journal_rows, theirs):
    """(rows of both books side by side, do they agree)."""
    mine = books.from_journal(journal_rows)
    _matched, differences = books.compare(mine, theirs)
    why = {(row["stan"], row["field7"]): row["why"] for row in differences}
    bank = {(int(row["stan"]), row["field7"]): row for row in theirs if row["kind"] in ("sale", "refund", "void")}
    till = {(row["stan"], row["field7"]): row for row in mine}
    keys = sorted(set(bank) | set(till), key=lambda key: (key[1], key[0]))
    return [{"stan": key[0], "field7": key[1], "kind": (till.get(key) or bank[key])["kind"], "at": _date(key[1]), "terminal": _side(till.get(key)),
             "bank": _side(bank.get(key)), "differs": why.get(key, "")} for key in keys], not differences


def _date(field7):
    """MMDDhhmmss as people read it."""
    return "%s-%s %s:%s:%s" % (field7[0:2], field7[2:4], field7[4:6], field7[6:8], field7[8:10]) if len(field7) == 10 else field7


def _side(row):
    if row is None:
        return None
    state = row.get("state")            # the terminal's own word; the bank's follows from its ledger
    if state is None:
        state = "reversed" if row["reversed"] else "approved" if row["response"] == "00" else "declined"
    return {"amount_minor": row["amount_minor"], "state": "voided" if row.get("voided") and state == "approved" else state, "effects": row["effects"]}
