# cards.py: the wallet of the bench, as promises.
from microtill.bench.cards.wallet import Wallet


def cards(out):
    rows = Wallet(None).promises()
    for row in rows:
        about = row["about"] + (" (PIN %s)" % row["pin"] if "pin" in row else "")
        out.say("%-13s %-10s %-13s %-21s %s" % (row["name"], row["outcome"], row["reason"], row["screen"], about))
    return 0, rows
