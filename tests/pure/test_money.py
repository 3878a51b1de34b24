# test_money.py: amounts without floats, and the life of a payment: by every order of events, what was approved has one effect, all else none.
import itertools

import pytest
from hypothesis import given
from hypothesis.strategies import integers, sampled_from, text

from till.core.errors import Malformed
from till.money import amount, transaction


@given(minor=integers(1, amount.MOST_MINOR), currency=sampled_from(sorted(amount.CURRENCIES)))
def test_an_amount_reads_back_as_it_was(minor, currency):
    name, decimals = amount.CURRENCIES[currency]
    assert amount.parse(amount.words(minor, currency)[:-len(name) - 1], decimals) == minor


@given(words=text(max_size=20), decimals=integers(0, 3))
def test_what_is_no_amount_is_malformed(words, decimals):
    try:
        minor = amount.parse(words, decimals)
    except Malformed:
        return
    assert 0 < minor <= amount.MOST_MINOR


@pytest.mark.parametrize("words", ["", "0", "0.00", "-1", "1.2", "1.234", "1,00", "1e3", " 1.00", "12.", ".50", "9999999999999"])
def test_these_are_no_amounts_in_euro(words):
    with pytest.raises(Malformed):
        amount.parse(words, 2)


EVENTS = sorted({what for _, what, _ in transaction.STEPS})


def test_every_order_of_events_leaves_one_effect_or_none():
    """Exhaustive to five events: a move is in the table or refused; from a final state nothing moves; approved alone has an effect."""
    seen = 0
    for order in itertools.product(EVENTS, repeat=5):
        state, approved = transaction.OWED, False
        for what in order:
            try:
                state = transaction.step(state, what)
            except transaction.BadStep:
                continue
            approved = approved or what == "approved"
        assert transaction.effects(transaction.SALE, state) == (1 if approved else 0)
        assert not (approved and state != transaction.APPROVED)
        seen += 1
    assert seen == len(EVENTS) ** 5


def test_what_is_unknown_owes_a_reversal_and_nothing_else_ends_it():
    for what in ("no_answer", "wrong_answer", "partial", "restarted", "cancelled"):
        assert transaction.step(transaction.OWED, what) == transaction.REVERSAL_DUE
    ends = {what for before, what, _ in transaction.STEPS if before == transaction.REVERSAL_DUE}
    assert ends == {"reversed", "never_seen"}


def test_from_an_end_nothing_moves():
    for state in (transaction.APPROVED, transaction.DECLINED, transaction.REVERSED):
        for what in EVENTS:
            with pytest.raises(transaction.BadStep):
                transaction.step(state, what)


def test_a_void_moves_no_money_of_its_own():
    assert transaction.effects(transaction.VOID, transaction.APPROVED) == 0
    assert transaction.effects(transaction.REFUND, transaction.APPROVED) == 1
