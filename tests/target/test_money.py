# test_money.py: amounts, totals and the life of a payment: whole minor units, no cent lost, unknown is not declined.
from check import Numbers, raises

from till.core.errors import Malformed
from till.money import amount, totals, transaction


def test_an_amount_reads_as_it_was_written():
    for text, decimals, minor in (("12.50", 2, 1250), ("12", 2, 1200), ("0.01", 2, 1), ("1250", 0, 1250), ("1.250", 3, 1250)):
        assert amount.parse(text, decimals) == minor
    assert amount.words(1250, 978) == "12.50 EUR"
    assert amount.words(1250, 392) == "1250 JPY"
    assert amount.words(5, 414) == "0.005 KWD"


def test_what_is_no_amount_is_refused():
    for text in ("", "12.5", "12.500", "-1.00", "0.00", "1e3", ".50", "12.", "10000000000.00", "\u0661"):
        assert raises(Malformed, amount.parse, text, 2).args[0] == "amount"


def test_the_largest_amount_of_field_4_is_exact():
    assert amount.digits(amount.parse("9999999999.99", 2), 2) == "9999999999.99"


def test_a_day_of_sales_adds_up_to_the_cent():
    numbers, sums, sold = Numbers(17), totals.nothing(), 0
    for _ in range(200):
        minor = 1 + numbers.below(100000)
        totals.add(sums, transaction.SALE, minor, 20458)
        sold += minor
    totals.add(sums, transaction.REFUND, 700, 20458)
    shift = totals.of(sums, totals.SHIFT)
    assert (shift["sale_count"], shift["sale_minor"], shift["refund_minor"]) == (200, sold, 700)
    assert sums["day_minor"] == sold
    assert totals.net_minor(shift) == sold - 700


def test_a_closing_ends_its_own_period_alone():
    sums = totals.nothing()
    totals.add(sums, transaction.SALE, 1250, 20458)
    totals.close(sums, totals.SHIFT, 1)
    assert totals.of(sums, totals.SHIFT)["sale_count"] == 0
    assert totals.of(sums, totals.BATCH)["sale_minor"] == 1250
    assert (sums[totals.SHIFT], sums[totals.BATCH]) == (2, 1)


def test_a_new_day_begins_with_nothing_sold():
    sums = totals.nothing()
    totals.add(sums, transaction.SALE, 1250, 20458)
    assert totals.on_day(sums, 20459)["day_minor"] == 0
    assert totals.on_day(sums, 20458)["day_minor"] == 1250


def test_no_answer_owes_a_reversal_and_is_not_a_no():
    state = transaction.step(transaction.OWED, "no_answer")
    assert state == transaction.REVERSAL_DUE
    assert transaction.step(state, "never_seen") == transaction.REVERSED
    assert raises(transaction.BadStep, transaction.step, transaction.APPROVED, "declined").code == "M01"


def test_money_moves_once_for_a_sale_that_was_approved():
    for _before, _what, state in transaction.STEPS:
        assert transaction.effects(transaction.SALE, state) == (1 if state == transaction.APPROVED else 0)
