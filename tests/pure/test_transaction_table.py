# test_transaction_table.py: torture/table.py finds every row that is left out of the table of a payment's life, or led to a wrong end; and what
# the docs say that it covers is what it covers.
import pytest

from microtill.bench.firmware import ROOT
from microtill.torture import table
from microtill.torture.table import APPROVED, DEPTH, OPEN, REVERSAL_DUE, STEPS, Wrong, explore
from till.money import transaction
from till.money.transaction import DECLINED


def test_every_order_of_events_ends_with_one_effect_or_none():
    states, orders = explore()
    print("%d states, %d orders of at most %d events" % (states, orders, DEPTH))
    assert states > 50 and orders > 1_000_000
    assert "%d states, %d orders of at most %d events" % (states, orders, DEPTH) in (ROOT / "docs/torture.md").read_text()


def test_it_can_be_run_and_says_what_it_covered(capsys, monkeypatch):
    assert table.main() == 0
    assert "%d of %d rows would be missed" % (len(STEPS), len(STEPS)) in capsys.readouterr().out
    monkeypatch.setattr(table, "explore", lambda *a: (_ for _ in ()).throw(Wrong("a life that ends wrongly")))
    assert table.main() == 1 and "a life that ends wrongly" in capsys.readouterr().out


@pytest.mark.parametrize("row", STEPS, ids=lambda row: "%s-%s" % (transaction.WORDS[row[0]], row[1]))
def test_no_row_can_be_left_out(row):
    with pytest.raises(Wrong):
        explore(tuple(each for each in STEPS if each != row))


@pytest.mark.parametrize("row", [row for row in STEPS if row[2] != APPROVED], ids=lambda row: "%s-%s" % (transaction.WORDS[row[0]], row[1]))
def test_nothing_else_may_lead_to_approved(row):
    with pytest.raises(Wrong):
        explore(tuple((*each[:2], APPROVED) if each == row else each for each in STEPS))


@pytest.mark.parametrize("row", [row for row in STEPS if row[2] == REVERSAL_DUE], ids=lambda row: row[1])
def test_unknown_may_not_be_taken_for_declined(row):
    with pytest.raises(Wrong):
        explore(tuple((*each[:2], DECLINED) if each == row else each for each in STEPS))


def test_a_payment_that_has_ended_never_moves_again():
    for state in set(transaction.WORDS) - set(OPEN):
        for what in {row[1] for row in STEPS}:
            with pytest.raises(transaction.BadStep):
                transaction.step(state, what)
