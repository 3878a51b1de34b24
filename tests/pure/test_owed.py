# test_owed.py: what is owed, beside a naive list: the same oldest one, the same count and sum after any order of turns; and no walk gets longer.
from hypothesis import given
from hypothesis import strategies as st

from till.money import transaction
from till.money.owed import Open, Owed
from till.money.transaction import APPROVED, DECLINED, OWED, REVERSAL_DUE, REVERSED

TURNS = {OWED: (APPROVED, DECLINED, REVERSAL_DUE), REVERSAL_DUE: (REVERSED, REVERSAL_DUE)}


def payment(stan, minor=100):
    return Open(stan, transaction.SALE, minor, 1_000 + stan, "1.%d" % stan, 1, 32)


@given(turns=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(1, 1 << 30)), max_size=60))
def test_it_is_what_a_list_would_be(turns):
    owed, naive = Owed(), []
    for which, how, minor in turns:
        if which >= len(naive):
            each = payment(naive[-1][0] + 1 if naive else 1, minor)
            owed.add(each)
            naive.append([each.stan, OWED, minor])
        else:
            each = naive[which]
            each[1] = TURNS[each[1]][how % len(TURNS[each[1]])]
            owed.move(each[0], each[1])
            naive = [one for one in naive if one[1] in transaction.OPEN]
        due = [one for one in naive if one[1] == REVERSAL_DUE]
        assert owed.stans() == [one[0] for one in naive]
        assert (owed.next().stan if owed.next() else None) == (due[0][0] if due else None)
        assert (owed.count, owed.minor) == (len(due), sum(one[2] for one in due))


def test_the_next_is_at_hand_however_many_wait():
    """Counted, not timed: one look at the front of the list for each of 300 debts, whatever stands behind it."""
    owed = Owed()
    for stan in range(1, 301):
        owed.add(payment(stan))
        owed.move(stan, REVERSAL_DUE)
    for stan in range(1, 301):
        assert owed.next() is owed.first and owed.first.stan == stan
        owed.move(stan, REVERSED)
    assert owed.next() is None and owed.first is None and owed.count == owed.minor == 0
