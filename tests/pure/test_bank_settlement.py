# test_bank_settlement.py: the bank closes a batch once, on sums that agree or after it was told every payment; whatever is lost or repeated.
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bank_double import NOW, Shop

from microtill import demo
from microtill.bench.acquirer import messages
from microtill.bench.acquirer.bank import Bank

VOID, REFUND = "020000", "200000"
SETTLE, AFTER_UPLOAD = "920000", "960000"


@pytest.fixture
def shop():
    return Shop()


def settlement(shop, batch=1, sales=(0, 0), refunds=(0, 0), voids=(0, 0), code=SETTLE, change=None, **how):
    """0500 of these sums: (number, minor units) each."""
    net = sales[1] - refunds[1] - voids[1]
    fields = {3: code, 49: "978", 60: f"{batch:06}", 74: f"{refunds[0]:010}", 75: "0" * 10, 76: f"{sales[0]:010}", 77: f"{voids[0]:010}",
              86: f"{refunds[1]:016}", 87: "0" * 16, 88: f"{sales[1]:016}", 89: f"{voids[1]:016}", 97: "CD"[net >= 0] + f"{abs(net):016}"}
    return shop.till.request("0500", fields, {"DF05": b"5.1"}, change, **how)


def upload(shop, request, answer, change=None):
    """0320 of a payment whose request and answer are given."""
    first, answered = messages.decode(request), messages.decode(answer)
    fields = {2: first.get(2), 3: first[3], 4: first[4], 22: first[22], 25: "00", 37: answered[37], 38: answered[38], 49: "978",
              90: first.mti + first[11] + first[7] + "0" * 22}
    return shop.till.request("0320", fields, {"DF05": b"5.1"}, change)


def undone(shop, code, request, answer, amount=None):
    """(request, answer) of a void or refund."""
    undoing = shop.till.by_reference(code, request, answer, amount)
    return undoing, shop.bank.handle(undoing)


def last(shop):
    return [row for row in shop.bank.records() if row["kind"] == "settlement"][-1]


def test_totals_that_agree_close_the_batch(shop):
    sale = shop.sale()
    undone(shop, REFUND, *sale, 5_00)
    undone(shop, VOID, *shop.sale("mc", 3_00))
    shop.sale("no-funds")
    said = shop.till.read(shop.bank.handle(settlement(shop, 1, (2, 15_50), (1, 5_00), (1, 3_00))))
    assert (said.mti, said[39], said[60], 4 in said.fields, 37 in said.fields) == ("0510", "00", "000001", False, False)
    assert (last(shop)["batch"], last(shop)["closed"], last(shop)["differs"], last(shop)["effects"]) == ("000001", True, False, 0)
    assert shop.ask(settlement(shop, 2)) == "00"                          # nothing since


def test_a_batch_below_zero_is_a_credit(shop):
    sale = shop.sale()
    assert shop.ask(settlement(shop, 1, (1, 12_50))) == "00"
    undone(shop, REFUND, *sale, 5_00)
    assert shop.ask(settlement(shop, 2, refunds=(1, 5_00))) == "00"


def test_what_was_reversed_or_only_authorised_is_in_no_batch(shop):
    request, _ = shop.sale()
    shop.ask(shop.till.reversal(request))
    shop.ask(shop.till.sale(shop.tap("mc"), mti="0100"))
    assert shop.ask(settlement(shop)) == "00"


@pytest.mark.parametrize("sums", [{}, {"sales": (1, 12_51)}, {"sales": (2, 12_50)}, {"sales": (1, 12_50), "voids": (1, 12_50)}])
def test_totals_that_differ_close_nothing(shop, sums):
    shop.sale()
    assert shop.ask(settlement(shop, 1, **sums)) == "95"
    assert (last(shop)["closed"], last(shop)["differs"]) == (False, True)
    assert shop.ask(settlement(shop, 1, (1, 12_50))) == "00"


def test_a_payment_told_again_is_known_or_not(shop):
    request, answer = shop.sale()
    said = shop.till.read(shop.bank.handle(upload(shop, request, answer)))
    assert (said.mti, said[39], said[4]) == ("0330", "00", "000000001250")
    for change in ({4: "000000001251"}, {37: "000000000000"}, {38: "ABCDEF"}, {3: REFUND}, {2: "476173******0118"},
                   {90: "0200" + "000099" + "1124191601" + "0" * 22}):
        assert shop.ask(upload(shop, request, answer, change)) == "25"
    shop.ask(shop.till.reversal(request))
    assert shop.ask(upload(shop, request, answer)) == "25"
    assert shop.bank.effects() == 0


@pytest.mark.parametrize(("amount", "held"), [(None, [1, 3_00]), (13_00, [2, 16_00])])
def test_a_bank_that_lost_or_altered_a_payment_is_told_and_keeps_the_difference(shop, amount, held):
    good, bad = shop.sale("mc", 3_00), shop.sale()
    shop.bank.spoil_batch(amount)
    assert shop.ask(settlement(shop, 1, (2, 15_50))) == "95"
    assert [shop.ask(upload(shop, *sale)) for sale in (good, bad)] == ["00", "25"]
    assert shop.ask(settlement(shop, 1, (2, 15_50), code=AFTER_UPLOAD)) == "00"
    assert (last(shop)["closed"], last(shop)["said"]["sale"], last(shop)["held"]["sale"]) == (True, [2, 15_50], held)
    assert shop.bank.effects() == 2 and shop.ask(settlement(shop, 2)) == "00"


def test_a_repeat_gets_the_same_bytes_and_closes_nothing_twice(shop):
    shop.sale()
    request = settlement(shop, 1, (1, 12_50))
    answer = shop.bank.handle(request)
    shop.sale("mc")
    assert shop.bank.handle(request) == answer
    assert len([row for row in shop.bank.records() if row["kind"] == "settlement"]) == 1


def test_a_closed_batch_asked_for_again_is_closed_still(shop):
    """Its answer was lost, and the terminal asks under another STAN."""
    shop.sale()
    assert [shop.ask(settlement(shop, 1, (1, 12_50))) for _ in range(2)] == ["00", "00"]
    shop.sale("mc", 3_00)
    assert shop.ask(settlement(shop, 2, (1, 3_00))) == "00"


def test_a_sale_after_a_lost_answer_belongs_to_the_same_batch(shop):
    shop.sale()
    shop.ask(settlement(shop, 1, (1, 12_50)))                             # its answer never arrives
    shop.sale("mc", 3_00)
    assert shop.ask(settlement(shop, 1, (2, 15_50))) == "00"
    assert shop.ask(settlement(shop, 2)) == "00"


def test_a_settlement_cut_by_a_crash_has_no_effect(shop, monkeypatch):
    shop.sale()
    request = settlement(shop, 1, (1, 12_50))
    monkeypatch.setattr(shop.bank._ledger, "add_settlement", lambda row: (_ for _ in ()).throw(sqlite3.OperationalError))
    assert shop.ask(request) == "96" and len(shop.bank.records()) == 1
    monkeypatch.undo()
    assert shop.ask(request) == "00"


def test_closed_batches_outlive_the_bank(tmp_path):
    shop = Shop(tmp_path / "bank.sqlite")
    shop.sale()
    shop.ask(settlement(shop, 1, (1, 12_50)))
    shop.bank.close()
    shop.bank = Bank(tmp_path / "bank.sqlite", now=lambda: NOW)
    assert last(shop)["closed"] and shop.ask(settlement(shop, 2)) == "00"


def test_each_terminal_has_batches_of_its_own(shop):
    shop.sale()
    other = Shop()
    shop.bank.enrol("MT-OTHER-0001", "TILL0002", demo.MERCHANT_ID)
    other.bank, other.till = shop.bank, type(shop.till)("MT-OTHER-0001")
    other.till.terminal = "TILL0002"
    assert other.ask(settlement(other)) == "00"
    assert shop.ask(settlement(shop, 1, (1, 12_50))) == "00"


@pytest.mark.parametrize(("change", "response", "why"), [
    ({4: "000000001250"}, "63", "field 4"), ({22: "071"}, "63", "field 22"), ({60: None}, "30", "no field 60"), ({60: "1"}, "30", "field 60"),
    ({76: None}, "30", "no field 76"), ({76: "000000000A"}, "30", "field 76"), ({88: "-000000000001250"}, "30", "field 88"),
    ({97: "C0000000000001250"}, "30", "field 97"), ({97: "D0000000000001251"}, "30", "field 97"), ({97: None}, "30", "no field 97"),
    ({75: "0000000001"}, "30", "credit reversals"), ({87: "0000000000000001"}, "30", "credit reversals"), ({49: "840"}, "12", "currency"),
    ({3: "940000"}, "12", "no such service"), ({41: "TILL0002"}, "63", "terminal or merchant")])
def test_one_wrong_field_of_a_settlement(shop, change, response, why):
    shop.sale()
    assert shop.ask(settlement(shop, 1, (1, 12_50), change=change)) == response
    assert shop.bank.refusals[-1] == why
    assert shop.ask(settlement(shop, 1, (1, 12_50))) == "00"


@pytest.mark.parametrize(("change", "response"), [({55: b"\x95\x00"}, "63"), ({23: "001"}, "63"), ({37: None}, "30"), ({4: "000000000000"}, "30"),
                                                  ({90: "0" * 42}, "25"), ({90: "0" * 20 + "1" * 22}, "30"), ({3: "990000"}, "12")])
def test_one_wrong_field_of_an_upload(shop, change, response):
    assert shop.ask(upload(shop, *shop.sale(), change)) == response


@pytest.mark.parametrize("mood", ["never", "twice", "late 250", "wrong_mac", "wrong_stan", "wrong_ksn", "garbage", "wrong_amount", "partial"])
def test_a_bank_in_any_mood_closes_once(shop, mood):
    shop.sale()
    shop.bank.moods.append(mood)
    shop.bank.replies(settlement(shop, 1, (1, 12_50)))
    assert last(shop)["closed"] and shop.bank.moods == []
    assert shop.bank.replies(settlement(shop, 1, (1, 12_50)))[0][0] == shop.bank.think_us


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_walk_of_payments_and_settlements_counts_each_payment_in_one_batch(data):
    """A terminal that adds up what it was told is approved always agrees, however often an answer is lost."""
    shop = Shop()
    batch, mine, sales, settled = 1, [], [], 0
    for _ in range(data.draw(st.integers(1, 14))):
        step = data.draw(st.sampled_from(["sale", "void", "refund", "settle", "lost"]))
        if step == "sale":
            sales.append(shop.sale("visa", data.draw(st.integers(1, 40_00))))
            mine.append(("sale", int(messages.decode(sales[-1][0])[4])))
        elif step in ("void", "refund") and sales:
            sale = data.draw(st.sampled_from(sales))
            minor = int(messages.decode(sale[0])[4]) if step == "void" else data.draw(st.integers(1, 40_00))
            request, answer = undone(shop, VOID if step == "void" else REFUND, *sale, minor)
            if messages.decode(answer)[39] == "00":
                mine.append((step, minor))
        elif step in ("settle", "lost"):
            sums = {kind: (len(minors), sum(minors)) for kind in ("sale", "refund", "void") for minors in [[m for k, m in mine if k == kind]]}
            assert shop.ask(settlement(shop, batch, sums["sale"], sums["refund"], sums["void"])) == "00"
            if step == "settle":
                batch, settled, mine = batch + 1, settled + len(mine), []
    rows = [row for row in shop.bank.records() if row["kind"] == "settlement"]
    newest = {row["batch"]: row for row in rows}
    assert all(row["closed"] for row in rows)
    assert sum(count for row in newest.values() if int(row["batch"]) < batch for count, _ in row["said"].values()) == settled
