# test_totals.py: shift, batch and day add up to what was approved, after any order of acts, restarts and cuts, and never by reading it all.
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nor_memory import Cut, NorMemory

from till.core import clock
from till.core.errors import JournalFull
from till.money import totals, transaction
from till.money.ledger import MOST_BYTES, Ledger, cut
from till.store.ring import Ring
from till.wire import records

START = 1_767_603_600                       # 2026-01-05 09:00:00 UTC
OFFSET_MIN = 330
NOW = [START]
KINDS = {"sale": transaction.SALE, "refund": transaction.REFUND, "void": transaction.VOID}


@pytest.fixture(autouse=True, scope="module")
def a_clock_in_our_hands():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "unix", lambda: NOW[0])
        yield


def naive(facts):
    """The sums by adding up everything that ever happened: ("paid", kind, minor, day) and ("closed", period), oldest first."""
    out = {"day": 0, "day_minor": 0}
    for period in ("shift", "batch"):
        ends = [at for at, fact in enumerate(facts) if fact == ("closed", period)]
        out[period] = len(ends) + 1
        for kind in KINDS:
            mine = [fact[2] for fact in facts[ends[-1] + 1 if ends else 0:] if fact[:2] == ("paid", kind)]
            out["%s_%s_count" % (period, kind)], out["%s_%s_minor" % (period, kind)] = len(mine), sum(mine)
    for fact in facts:
        if fact[0] == "paid":
            out["day_minor"] = (out["day_minor"] if fact[3] == out["day"] else 0) + (fact[2] if fact[1] == "sale" else 0)
            out["day"] = fact[3]
    return out


def scanned(ring):
    """The facts that the journal holds, read whole, without its own sums."""
    facts, owed = [], {}
    for _sequence, _number, kind, payload in ring.records():
        values = records.decode(kind, payload)
        if kind == records.PAYMENT:
            owed[values["stan"]] = values
        elif kind == records.OUTCOME and values["state"] == transaction.APPROVED:
            payment = owed[values["stan"]]
            facts.append(("paid", transaction.KINDS[payment["kind"]], payment["amount_minor"], (values["unix"] + OFFSET_MIN * 60) // 86400))
        elif kind == records.CLOSING:
            facts.append(("closed", "shift" if values["what"] == "z" else "batch"))
    return facts


def whole(look):
    """What a look returns that is let go through at once."""
    try:
        while True:
            next(look)
    except StopIteration as end:
        return end.value


class Shop:
    """A ledger on a flash chip, with a shadow that remembers what was believed. An act under a cut may count, or not; never half."""

    def __init__(self, sectors, seed=1):
        NOW[0] = START
        self.nor, self.sectors, self.stan, self.facts = NorMemory(sectors, seed), sectors, 0, []
        self.mount()

    def mount(self):
        self.ring = Ring(self.nor, 0, self.sectors).mount()
        self.ledger = Ledger(self.ring, OFFSET_MIN).mount()

    def day(self):
        return (NOW[0] + OFFSET_MIN * 60) // 86400

    def do(self, work, fact=None):
        """One act, and what it adds where it was done. After a cut: a restart, and the books must be as before or as after."""
        try:
            work()
        except Cut:
            self.nor.cut = None
            self.mount()
            if fact and self.sums() == naive([*self.facts, fact]):
                self.facts.append(fact)
        else:
            self.facts += [fact] if fact else []
        assert self.sums() == naive(self.facts)

    def sums(self):
        return dict(self.ledger._sums)

    def owe(self, kind="sale", minor=1250, account="a1"):
        """A payment asked for; its STAN, or None where the cut took it away."""
        self.stan += 1
        stan = self.stan
        self.do(lambda: self.ledger.owe({
            "stan": stan, "kind": KINDS[kind], "amount_minor": minor, "currency": 978, "unix": NOW[0], "trigger": "1.%d" % stan,
            "field7": "0105090000", "pan": "476173******0119", "account": account, "aid": "A0000000031010", "label": "VISA DEBIT", "cvm": "none"}))
        return stan if stan in self.ledger.open else None

    def ends(self, stan, what):
        if stan in self.ledger.open:
            payment = self.ledger.open[stan]
            fact = ("paid", transaction.KINDS[payment.kind], payment.minor, self.day()) if what == "approved" else None
            self.do(lambda: self.ledger.happened(stan, what, {"response": "00", "auth": "123456", "rrn": "%012d" % stan}), fact)

    def pay(self, kind="sale", minor=1250, account="a1"):
        stan = self.owe(kind, minor, account)
        self.ends(stan, "approved")
        return stan

    def close(self, what):
        period = totals.CLOSES[what]
        self.do(lambda: self.ledger.closed(what, "agreed", 0, "1.1"), ("closed", period))

    def undo_all(self):
        for stan in self.ledger.open.stans():
            if self.ledger.open[stan].state == transaction.OWED:
                self.ends(stan, "no_answer")
            if stan in self.ledger.open:
                self.do(lambda stan=stan: self.ledger.reversal(stan, 900000 + stan, "0105090001", "7", "no_answer"))
            if stan in self.ledger.open and self.ledger.open[stan].state == transaction.REVERSAL_DUE:       # a cut may have left it owed
                self.ends(stan, "reversed")


def amounts():
    return st.integers(1, 50_000)


ACTS = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(sorted(KINDS)), amounts()), st.tuples(st.just("decline"), st.sampled_from(sorted(KINDS)), amounts()),
    st.tuples(st.just("leave"), st.sampled_from(sorted(KINDS)), amounts()), st.tuples(st.sampled_from(["z", "settled", "restart", "undo", "paper"])),
    st.tuples(st.just("wait"), st.integers(1, 40)), st.tuples(st.just("cut"), st.integers(1, 12), st.floats(0, 1)))


def play(shop, act):
    name, *more = act
    if name == "pay":
        shop.pay(*more)
    elif name == "decline":
        shop.ends(shop.owe(*more), "declined")
    elif name == "leave":
        shop.owe(*more)
    elif name in totals.CLOSES:
        shop.close(name)
    elif name == "restart":
        shop.mount()
        assert shop.sums() == naive(shop.facts)
    elif name == "undo":
        shop.undo_all()
    elif name == "paper":
        shop.do(lambda: shop.ledger.alarm("printer", "paper_out" * 20))
    elif name == "wait":
        NOW[0] += more[0] * 3600
    else:
        shop.nor.cut = shop.nor.operations + more[0], more[1]


@settings(max_examples=300, deadline=None)
@given(acts=st.lists(ACTS, max_size=60), seed=st.integers(0, 1 << 30))
def test_any_acts_restarts_and_cuts_leave_the_sums_of_a_full_reading(acts, seed):
    shop = Shop(32, seed)
    for act in acts:
        play(shop, act)
        shop.do(lambda: None)
    shop.nor.cut = None
    shop.mount()
    assert shop.sums() == naive(shop.facts) == naive(scanned(shop.ring))


@settings(max_examples=150, deadline=None)
@given(acts=st.lists(ACTS, max_size=12), at=st.integers(1, 700), share=st.floats(0, 1), seed=st.integers(0, 1 << 30))
def test_the_sums_outlive_the_records_that_made_them(acts, at, share, seed):
    """A small journal that has gone round: what was added up is no longer there to read, and still counts, whatever a cut fell on."""
    shop = Shop(4, seed)
    shop.nor.cut = at, share
    try:
        for n in range(6):
            for act in acts:
                play(shop, act)
            for _ in range(8):
                shop.pay("sale", 1 + n)
            shop.undo_all()
    except JournalFull:
        pass                                # something stayed open for a whole round: nothing of it may be lost
    shop.nor.cut = None
    shop.mount()
    assert shop.sums() == naive(shop.facts)


@pytest.mark.parametrize("again", [0, 1])
def test_a_cut_at_every_operation_of_payments_that_overlap(again):
    """Three are open at any time, over several sectors, so that some end in a sector that their sale is not in; then a second cut, close by."""
    at, whole = 1, False
    while not whole:
        shop, open_stans = Shop(8, at), []
        shop.nor.cut = at, at % 3 / 2
        for n in range(44):
            open_stans.append(shop.owe("sale", 1 << n % 30))
            if len(open_stans) > 2:
                shop.ends(open_stans.pop(0), "approved")
            if shop.nor.cut is None and again:
                shop.nor.cut = shop.nor.operations + again, 1.0
        whole = shop.nor.operations < at
        shop.nor.cut = None
        shop.mount()
        assert shop.sums() == naive(shop.facts)
        at += 1


def test_a_full_journal_takes_no_act_back():
    shop = Shop(4)
    shop.owe()                              # never ends: its sector may not be erased
    with pytest.raises(JournalFull):
        for _ in range(100):
            shop.pay()
    shop.mount()
    assert shop.sums() == naive(shop.facts) and shop.ledger.open.first.stan == 1


def test_an_old_debt_that_ends_gives_its_room_back():
    shop = Shop(4)
    shop.owe()
    while shop.ledger.has_room():
        shop.pay()
    shop.mount()
    shop.undo_all()
    assert shop.ledger.has_room() and shop.ring.keep >= shop.ring.sequence - 1
    for _ in range(100):
        shop.pay()
    shop.mount()
    assert shop.sums() == naive(shop.facts)


def test_a_boot_reads_two_sectors_however_long_the_journal_is():
    shop = Shop(16)
    for _ in range(200):
        shop.pay()
    read = []
    ring = Ring(shop.nor, 0, 16).mount()
    inner = ring._records
    ring._records = lambda n, *where: read.append(n) or inner(n, *where)
    assert dict(Ledger(ring, OFFSET_MIN).mount()._sums) == shop.sums()
    assert len(read) <= 2 and shop.ring.sequence > 8


def test_an_outcome_costs_one_program_and_a_sector_one_more():
    shop = Shop(64)
    before = shop.nor.programs
    for _ in range(100):
        shop.pay()
    sectors = shop.ring.sequence - 1
    assert shop.nor.programs - before - 200 <= 2 * sectors + 1        # a header and the sums so far


def test_voids_and_refunds_give_the_day_no_room_back():
    shop = Shop(8)
    shop.pay("sale", 5000)
    shop.pay("void", 5000)
    shop.pay("refund", 100)
    assert shop.ledger.sums["day_minor"] == 5000
    assert totals.net_minor(totals.of(shop.ledger.sums, totals.SHIFT)) == -100


def test_the_day_ends_at_the_shops_midnight_and_not_before():
    shop = Shop(8)
    shop.pay("sale", 5000)
    day = shop.ledger.sums["day"]
    NOW[0] = (day + 1) * 86400 - OFFSET_MIN * 60 - 1
    assert shop.ledger.sums["day_minor"] == 5000
    NOW[0] += 1
    assert (shop.ledger.sums["day"], shop.ledger.sums["day_minor"], shop.ledger.sums["batch_sale_minor"]) == (day + 1, 0, 5000)
    NOW[0] -= 1
    assert shop.ledger.sums["day_minor"] == 5000                       # a look at another day forgets nothing


def test_one_cards_day():
    shop = Shop(8)
    shop.pay("sale", 100, "a1")
    shop.pay("sale", 200, "a2")
    shop.pay("refund", 50, "a1")
    shop.ends(shop.owe("sale", 300, "a1"), "declined")
    shop.owe("sale", 400, "a1")
    assert whole(shop.ledger.card_minor("a1", shop.day())) == 100
    assert whole(shop.ledger.card_minor("a1", shop.day() + 1)) == whole(shop.ledger.card_minor("a3", shop.day())) == 0


def test_a_z_ends_the_shift_alone_and_a_settlement_the_batch_alone():
    shop = Shop(8)
    shop.pay()
    closing = shop.ledger.closed("z", "closed", 0, "1.9")
    assert (closing["period_number"], closing["sale_count"], closing["sale_minor"]) == (1, 1, 1250)
    sums = shop.ledger.sums
    assert (sums["shift"], sums["shift_sale_count"], sums["batch"], sums["batch_sale_count"]) == (2, 0, 1, 1)
    assert shop.ledger.closed("settled", "agreed", 7, "1.10")["period_number"] == 1
    assert shop.ledger.sums["batch"] == 2 and shop.ledger.sums["batch_sale_count"] == 0


def test_numbers_have_six_digits_and_begin_again():
    sums = totals.nothing()
    totals.close(sums, totals.BATCH, 999_999)
    assert sums["batch"] == 1


def test_the_batch_holds_its_approved_payments_in_their_order():
    shop = Shop(16)
    shop.pay()
    shop.close("settled")
    first = shop.pay("sale", 100)
    shop.ends(shop.owe(), "declined")
    late, second = shop.owe("sale", 300), shop.pay("refund", 50)
    shop.close("z")
    for _ in range(12):
        shop.do(lambda: shop.ledger.alarm("printer", "paper_out" * 20))
    shop.ends(late, "approved")
    found = [whole(shop.ledger.approved(stan, sector)) for stan, sector in whole(shop.ledger.batch())]
    assert [(row["stan"], row["amount_minor"], row["rrn"], row["auth"]) for row in found] == [
        (first, 100, "%012d" % first, "123456"), (second, 50, "%012d" % second, "123456"), (late, 300, "%012d" % late, "123456")]
    assert whole(shop.ledger.approved(4711, 1)) is None


@given(text=st.text(max_size=60), most=st.integers(0, 80))
def test_a_cut_text_ends_at_a_character(text, most):
    part = cut(text, most)
    assert text.startswith(part) and len(part.encode()) <= most
    assert part == text or len(text[:len(part) + 1].encode()) > most


def test_refusals_and_settings_are_on_record():
    shop = Shop(8)
    shop.ledger.refuse(transaction.SALE, 60_000, "L01", "1.4")
    shop.ledger.changed("shop.name", "Café " * 20, "x", "1.5")
    rows = [records.decode(kind, payload) for _s, _n, kind, payload in shop.ring.records() if kind in (records.REFUSED, records.CHANGED)]
    assert (rows[0]["kind"], rows[0]["amount_minor"], rows[0]["reason"], rows[0]["trigger"]) == (1, 60_000, "L01", "1.4")
    assert (rows[1]["setting"], rows[1]["after"], len(rows[1]["before"].encode())) == ("shop.name", "x", MOST_BYTES)


def test_a_sum_below_zero_has_a_sign():
    assert [totals.words(minor, 978) for minor in (-1250, 0, 1250)] == ["-12.50 EUR", "0.00 EUR", "12.50 EUR"]
