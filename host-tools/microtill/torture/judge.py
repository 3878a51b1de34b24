# judge.py: what must be true once all is quiet: both books, paper, display, sums, accounts. Each rule is a function that gives words for what
# is not so, and none where it is. Sums are recounted here from the records, one by one, by nobody's code but this.
import re

from microtill import books
from microtill.torture import journal
from microtill.torture.people import BAD, GOOD

# What the bank may refuse an honest terminal, whatever was cut; any other refusal means that the terminal sent what it never should.
MAY_REFUSE = ("never seen", "reversed before it came", "no funds")
_SPOILED = ("totals differ", "not so in the batch")
_ON_PAPER = (("BEING REVERSED", ("reversed",)), ("REVERSED", ("reversed",)), ("APPROVED", ("approved",)), ("DECLINED", ("declined",)),
             ("OUTCOME UNKNOWN", ("reversed",)))
_STAN = re.compile(r"^STAN +(\d{6})$", re.M)
_KINDS = ("sale", "refund", "void")


class Evidence:
    """All that there is to look at after a scene."""

    def __init__(self, scene):
        self.scene, self.bench = scene, scene.bench
        self.rows = journal.rows(scene.bench.flash.data)
        self.mine = books.from_journal(self.rows)
        self.theirs = scene.bench.bank.records()
        self.new = [row for row in self.mine[:scene.errand_ends] if (row["stan"], row["field7"]) not in scene.before]
        self.papers = [paper.text for paper in scene.bench.printer.receipts[scene.papers:]]


def same_books(seen):
    _matched, differences = books.compare(seen.mine, seen.theirs)
    return ["the books differ: %s, STAN %06d" % (row["why"], row["stan"]) for row in differences]


def nothing_open(seen):
    return ["still open: STAN %06d is %s" % (row["stan"], row["state"]) for row in seen.mine if row["state"] in ("owed", "reversal due")]


def nothing_altered(seen):
    """Nobody touched the journal: whatever was torn, no record may be called altered."""
    return ["record %d is called altered" % row["number"] for row in books.altered(seen.rows)]


def nothing_died(seen):
    tasks = ["a task of the firmware died: %s" % row["code"] for row in seen.bench.story.rows if row["kind"] == "died"]
    return tasks + (["the firmware ended by itself"] if seen.scene.deaths else [])


def life_went_on(seen):
    """After a cut the next customer pays, and no number comes twice."""
    stans = [row["stan"] for row in seen.mine] + [row["reversal_stan"] for row in seen.rows if row["record"] == "reversal"]
    wrong = ["a STAN was used twice"] if len(set(stans)) < len(stans) else []
    if seen.scene.next and "approved" not in seen.scene.next.said:
        wrong.append("the next customer could not pay: %s" % seen.scene.next.said[-1])
    return wrong


def one_at_most(seen):
    approved = [row for row in seen.new if row["state"] == "approved"]
    return ["%d approvals for one errand" % len(approved)] if len(approved) > 1 else []


def display_was_true(seen):
    """What somebody has read is what happened: approved once, or nothing."""
    said, approved = seen.scene.person.said, any(row["state"] == "approved" for row in seen.new)
    if seen.scene.flow.settles:
        return [] if "settled" not in said or any(row["record"] == "closing" for row in seen.rows) else ["Settled was read, nothing is closed"]
    good, bad = any(name in GOOD for name in said), any(name in BAD for name in said)
    if good and not approved:
        return ["it was read as approved, and no money moved"]
    return ["it was read as refused, and money moved"] if bad and not good and approved else []


def paper_was_true(seen):
    states = {row["stan"]: row["state"] for row in seen.mine}
    wrong = []
    for text in seen.papers:
        stan = _STAN.search(text)
        for words, fits in _ON_PAPER:
            if stan and words in text:
                if states.get(int(stan[1])) not in fits:
                    wrong.append("paper says %s for STAN %s, on record it is %s" % (words.lower(), stan[1], states.get(int(stan[1]))))
                break
    return wrong


def bank_had_no_reason(seen):
    may = MAY_REFUSE + (_SPOILED if seen.scene.flow.spoiled else ())
    return ["the bank had to refuse: %s" % why for why in seen.bench.bank.refusals if why not in may]


def accounts_add_up(seen):
    """Each account lost what stands on it since the errand began, to the cent."""
    moved, before = {}, {"%06d" % stan: field7 for stan, field7 in seen.scene.before}
    by_id = {(row["stan"], row["field7"]): row for row in seen.theirs}
    for row in seen.theirs:
        if row["kind"] not in _KINDS or row["response"] != "00" or row["reversed"] or before.get(row["stan"]) == row["field7"]:
            continue
        sign = 1 if row["kind"] == "sale" else -1
        moved[row["account"]] = moved.get(row["account"], 0) + sign * row["amount_minor"]
    accounts = {row["account"]: None for row in by_id.values() if row["account"]}
    wrong, bank = [], seen.bench.bank
    for name, had in seen.scene.balances.items():
        account = bank._accounts.of(name)
        if account in accounts and had - bank.balance_minor(name) != moved.get(account, 0):
            wrong.append("an account lost %d, not %d" % (had - bank.balance_minor(name), moved.get(account, 0)))
    return wrong


def recount(rows):
    """([(batch number, sums)] of what was closed as it adds up record by record, sums of what is open): naive, in order."""
    owed, open_sums, closed = {}, dict.fromkeys(_KINDS, (0, 0)), []
    for row in rows:
        if row["record"] == "owed":
            owed[row["stan"]] = ({1: "sale", 2: "void", 3: "refund"}[row["kind"]], row["amount_minor"])
        elif row["record"] == "outcome" and row["state"] == 2 and row["stan"] in owed:
            kind, minor = owed.pop(row["stan"])
            open_sums[kind] = (open_sums[kind][0] + 1, open_sums[kind][1] + minor)
        elif row["record"] == "closing" and row["what"] == "settled":
            closed.append((row, open_sums))
            open_sums = dict.fromkeys(_KINDS, (0, 0))
    return closed, open_sums


def sums_add_up(seen):
    closed, open_sums = recount(seen.rows)
    believed, wrong = journal.sums(seen.bench.flash.data), []
    for kind in _KINDS:
        if (believed["batch_%s_count" % kind], believed["batch_%s_minor" % kind]) != open_sums[kind]:
            wrong.append("the open batch holds other %ss than were approved" % kind)
    for number, (row, sums) in enumerate(closed, 1):
        if row["period_number"] != number or any((row["%s_count" % kind], row["%s_minor" % kind]) != sums[kind] for kind in _KINDS):
            wrong.append("batch %d was closed with other sums than were approved, or twice" % row["period_number"])
    return wrong


def batches_agree(seen):
    """The bank closed each batch of ours with the sums that we have on record for it."""
    closed, _open = recount(seen.rows)
    newest = {int(row["batch"]): row for row in seen.theirs if row["kind"] == "settlement" and row["closed"]}
    wrong = ["batch %d is closed here, and not at the bank" % row["period_number"] for row, _sums in closed if row["period_number"] not in newest]
    for row, sums in closed:
        bank = newest.get(row["period_number"])
        if bank and any(tuple(bank["said"][kind]) != sums[kind] for kind in _KINDS):
            wrong.append("batch %d was closed with other sums at the bank" % row["period_number"])
    if seen.scene.flow.settles and seen.scene.resolved and not closed:
        wrong.append("nothing was settled in the end")
    return wrong


RULES = (same_books, nothing_open, nothing_altered, nothing_died, life_went_on, one_at_most, display_was_true, paper_was_true, bank_had_no_reason,
         accounts_add_up, sums_add_up, batches_agree)


def verdict(scene):
    """{"resolved", "violations" [words], "approved" (of the errand), "lives", "said"} of a scene that has come to rest, or could not."""
    seen = Evidence(scene)
    return {"resolved": scene.resolved, "violations": [words for rule in RULES for words in rule(seen)],
            "approved": sum(row["state"] == "approved" for row in seen.new), "lives": scene.bench.lives, "said": scene.person.said}
