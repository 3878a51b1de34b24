# table.py: the life of a payment beside a bank, in every order of messages, losses, lies, cuts and cancels: what was approved ends with one effect
# on both sides, everything else with none. A module to run: python -m microtill.torture.table says how much it covered; ends 1 where a life ends
# wrongly, or where a row of the table could be left out and nobody would notice.
import collections
import sys

from microtill.device_source import transaction

APPROVED, OPEN, OWED, REVERSAL_DUE, STEPS = (getattr(transaction, name) for name in ("APPROVED", "OPEN", "OWED", "REVERSAL_DUE", "STEPS"))

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


def not_needed(table=STEPS):
    """Rows that could be left out without a life that ends wrongly: none, in a table that is as short as it can be."""
    out = []
    for row in table:
        try:
            explore(tuple(each for each in table if each != row), 0)
            out.append(row)
        except Wrong:
            pass
    return out


def main():
    try:
        states, orders = explore()
    except Wrong as wrong:
        print(wrong)
        return 1
    print("%d states, %d orders of at most %d events: each ends with one effect or none" % (states, orders, DEPTH))
    spare = not_needed()
    for state, what, _after in spare:
        print("nobody would miss the row %s, %s" % (transaction.WORDS[state], what))
    print("%d of %d rows would be missed" % (len(STEPS) - len(spare), len(STEPS)))
    return 1 if spare else 0


if __name__ == "__main__":
    sys.exit(main())
