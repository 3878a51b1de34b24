# transaction.py: the life of a payment as a table [pure]. Unknown is not declined: it owes a reversal. Raises BadStep for a move not in it.
from till.core.errors import TillError

OWED, APPROVED, DECLINED, REVERSAL_DUE, REVERSED = 1, 2, 3, 4, 5
WORDS = {OWED: "owed", APPROVED: "approved", DECLINED: "declined", REVERSAL_DUE: "reversal due", REVERSED: "reversed"}
SALE, VOID, REFUND = 1, 2, 3
KINDS = {SALE: "sale", VOID: "void", REFUND: "refund"}

STEPS = (
    # from, what happened, to
    (OWED, "approved", APPROVED),
    (OWED, "declined", DECLINED),
    (OWED, "no_answer", REVERSAL_DUE),          # unknown is not declined
    (OWED, "wrong_answer", REVERSAL_DUE),       # an answer that we may not believe is no answer
    (OWED, "partial", REVERSAL_DUE),            # 39 = 10, where no parameter allows it
    (OWED, "restarted", REVERSAL_DUE),          # the power went between the question and the answer
    (OWED, "cancelled", REVERSAL_DUE),          # a person cancelled while the bank was asked
    (REVERSAL_DUE, "reversed", REVERSED),       # 00: the bank had it, and has undone it
    (REVERSAL_DUE, "never_seen", REVERSED),     # 25: the bank never saw it, and will decline it
)
OPEN = (OWED, REVERSAL_DUE)


class BadStep(TillError):
    code = "M01"


def step(state, what):
    """The state after `what` happened in `state`."""
    for before, name, after in STEPS:
        if before == state and name == what:
            return after
    raise BadStep(what)


def effects(kind, state):
    """How many times money moved: an approved sale once, everything else not at all (a refund is a payment of its own kind)."""
    return 1 if state == APPROVED and kind in (SALE, REFUND) else 0
