# totals.py: what a shift, a batch and a day add up to [pure]. An approved payment adds once; a closing sets its period to nothing. Cannot fail.
from till.money import amount, transaction
from till.wire import records

SHIFT, BATCH = "shift", "batch"             # a shift ends with a Z report, a batch when the bank has settled it
CLOSES = {"z": SHIFT, "settled": BATCH}     # what a CLOSING record says -> the period that it ends
_LAST_NUMBER = 999_999                      # six digits, on paper and in field 60; 1 follows
_KINDS = ((transaction.SALE, "sale"), (transaction.REFUND, "refund"), (transaction.VOID, "void"))
_DAY_S = 86_400


def nothing():
    """The sums of a terminal that has never sold: records.SUMS without its time."""
    sums = {name: 0 for name in records.SUM_NAMES}
    sums.update({"day": 0, "day_minor": 0, SHIFT: 1, BATCH: 1})
    return sums


def day_of(unix, offset_min):
    """The local day number of a time in Unix seconds, `offset_min` minutes east of UTC."""
    return (unix + offset_min * 60) // _DAY_S


def add(sums, kind, minor, day):
    """One approved payment (transaction.SALE, VOID or REFUND). Sales alone count for the day: what is given back makes no room again."""
    for number, word in _KINDS:
        if number == kind:
            for period in (SHIFT, BATCH):
                sums["%s_%s_count" % (period, word)] += 1
                sums["%s_%s_minor" % (period, word)] += minor
    if sums["day"] != day:
        sums["day"], sums["day_minor"] = day, 0
    if kind == transaction.SALE:
        sums["day_minor"] += minor


def on_day(sums, day):
    """The sums as they stand on `day`: the same dict, or one with nothing sold that day yet."""
    if sums["day"] == day:
        return sums
    today = dict(sums)
    today["day"], today["day_minor"] = day, 0
    return today


def close(sums, period, number):
    """Nothing in the period any more; the one after `number` begins."""
    sums[period] = number % _LAST_NUMBER + 1
    for name in records.SUM_NAMES:
        if name.startswith(period + "_"):
            sums[name] = 0


def of(sums, period):
    """One period as {"sale_count", "sale_minor", "refund_count" ...}, the names of a CLOSING record."""
    return {name[len(period) + 1:]: sums[name] for name in records.SUM_NAMES if name.startswith(period + "_")}


def net_minor(values):
    """What the shop is owed for `of`: sales less refunds less voids, in minor units; below zero where it owes."""
    return values["sale_minor"] - values["refund_minor"] - values["void_minor"]


def words(minor, currency):
    """-1250, 978 -> "-12.50 EUR"."""
    return ("-" if minor < 0 else "") + amount.words(abs(minor), currency)
