# velocity.py: how often, and how much, of late [pure]: from payments on record, one after another, so that no list of them is held. A payment counts
# once the bank was asked, whatever came of it: who tries out cards is declined most of the time. Cannot fail.
from till.money import transaction

HOUR_S = 3_600


def recent(payments, now, minor, same_s):
    """(payments of the hour before `now`, their minor units, payments of exactly `minor` within `same_s`): sales alone. `payments` as
    records.PAYMENT; one whose time is yet to come counts too, since somebody may have set the clock back."""
    counts = [0, 0, 0]
    for payment in payments:
        count(counts, payment, now, minor, same_s)
    return tuple(counts)


def count(counts, payment, now, minor, same_s):
    """One payment more in `counts`, which `recent` gives."""
    if payment["kind"] != transaction.SALE:
        return
    age_s = now - payment["unix"]
    if age_s < HOUR_S:
        counts[0] += 1
        counts[1] += payment["amount_minor"]
    if age_s < same_s and payment["amount_minor"] == minor:
        counts[2] += 1


def of_card(payments, now, account, within_s):
    """Sales of one account (its hash) within that time."""
    return sum(is_of_card(payment, now, account, within_s) for payment in payments)


def is_of_card(payment, now, account, within_s):
    return payment["kind"] == transaction.SALE and payment["account"] == account and now - payment["unix"] < within_s
