# test_transaction_table.py: the life of a payment beside a bank, in every order of messages, losses, lies, cuts and cancels: what was approved
# ends with one effect on both sides, everything else with none. Any row left out of the table, or led to a wrong end, is found.
import collections

import pytest

from till.money import transaction
from till.money.transaction import APPROVED, DECLINED, OPEN, OWED, REVERSAL_DUE, STEPS

DEPTH = 14                              # events in one order; the states themselves are searched to the last
Life = collections.namedtuple("Life", "terminal bank request answer reversal acknowledgement")       # what each believes, what is on its way
BEGIN = Life(OWED, "never seen", True, None, False, None)
HELD = ("approved", "partial")          # at the bank, money has moved


class Wrong(AssertionError):
    pass


def stepper(table):
    def step(state, what):
        for before, name, after in table:
            if (before, name) == (state, what):
                return after
        raise Wrong("no row for %r in state %r" % (what, transaction.WORDS[state]))
    return step


def at_the_bank(life):
    """The request arrives: one that was reversed before it came is declined."""
    life = life._replace(request=False)
    if life.bank == "forbidden":
        return [("arrives", life._replace(answer="declined"))]
    return [("arrives, " + how, life._replace(bank=how, answer=how)) for how in ("approved", "declined", "partial")]


def reversed_there(life):
    if life.bank in ("never seen", "forbidden"):
        return life._replace(reversal=False, bank="forbidden", acknowledgement="never_seen")
    return life._replace(reversal=False, bank="reversed", acknowledgement="reversed")


def events(life, step):
    """[(event, life after it)] of all that can happen now."""
    out, owed, due = [], life.terminal == OWED, life.terminal == REVERSAL_DUE
    if life.request:
        out += at_the_bank(life) + [("request is lost", life._replace(request=False))]
    if life.answer:
        out += [("answer is lost", life._replace(answer=None)),
                ("answer", life._replace(answer=None, terminal=step(OWED, life.answer) if owed else life.terminal))]
    if owed:
        out += [(what, life._replace(terminal=step(OWED, what))) for what in ("no_answer", "wrong_answer", "cancelled")]
    if life.terminal in OPEN:           # a cut takes the line with it; what the host was sent may still come there
        after = step(OWED, "restarted") if owed else life.terminal
        out.append(("power cut", life._replace(terminal=after, answer=None, acknowledgement=None)))
    if due and not life.reversal:
        out.append(("reversal is sent", life._replace(reversal=True)))
    if life.reversal:
        out += [("reversal arrives", reversed_there(life)), ("reversal is lost", life._replace(reversal=False))]
    if life.acknowledgement:
        out += [("acknowledgement is lost", life._replace(acknowledgement=None)),
                ("acknowledgement", life._replace(acknowledgement=None, terminal=step(REVERSAL_DUE, life.acknowledgement) if due else life.terminal))]
    return out


def at_the_end(life, step):
    """Everything that is on its way comes, and what is owed is paid."""
    while life.terminal in OPEN or life.request or life.reversal:
        if life.request:
            life = at_the_bank(life)[0][1]
        elif life.reversal:
            life = reversed_there(life)
        elif life.terminal == OWED:
            life = life._replace(terminal=step(OWED, life.answer or "no_answer"), answer=None)
        elif life.acknowledgement:
            life = life._replace(terminal=step(REVERSAL_DUE, life.acknowledgement), acknowledgement=None)
        else:
            life = life._replace(reversal=True)
    return life


def judge(life, step):
    end = at_the_end(life, step)
    here, there = transaction.effects(transaction.SALE, end.terminal), int(end.bank in HELD)
    if here != there:
        raise Wrong("%d effects at the terminal, %d at the bank: %r" % (here, there, end))
    if life.terminal == APPROVED and life.bank != "approved":       # a part is no approval of the whole
        raise Wrong("approved here, %s there" % life.bank)


def explore(table=STEPS, depth=DEPTH):
    """(states, orders of at most `depth` events). Raises Wrong."""
    step, found = stepper(table), {BEGIN}
    todo = [BEGIN]
    while todo:
        life = todo.pop()
        judge(life, step)
        for _event, after in events(life, step):
            if after not in found:
                found.add(after)
                todo.append(after)
    orders, level = 0, {BEGIN: 1}
    for _ in range(depth):
        following = collections.Counter()
        for life, ways in level.items():
            for _event, after in events(life, step):
                following[after] += ways
        orders, level = orders + sum(following.values()), following
    return len(found), orders


def test_every_order_of_events_ends_with_one_effect_or_none():
    states, orders = explore()
    print("%d states, %d orders of at most %d events" % (states, orders, DEPTH))
    assert states > 50 and orders > 1_000_000


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
