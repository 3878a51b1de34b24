# test_bank_money.py: reversals, voids, refunds; whatever is lost, doubled, late or garbled, a payment has at most one effect.
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bank_double import NOW, Shop

from microtill import demo
from microtill.bench.acquirer import messages
from microtill.bench.acquirer.bank import Bank

VOID, REFUND = "020000", "200000"
OPENING = 1_000_000_00


@pytest.fixture
def shop():
    return Shop()


def balanced(bank, name="visa"):
    """The account moved by exactly what stands in the ledger."""
    pan = demo.CARDS[[person.name for person in demo.CARDS].index(name)].pan
    rows = [row for row in bank.records() if row["effects"] and row["pan"] and row["pan"][-4:] == pan[-4:]]
    return bank.balance_minor(name) == OPENING + sum(row["amount_minor"] * (1 if row["kind"] == "refund" else -1) for row in rows)


def test_a_reversal_takes_the_sale_back_once(shop):
    request, _ = shop.sale()
    reversal = shop.till.reversal(request)
    assert shop.ask(reversal) == "00"
    assert shop.bank.effects() == 0 and shop.bank.balance_minor("visa") == OPENING
    assert shop.ask(shop.till.reversal(request)) == "00"
    assert shop.bank.balance_minor("visa") == OPENING


def test_the_repeat_of_a_reversal_gets_the_same_bytes(shop):
    request, _ = shop.sale()
    answer = shop.bank.handle(shop.till.reversal(request, stan="000900"))
    again = shop.till.reversal(request, mti="0401", stan="000900", counter=shop.till.counter)
    assert shop.bank.handle(again) == answer
    assert len([row for row in shop.bank.records() if row["kind"] == "reversal"]) == 1


@pytest.mark.parametrize("mti", ["0400", "0401"])
def test_a_reversal_that_newer_messages_overtook_is_still_taken(shop, mti):
    request, _ = shop.sale()
    shop.till.reversal(request)                                    # never arrives, and its counter with it
    lost = shop.till.counter
    shop.ask(shop.till.admin())
    assert shop.ask(shop.till.reversal(request, mti, counter=lost)) == "00"
    assert shop.ask(shop.till.reversal(request, mti, counter=lost)) == "63"              # used now, and this is another STAN


def test_a_reversal_of_what_never_came_is_remembered(shop):
    request = shop.till.sale(shop.tap("visa"))
    assert shop.ask(shop.till.reversal(request)) == "25"
    assert shop.ask(request) == "05"
    assert shop.ask(shop.till.reversal(request)) == "00"
    assert shop.bank.effects() == 0 and balanced(shop.bank)


def test_a_reversal_of_a_decline_changes_nothing(shop):
    request, _ = shop.sale("no-funds")
    assert shop.ask(shop.till.reversal(request)) == "00"
    assert shop.bank.balance_minor("no-funds") == 0


@pytest.mark.parametrize("change", [{4: "000000001251"}, {37: "000000000000"}, {2: "476173******0118"}, {90: "0" * 42}, {90: "1" * 42}])
def test_a_reversal_must_name_the_payment_right(shop, change):
    request, _ = shop.sale()
    assert shop.ask(shop.till.reversal(request, change=change)) in ("30", "25")
    assert shop.bank.effects() == 1


def test_void(shop):
    request, answer = shop.sale()
    assert shop.ask(shop.till.by_reference(VOID, request, answer)) == "00"
    assert shop.bank.records()[0]["voided"] and shop.bank.effects() == 0 and shop.bank.balance_minor("visa") == OPENING
    assert shop.ask(shop.till.by_reference(VOID, request, answer)) == "12"
    assert shop.ask(shop.till.by_reference(REFUND, request, answer)) == "12"


def test_a_reversed_void_lets_the_sale_stand_again(shop):
    request, answer = shop.sale()
    void = shop.till.by_reference(VOID, request, answer)
    assert [shop.ask(void), shop.ask(shop.till.reversal(void))] == ["00", "00"]
    assert shop.bank.effects() == 1 and shop.bank.balance_minor("visa") == OPENING - 12_50


def test_a_voided_sale_that_is_reversed_too_gives_its_money_back_once(shop):
    request, answer = shop.sale()
    void = shop.till.by_reference(VOID, request, answer)
    assert [shop.ask(void), shop.ask(shop.till.reversal(request))] == ["00", "00"]
    assert shop.bank.balance_minor("visa") == OPENING
    assert shop.ask(shop.till.reversal(void)) == "00"
    assert shop.bank.effects() == 0 and shop.bank.balance_minor("visa") == OPENING


def test_a_refunded_sale_is_not_reversed(shop):
    request, answer = shop.sale()
    assert shop.ask(shop.till.by_reference(REFUND, request, answer, 5_00)) == "00"
    assert shop.ask(shop.till.reversal(request)) == "12" and balanced(shop.bank)


def test_an_authorisation_moves_no_money(shop):
    assert shop.ask(shop.till.sale(shop.tap("visa"), mti="0100")) == "00"
    assert shop.bank.balance_minor("visa") == OPENING and shop.bank.effects() == 0


def test_refunds_up_to_what_is_left(shop):
    request, answer = shop.sale()
    amounts = (5_00, 8_00, 7_50, 1)
    assert [shop.ask(shop.till.by_reference(REFUND, request, answer, amount)) for amount in amounts] == ["00", "61", "00", "61"]
    assert shop.bank.effects() == 1 and shop.bank.effects(kind="refund") == 2 and shop.bank.balance_minor("visa") == OPENING
    assert shop.ask(shop.till.by_reference(VOID, request, answer)) == "12"


def test_a_reversed_refund_can_be_made_again(shop):
    request, answer = shop.sale()
    refund = shop.till.by_reference(REFUND, request, answer)
    assert [shop.ask(refund), shop.ask(shop.till.reversal(refund)), shop.ask(shop.till.by_reference(REFUND, request, answer))] == ["00"] * 3
    assert shop.bank.effects(kind="refund") == 1 and balanced(shop.bank)


@pytest.mark.parametrize("code", [VOID, REFUND])
@pytest.mark.parametrize("change", [{37: "000000000000"}, {38: "ABCDEF"}, {90: "0200" + "000009" + "1124191601" + "0" * 22}])
def test_only_a_sale_on_record_is_voided_or_refunded(shop, code, change):
    request, answer = shop.sale()
    assert shop.ask(shop.till.by_reference(code, request, answer, change=change)) == "25"
    assert shop.bank.effects() == 1


def test_a_void_of_another_amount_is_refused(shop):
    request, answer = shop.sale()
    assert shop.ask(shop.till.by_reference(VOID, request, answer, 12_00)) == "30"


def test_a_record_tells_the_payment(shop):
    shop.sale("visa")
    row = shop.bank.records()[0]
    expected = {"stan": "000001", "kind": "sale", "amount_minor": 1250, "currency": "978", "pan": "476173******0119", "response": "00",
                "trigger": "3.1", "counter": 1, "effects": 1, "why": "approved"}
    assert {name: row[name] for name in expected} == expected
    assert list(shop.bank.settlement()) == [("000001", "1124191601")]


def test_the_books_outlive_the_bank_and_hold_no_secret(tmp_path):
    path = tmp_path / "bank.sqlite"
    shop = Shop(path)
    request, answer = shop.sale("visa-pin", pin="1234")
    void = shop.till.by_reference(VOID, *shop.sale("mc"))
    shop.ask(void)
    on_disk = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    shop.bank.close()
    on_disk += b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for person in demo.CARDS:
        assert person.pan.encode() not in on_disk and bytes.fromhex(person.pan) not in on_disk
    for key in (demo.BDK, demo.ACCOUNT_HASH_KEY, demo.PIN_HASH_KEY, *demo.ISSUER_KEYS.values()):
        assert key not in on_disk and key.hex().encode() not in on_disk.lower()
    again = Bank(path, now=lambda: NOW)
    assert again.handle(request) == answer and again.effects() == 1
    pins = [row[0] for row in sqlite3.connect(path).execute("SELECT pin FROM accounts")]
    assert all(len(pin) == 32 for pin in pins) and len(set(pins)) == len(demo.CARDS)


def test_a_message_cut_by_a_crash_has_no_effect(shop, monkeypatch):
    request = shop.till.sale(shop.tap("visa"))
    monkeypatch.setattr(shop.bank._ledger, "add", lambda row: (_ for _ in ()).throw(sqlite3.OperationalError))
    assert shop.ask(request) == "96"
    assert shop.bank.balance_minor("visa") == OPENING
    monkeypatch.undo()
    assert shop.ask(request) == "00"


@settings(max_examples=200, deadline=None)
@given(noise=st.binary(max_size=300))
def test_noise_is_never_answered(noise):
    bank = Bank()
    assert bank.handle(noise) is None and bank.records() == []


GOOD = Shop()
SALE = GOOD.till.sale(GOOD.tap("visa"))
FRESH = Shop().bank                                            # refuses every bent request, so that one will do for all


@settings(max_examples=400, deadline=None)
@given(at=st.integers(0, len(SALE) - 1), value=st.integers(1, 255))
def test_one_changed_byte_is_refused(at, value):
    bent = SALE[:at] + bytes((SALE[at] ^ value,)) + SALE[at + 1:]
    answer = FRESH.handle(bent)
    assert answer is None or messages.decode(answer)[39] == "63"
    assert FRESH.effects() == 0 and FRESH.balance_minor("visa") == OPENING


@settings(max_examples=150, deadline=None)
@given(size=st.integers(0, len(SALE) - 1), tail=st.binary(max_size=12))
def test_a_cut_message_is_refused(size, tail):
    answer = FRESH.handle(SALE[:size] + tail)
    assert answer is None or messages.decode(answer)[39] == "63" or SALE[:size] + tail == SALE
    assert FRESH.effects() == 0 or SALE[:size] + tail == SALE


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_one_changed_field_under_a_good_mac_never_raises(data):
    shop = Shop()
    tap = shop.tap("visa")
    number = data.draw(st.sampled_from([2, 3, 4, 7, 11, 12, 13, 22, 23, 25, 41, 42, 49]))
    good = messages.decode(shop.till.sale(tap))[number]
    at = data.draw(st.integers(0, len(good) - 1))
    letter = data.draw(st.sampled_from("0123456789A *"))
    shop.till.stan, shop.till.counter = 0, 0
    answer = shop.bank.handle(shop.till.sale(tap, change={number: good[:at] + letter + good[at + 1:]}))
    assert shop.bank.effects() == (messages.decode(answer)[39] == "00")
    assert balanced(shop.bank)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=80), number=st.sampled_from([55, 126]))
def test_any_bytes_in_a_binary_field_under_a_good_mac_never_raise(content, number):
    shop = Shop()
    answer = shop.bank.handle(shop.till.sale(shop.tap("visa"), change={number: content}))
    assert answer is None or messages.decode(answer)[39] in ("30", "63", "59")
    assert shop.bank.effects() == 0


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_order_and_any_repeat_leaves_at_most_one_effect(data):
    shop = Shop()
    sales = [shop.till.sale(shop.tap("visa")) for _ in range(3)]
    reversals, repeats = [], []
    for at, sale in enumerate(sales):
        reversals.append(shop.till.reversal(sale, stan=f"{900 + at:06}"))
        repeats.append(shop.till.reversal(sale, "0401", stan=f"{900 + at:06}", counter=shop.till.counter))
    wire = data.draw(st.lists(st.sampled_from(sales + reversals + repeats), max_size=16))
    answers = {}
    for request in wire:
        answer = shop.bank.handle(request)
        assert answers.setdefault(request, answer) == answer          # a repeat gets the same bytes
    for at, sale in enumerate(sales):
        stan = messages.decode(sale)[11]
        said = {answers[request] for request in (reversals[at], repeats[at]) if request in answers}
        assert len(said) <= 1 and all(messages.decode(answer)[39] in ("00", "25") for answer in said)
        assert shop.bank.effects(stan) <= (0 if said else 1)
    assert balanced(shop.bank)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_walk_of_voids_refunds_and_reversals_keeps_the_books(data):
    shop = Shop()
    sales = [shop.sale() for _ in range(2)]
    made = [request for request, _ in sales]
    for _ in range(data.draw(st.integers(1, 10))):
        request, answer = data.draw(st.sampled_from(sales))
        step = data.draw(st.sampled_from(["void", "refund", "reversal", "repeat"]))
        if step == "void":
            made.append(shop.till.by_reference(VOID, request, answer))
        elif step == "refund":
            made.append(shop.till.by_reference(REFUND, request, answer, data.draw(st.integers(1, 13_00))))
        elif step == "reversal":
            made.append(shop.till.reversal(data.draw(st.sampled_from([one for one in made if one[:4] == b"0200"]))))
        else:
            made.append(data.draw(st.sampled_from(made)))
        shop.bank.handle(made[-1])
        rows = shop.bank.records()
        assert balanced(shop.bank) and shop.bank.balance_minor("visa") <= OPENING
        for sale in (row for row in rows if row["kind"] == "sale"):
            refunds = [row["amount_minor"] for row in rows if row["kind"] == "refund" and row["effects"] and row["pan"] == sale["pan"]]
            assert sale["effects"] <= 1 and sum(refunds) <= 2 * sale["amount_minor"]
