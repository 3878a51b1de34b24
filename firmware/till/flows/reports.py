# reports.py: sums on paper, shared by the X and Z reports and by settlement. What did not come out is told; the figures stay on record.
from till.core import clock, log
from till.flows import common
from till.money import totals
from till.ui import receipt

_LINES = (("sales", "sale"), ("refunds", "refund"), ("voids", "void"))


def pairs(words, period, number, values, currency):
    """[(label, value)] of one period's sums (totals.of): its number, how many and how much of each kind, and the total."""
    def say(name):
        return words.of("PAPER", name)
    out = [(say(period), "%06d" % number)]
    for label, kind in _LINES:
        out.append((say(label), "%d  %s" % (values[kind + "_count"], totals.words(values[kind + "_minor"], currency))))
    out.append((say("net"), totals.words(totals.net_minor(values), currency)))
    return out


async def report(till, session, title, period, number, values, notes=()):
    """Print the sums under a title (a name in PAPER). Returns "printed", or why it is not known to be."""
    shop = till.parameters["shop"]
    lines = pairs(till.words, period, number, values, till.parameters["currency"])
    result = await common.on_paper(till, session, receipt.report(
        till.words.of("PAPER", title), lines, shop, till.words, clock.unix(), shop["offset_min"], till.vault.label(), notes))
    log.event("paper", session.id, title, result)
    return result


async def shift(till, session, title, number, values):
    """The X or Z report: a screen while it prints, and a moment after."""
    name = till.words.of("PAPER", title)
    till.show("report", name)
    result = await report(till, session, title, totals.SHIFT, number, values)
    await common.ended(till, session, "report", (name,), result)
