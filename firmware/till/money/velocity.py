# velocity.py: how often, and how much, of late [pure]: from payments on record, one after another, so that no list of them is held. A payment counts
# once the bank was asked, whatever came of it: who tries out cards is declined most of the time. Cannot fail.
from till.money import transaction

HOUR_S = 3_600


def recent(payments, now, minor, same_s):
    """(payments of the hour before `now`, their minor units, payments of exactly `minor` within `same_s`): sales alone. `payments` as
    records.PAYMENT; one whose time is yet to come counts too, since somebody may have set the clock back."""
    count = total = same = 0
    for payment in payments:
        if payment["kind"] != transaction.SALE:
            continue
        age_s = now - payment["unix"]
        if age_s < HOUR_S:
            count, total = count + 1, total + payment["amount_minor"]
        if age_s < same_s and payment["amount_minor"] == minor:
            same += 1
    return count, total, same


def of_card(payments, now, account, within_s):
    """Sales of one account (its hash) within that time."""
    return sum(1 for payment in payments
               if payment["kind"] == transaction.SALE and payment["account"] == account and now - payment["unix"] < within_s)
