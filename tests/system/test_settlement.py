# test_settlement.py: X and Z reports and the settlement of a batch, as an operator sees them; what was lost on the way changes nothing.
import re
import sqlite3

import pytest
from hands import Hands

from microtill import books
from microtill.bench.bench import Bench
from microtill.terminal import Service
from microtill.verbs import books as verbs
from microtill.verbs.pay import pay

X, Z, SETTLE = "4", "5", "6"
UNBELIEVED = ("never", "late 35000", "wrong_mac", "wrong_stan", "wrong_ksn", "wrong_amount", "garbage")


def menu(till, digit):
    return till.ready().keys("C").sees("Menu").keys(digit)


def settles(till):
    """The whole way, up to the ready screen."""
    menu(till, SETTLE).sees("Settled", 60_000).ready()
    return till


def undoes(till, choice, stan, keys=""):
    till.ready().keys("C").sees("Menu").keys(choice).sees("Payment number").keys("%dD" % stan)
    if keys:
        till.sees("most").keys(keys)
    return till.sees("do it").keys("D").sees("Take the receipt", 60_000).ready()


def paper(till):
    """The newest paper as {label: value} of its lines, and its text."""
    text = till.papers()[-1]
    rows = [re.split(r"\s{2,}", line.strip(), maxsplit=1) for line in text.split("\n")]
    return {row[0]: row[1] for row in rows if len(row) == 2}, text


def settlements(till):
    return [row for row in till.bench.bank.records() if row["kind"] == "settlement"]


def closings(till):
    """What the terminal has on record: (what, number, result, sales, minor units)."""
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = till.bench.flash.data
        service.start()
        return [(row["what"], row["period_number"], row["result"], row["sale_count"], row["sale_minor"])
                for row in service.ask("journal") if row["record"] == "closing"]


def test_totals_that_agree_are_settled_and_printed(till):
    till.pays("1250").pays("300").pays("2000")
    stans = [row["stan"] for row in till.journal()]
    undoes(till, "1", stans[1])
    undoes(till, "2", stans[0], "500D")
    settles(till)
    lines, text = paper(till)
    assert "SETTLEMENT" in text and "Bank agrees" in text and "TEST KEYS" in text
    assert (lines["Batch"], lines["Sales"], lines["Refunds"], lines["Voids"], lines["Total"]) == (
        "000001", "3  35.50 EUR", "1  5.00 EUR", "1  3.00 EUR", "27.50 EUR")
    assert closings(till) == [("settled", 1, "agreed", 3, 3550)]
    row, = settlements(till)
    assert (row["batch"], row["response"], row["closed"], row["differs"]) == ("000001", "00", True, False)
    assert till.agree() == 5


def test_the_screen_says_what_was_settled_and_for_which_batch(till):
    till.pays("1250")
    menu(till, SETTLE).sees("12.50").sees("Batch 000001").ready()
    till.pays("300")
    menu(till, SETTLE).sees("3.00").sees("Batch 000002").ready()


@pytest.mark.parametrize("amount", [None, 1])
def test_a_bank_that_differs_is_told_every_payment_and_then_closes(till, amount):
    till.pays("1250").pays("300")
    undoes(till, "1", till.journal()[0]["stan"])
    till.bench.bank.spoil_batch(amount)
    settles(till)
    assert "Agreed after upload" in till.papers()[-1]
    kinds = [(row["kind"], row["response"]) for row in till.bench.bank.records()[3:]]
    assert kinds == [("settlement", "95"), ("upload", "00"), ("upload", "00"), ("upload", "25"), ("settlement", "00")]
    assert closings(till) == [("settled", 1, "uploaded", 2, 1550)]
    assert [row["batch"] for row in books.settlement_differences(till.bench.bank.records())] == ["000001"]
    assert till.agree() == 3
    settles(till.pays("100"))
    assert closings(till)[-1] == ("settled", 2, "agreed", 1, 100)


@pytest.mark.parametrize("mood", UNBELIEVED)
def test_without_an_answer_to_believe_nothing_changes_and_the_next_try_closes(till, mood):
    till.pays("1250").ready().waits(500)
    till.bench.bank.moods.append(mood)
    menu(till, SETTLE).sees("Not settled", 90_000).ready()
    assert closings(till) == []
    till.waits(10_000)
    settles(till)
    assert closings(till) == [("settled", 1, "agreed", 1, 1250)]
    assert {row["batch"] for row in settlements(till)} == {"000001"} and till.agree() == 1


def test_a_sale_after_a_lost_answer_is_in_the_same_batch(till):
    till.pays("1250").ready().waits(500)
    till.bench.bank.moods.append("never")
    menu(till, SETTLE).sees("Not settled", 90_000)
    settles(till.pays("300"))
    assert closings(till) == [("settled", 1, "agreed", 2, 1550)]


def test_a_bank_that_crashes_between_is_asked_again(till, monkeypatch):
    till.pays("1250")
    monkeypatch.setattr(till.bench.bank._ledger, "add_settlement", lambda row: (_ for _ in ()).throw(sqlite3.OperationalError))
    menu(till, SETTLE).sees("Not settled", 60_000).ready()
    monkeypatch.undo()
    assert settlements(till) == [] and closings(till) == []
    settles(till)
    assert len(settlements(till)) == 1


def test_a_line_that_breaks_in_the_upload_leaves_the_batch_open(till):
    till.pays("1250").pays("300").ready().waits(500)
    till.bench.bank.spoil_batch()
    till.bench.bank.moods.extend(["honest", "honest", "never"])
    menu(till, SETTLE).sees("Not settled", 90_000).ready()
    assert closings(till) == [] and [row["closed"] for row in settlements(till)] == [False]
    settles(till)
    assert closings(till) == [("settled", 1, "uploaded", 2, 1550)]


def test_power_that_goes_after_the_bank_has_closed_settles_once(till):
    till.pays("1250").keys("C").sees("Menu")
    till.bench.press(SETTLE)
    assert till.bench.run(lambda: settlements(till), 60_000)
    till.bench.cut()
    till.bench.start()
    till.ready()
    assert closings(till) == []
    settles(till)
    assert closings(till) == [("settled", 1, "agreed", 1, 1250)]
    assert [(row["batch"], row["response"]) for row in settlements(till)] == [("000001", "00")] * 2
    settles(till.pays("300"))
    assert till.agree() == 2


def cut_settlement(till, fault, at):
    """Two sales, a bank that lost one of them, and a settlement cut at its `at`th flash operation or burst. Was there such a one?"""
    bench = till.pays("1250").pays("300").ready().waits(500).bench
    bench.bank.spoil_batch()
    bench.flash.reset_counts()
    bench.network.reset_counts()
    if fault == "power":
        bench.flash.cut = at, at % 3 / 2
    else:
        bench.network.cut_at = fault, at
    lives = bench.lives
    till.keys("C").sees("Menu").keys(SETTLE)
    bench.run(lambda: bench.lives > lives or "ettled" in till.screen, 120_000)
    bench.flash.cut = bench.network.cut_at = None
    return bench.lives > lives if fault == "power" else bench.network.bursts[fault] >= at


@pytest.mark.parametrize("fault", ["power", "to_host", "to_terminal"])
def test_cut_at_every_moment_of_a_settlement_with_upload(image, fault):
    """Power at each flash operation, the line at each burst: then one more try, and each payment is in exactly one closed batch."""
    at, reached = 0, True
    while reached:
        at += 1
        till = Hands(image)
        try:
            reached = cut_settlement(till, fault, at)
            till.ready().waits(20_000)
            if not closings(till):
                settles(till)
            settles(till.pays("700"))
            assert [row[:2] + row[3:] for row in closings(till)] == [("settled", 1, 2, 1550), ("settled", 2, 1, 700)]
            newest = {row["batch"]: row["said"]["sale"] for row in settlements(till) if row["closed"]}
            assert newest == {"000001": [2, 1550], "000002": [1, 700]} and till.agree() == 3
        finally:
            till.close()
    assert at > 4                           # 0500, two 0320, 0500


def test_what_is_owed_goes_first(till):
    till.pays("1250").ready().waits(500).keys("200D").sees("Tap a card")
    till.bench.bank.moods.append("never")
    till.taps("visa").sees("No answer", 90_000)
    till.bench.network.refuse = True
    till.ready()
    if any(row["state"] == "reversal due" for row in till.journal()):
        menu(till, SETTLE).sees("Not settled", 60_000).ready()
        assert settlements(till) == []
    till.bench.network.refuse = False
    till.waits(400_000)
    settles(till)
    assert closings(till) == [("settled", 1, "agreed", 1, 1250)] and till.effects() == (1, 1)


def test_with_no_line_nothing_is_settled(till):
    till.pays("1250")
    till.bench.network.off = True
    menu(till, SETTLE).sees("Not settled", 90_000).ready()
    assert closings(till) == [] and settlements(till) == []


def test_an_empty_batch_has_nothing_to_settle(till):
    menu(till, SETTLE).sees("Nothing to").ready()
    settles(till.pays("100"))
    menu(till, SETTLE).sees("Nothing to").ready()
    assert len(settlements(till)) == 1


def test_an_x_changes_nothing_and_after_a_z_the_shift_is_empty(till):
    till.pays("1250").pays("300")
    undoes(till, "1", till.journal()[1]["stan"])
    for title, digit in (("X TOTALS", X), ("X TOTALS", X), ("Z TOTALS", Z)):
        menu(till, digit).sees(title).ready()
        lines, text = paper(till)
        assert title in text
        assert (lines["Shift"], lines["Sales"], lines["Voids"], lines["Refunds"], lines["Total"]) == (
            "000001", "2  15.50 EUR", "1  3.00 EUR", "0  0.00 EUR", "12.50 EUR")
    menu(till, X).sees("X TOTALS").ready()
    lines, _ = paper(till)
    assert (lines["Shift"], lines["Sales"], lines["Total"]) == ("000002", "0  0.00 EUR", "0.00 EUR")
    assert closings(till) == [("z", 1, "closed", 2, 1550)]
    settles(till)
    assert closings(till)[-1] == ("settled", 1, "agreed", 2, 1550)


def test_a_z_needs_no_bank(till):
    till.pays("1250")
    till.bench.network.refuse = True
    menu(till, Z).sees("Z TOTALS").ready()
    assert closings(till) == [("z", 1, "closed", 1, 1250)]


def test_totals_outlive_a_restart(till):
    for _ in range(12):                     # more than one sector of the journal
        till.pays("100")
    till.bench.cut()
    till.bench.start()
    till.pays("300")
    menu(till, X).sees("X TOTALS").ready()
    assert paper(till)[0]["Sales"] == "13  15.00 EUR"
    settles(till)


def test_a_declined_or_unknown_payment_is_in_no_total(till):
    till.ready().keys("1250D").sees("Tap a card").taps("no-funds").sees("Not enough money").ready()
    till.waits(500).keys("200D").sees("Tap a card")
    till.bench.bank.moods.append("never")
    till.taps("visa").sees("No answer", 90_000).ready().waits(60_000)
    menu(till, X).sees("X TOTALS").ready()
    assert paper(till)[0]["Sales"] == "0  0.00 EUR"


def test_a_report_waits_for_paper_and_is_on_record_before(till):
    till.pays("1250")
    till.bench.printer.paper_out()
    menu(till, Z).sees("Paper is out", 60_000)
    assert closings(till) == [("z", 1, "closed", 1, 1250)]
    till.bench.printer.reload()
    till.keys("D").ready()
    assert "Z TOTALS" in till.papers()[-1]


def test_a_settlement_at_its_hour_is_tried_again_while_the_bank_is_away(till):
    till.ready().settings(settlement={"at": "09:30"}).pays("300")
    till.bench.network.fall()
    till.sees("Not settled", 40 * 60_000).sees("Key an amount", 60_000).waits(60_000)
    assert closings(till) == []
    till.bench.network.off = False
    till.sees("Settled", 12 * 60_000).ready()
    assert closings(till) == [("settled", 1, "agreed", 1, 300)]
    till.waits(3_600_000)
    asked = [row for row in till.events("trigger") if row["name"] == "settle_time"]
    assert [row["end"] for row in asked] == ["started"] * len(asked) and 2 <= len(asked) <= 3


def test_a_settlement_at_its_hour_waits_for_a_person_and_asks_once_where_nothing_was_sold(till):
    till.ready().settings(settlement={"at": "09:30"}, waits={"key": 120}).pays("300")
    till.waits(25 * 60_000)
    while till.bench.now().minute < 31:             # somebody keys an amount, very slowly, all through the set minute
        till.keys("1").waits(30_000)
    assert ("settle_time", "E01") in till.refusals()
    till.keys("A").sees("Settled", 12 * 60_000).ready()
    till.waits(25 * 3_600_000)           # tomorrow, with an empty batch
    later = [(row["end"], row["reason"]) for row in till.events("trigger") if row["name"] == "settle_time"][-1:]
    assert later == [("refused", "R03")]


class OnDisk(Hands):
    """A terminal whose flash and bank stay in a state folder."""

    def __init__(self, state):
        self.bench = Bench(state)
        self.bench.start()


class Said:
    def __init__(self):
        self.lines = []
        self.say = self.lines.append


def test_journal_ledger_and_reconcile_tell_a_settlement_in_words(tmp_path):
    pay(tmp_path, "12.50", card="visa")
    till = OnDisk(tmp_path)
    till.pays("300").bench.bank.spoil_batch()
    settles(till)
    till.close()
    ledger, journal, both = Said(), Said(), Said()
    verbs.ledger(ledger, tmp_path)
    kinds = [line.split()[1:] for line in ledger.lines]
    assert [(words[0], words[-3:]) for words in kinds if words[0] == "settlement"] == [
        ("settlement", ["95,", "not", "closed"]), ("settlement", ["with", "a", "difference"])]
    assert sum("batch 000001" in line for line in ledger.lines) == 2 and sum(words[0] == "upload" for words in kinds) == 2
    verbs.journal(journal, tmp_path)
    closing = next(line for line in journal.lines if " closing " in line)
    assert "sale_count=2" in closing and "sale=15.50" in closing and "what=settled" in closing and "result=uploaded" in closing
    assert any("kind=sale" in line and "amount=12.50" in line for line in journal.lines) and any("state=approved" in line for line in journal.lines)
    status, found = verbs.reconcile(both, tmp_path)
    assert (status, found) == (0, {"matched": 2, "differences": []})
    assert both.lines[0] == "note: batch 000001 was closed with other sums: terminal 2 sale 15.50 EUR, bank 1 sale 12.50 EUR"
