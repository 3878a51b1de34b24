# reads.py: what both sides believe of a bench that runs, read from copies so that it need not wait. Raises terminal.NoAnswer where a copy of
# the flash does not start.
import functools

from microtill import books
from microtill.device_source import amount, settings
from microtill.terminal import Service

_USUAL = next(row[4] for row in settings.SCHEMA if row[:2] == ("shop", "currency"))


@functools.lru_cache(maxsize=4)
def _kept(flash, key):
    """(the rows of the journal, the owner's settings) on this flash (bytes), read by a second terminal in service mode; cached by what the
    flash holds. `key`: the bench's, of its admin line."""
    service = Service(None)
    service.bench.flash.data[:], service.bench.console.key = flash, key
    with service:
        return service.ask("journal"), service.ask("settings")[0]["owner"]


def journal(flash, key=None):
    """The rows of the journal on this flash (bytes)."""
    return _kept(flash, key)[0]


def currency(flash, key=None):
    """(code, digits after the point) of the currency that this flash's settings name: ("EUR", 2)."""
    name = _kept(flash, key)[1].get("shop", {}).get("currency", _USUAL)
    return amount.CURRENCIES[settings.CURRENCIES[name]]


@functools.cache
def rules():
    """The rule table of the terminal: the same for all."""
    with Service() as service:
        return service.ask("rules")


def both(flash, theirs, key=None):
    """What GET /books says: both books side by side, do they agree, and the currency in force. Amounts stay in minor units: each row says of
    which currency, and how many of their digits stand after the point."""
    mine, usual = books.from_journal(journal(flash, key)), currency(flash, key)
    _matched, differences = books.compare(mine, theirs)
    why = {(row["stan"], row["field7"]): row["why"] for row in differences}
    bank = {(int(row["stan"]), row["field7"]): row for row in theirs if row["kind"] in ("sale", "refund", "void")}
    till = {(row["stan"], row["field7"]): row for row in mine}
    rows = []
    for key in sorted(set(bank) | set(till), key=lambda key: (key[1], key[0])):
        one = till.get(key) or bank[key]
        code, exponent = _money(one["currency"], usual)
        rows.append({"stan": key[0], "field7": key[1], "kind": one["kind"], "at": _date(key[1]), "currency": code, "exponent": exponent,
                     "terminal": _side(till.get(key)), "bank": _side(bank.get(key)), "differs": why.get(key, "")})
    return {"rows": rows, "agree": not differences, "currency": usual[0], "exponent": usual[1]}


def _money(number, usual):
    """(code, digits after the point) of an ISO 4217 number as a book holds it: 978, "978"; `usual` where it is none that we know."""
    text = str(number)
    return amount.CURRENCIES.get(int(text), usual) if text.isascii() and text.isdigit() else usual


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
