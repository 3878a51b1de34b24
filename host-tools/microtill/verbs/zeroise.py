# zeroise.py: `microtill zeroise`: every key of one terminal is destroyed, for good. Ends 1 where it refuses: another serial, or something still owed.
from pathlib import Path

from microtill import books
from microtill.device_source import transaction
from microtill.terminal import Service
from microtill.verbs.books import needed


_OPEN = tuple(transaction.WORDS[state] for state in transaction.OPEN)


class Owes(Exception):
    """Without its keys a terminal can pay no debt: let it come to rest first, or settle the debt by hand."""
    code = "K13"


def zeroise(out, state, serial, even_if_owing):
    needed(Path(state))
    with Service(state, keep=True) as service:
        owed = [row for row in books.from_journal(service.ask("journal")) if row["state"] in _OPEN]
        if owed and not even_if_owing:
            raise Owes("payment %d is %s: let it come to rest at its bank, or give --even-if-owing" % (owed[0]["stan"], owed[0]["state"]))
        service.ask("zeroise", serial=serial)
        blank = not service.ask("identity")[0]["keyed"]
    out.say("terminal %s has no key any more%s" % (serial, "; %d payments of its journal are open for ever" % len(owed) if owed else ""))
    return (0 if blank else 1), {"serial": serial, "blank": blank, "open": [row["stan"] for row in owed]}
