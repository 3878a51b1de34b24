# test_velocity.py: how often and how much of late: as by counting all that ever was, for any payments, moments and windows, and reading no more than
# the sectors that may hold one; and a clock that was set back gives itself away after any restart.
import pytest
import test_totals
from hypothesis import given, settings
from hypothesis import strategies as st

from till.core import clock
from till.money import transaction, velocity
from till.triggers import guards
from till.wire import records

HOUR_S = 3_600
SECTORS = 8


@pytest.fixture(autouse=True, scope="module")
def a_clock_in_our_hands():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "unix", lambda: test_totals.NOW[0])
        yield


PAYMENTS = st.lists(st.tuples(st.integers(-7_300, 60) | st.sampled_from((-HOUR_S, 1 - HOUR_S)), st.sampled_from((100, 250, 999)),
                              st.sampled_from("abc"), st.sampled_from((1, 2, 3))), max_size=20)


@given(PAYMENTS, st.sampled_from((100, 250)), st.integers(1, 7_200))
def test_the_counts_are_those_of_a_person_with_a_pencil(made, minor, same_s):
    now = 1_800_000_000
    payments = [{"unix": now + at, "amount_minor": amount, "account": account, "kind": kind} for at, amount, account, kind in made]
    sales = [row for row in payments if row["kind"] == transaction.SALE]
    hour = [row["amount_minor"] for row in sales if row["unix"] > now - HOUR_S]
    same = [row for row in sales if row["amount_minor"] == minor and row["unix"] > now - same_s]
    assert velocity.recent(iter(payments), now, minor, same_s) == (len(hour), sum(hour), len(same))
    mine = [row for row in sales if row["account"] == "a" and row["unix"] > now - same_s]
    assert velocity.of_card(iter(payments), now, "a", same_s) == len(mine)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 900), min_size=40, max_size=80), st.integers(0, 30_000))
def test_what_was_since_a_moment_is_found_whole_and_as_a_restart_finds_it(pauses, back_s):
    shop = test_totals.Shop(SECTORS)
    for pause in pauses:
        test_totals.NOW[0] += pause
        shop.pay(minor=100 + pause)
    since = test_totals.NOW[0] - back_s
    held = [records.decode(kind, payload) for _sequence, _number, kind, payload in shop.ring.records() if kind == records.PAYMENT]
    wanted = [values["stan"] for values in held if values["unix"] >= since]
    assert [values["stan"] for values in shop.ledger.since(since) if values] == wanted
    shop.mount()
    assert [values["stan"] for values in shop.ledger.since(since) if values] == wanted and shop.ledger.newest == test_totals.NOW[0]


def test_a_short_time_reads_two_sectors_however_long_the_journal_is():
    shop = test_totals.Shop(64)
    for _ in range(300):
        test_totals.NOW[0] += 60
        shop.pay()
    assert shop.ring.sequence > 15
    seen, records_of = [], shop.ring.records
    shop.ring.records = lambda *where: (seen.append(row[0]) or row for row in records_of(*where))
    assert len(list(filter(None, shop.ledger.since(test_totals.NOW[0] - 300)))) == 6
    assert len(set(seen)) <= 3


def test_the_newest_moment_is_kept_while_the_clock_is_behind_and_reckoned_anew_when_a_person_says_so():
    shop = test_totals.Shop(SECTORS)
    shop.pay()
    newest = test_totals.NOW[0]
    shop.mount()
    test_totals.NOW[0] -= 86_400
    shop.ledger.started(2, "again")
    assert shop.ledger.newest == newest
    shop.ledger.reckon()
    shop.mount()
    assert shop.ledger.newest == newest - 86_400


class Facts:
    """What the guards of velocity look at."""

    def __init__(self, recent=(0, 0, 0), card_count=0, amount_minor=100, **wanted):
        self.recent, self.card_count, self.amount_minor = recent, card_count, amount_minor
        self.velocity = {"hour_count": 0, "hour_sum": 0, "same_count": 0, "card_count": 0, **wanted}


@pytest.mark.parametrize("guard, facts, reason", [
    (guards.hourly, Facts((99, 10**8, 99)), None), (guards.hourly, Facts((2, 0, 0), hour_count=3), None),
    (guards.hourly, Facts((3, 0, 0), hour_count=3), "L06"), (guards.hourly, Facts((1, 900, 0), hour_sum=1000), None),
    (guards.hourly, Facts((1, 901, 0), hour_sum=1000), "L07"), (guards.same_again, Facts((9, 9, 9)), None),
    (guards.same_again, Facts((9, 9, 1), same_count=2), None), (guards.same_again, Facts((9, 9, 2), same_count=2), "L08"),
    (guards.card_again, Facts(card_count=9), None),
])
def test_each_bound_lets_so_many_pass_and_no_more(guard, facts, reason):
    assert guard(facts, None) == reason


@pytest.mark.parametrize("used, reason", [(0, None), (1, None), (2, "L09")])
def test_a_card_may_be_used_so_often(used, reason):
    facts = Facts(card_count=used)
    facts.velocity["card_count"] = 2
    assert guards.card_again(facts, None) == reason
