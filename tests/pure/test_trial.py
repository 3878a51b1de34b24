# test_trial.py: a proposed way of working on a journal's past: it lists exactly what would have ended otherwise, also over midnight, after a
# settlement, and where the journal no longer reaches back to the beginning. The journal is the real one, on a chip in memory.
import datetime

import pytest
from hypothesis import given
from hypothesis import settings as running
from hypothesis import strategies as st
from nor_memory import NorMemory

from microtill import trial
from till.core import clock
from till.money import transaction
from till.money.ledger import Ledger
from till.store.ring import Ring
from till.wire import records

START = 1_767_603_600                       # Monday 2026-01-05 09:00 UTC
NOW = [START]
LIMITS = ("single", "daily", "cumulative", "per_card")
CODES = dict(zip(LIMITS, ("L01", "L02", "L04", "L05"), strict=True))
KINDS = {"sale": transaction.SALE, "refund": transaction.REFUND, "void": transaction.VOID}


@pytest.fixture(autouse=True, scope="module")
def a_clock_in_our_hands():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "unix", lambda: NOW[0])
        yield


class Past:
    """A journal as a terminal writes it, by one call for each wish of a person."""

    def __init__(self, sectors=64):
        NOW[0], self.stan = START, 0
        self.ring = Ring(NorMemory(sectors), 0, sectors).mount()
        self.ledger = Ledger(self.ring).mount()
        self.ledger.started(1, "cold", "00000000")

    def pays(self, minor, card="a1", what="approved", kind="sale", later_s=0):
        self.stan += 1
        self.ledger.owe({"stan": self.stan, "kind": KINDS[kind], "amount_minor": minor, "currency": 978, "unix": NOW[0],
                         "trigger": "1.%d" % self.stan, "field7": "0105090000", "pan": "476173******0119", "account": card})
        NOW[0] += later_s
        self.ledger.happened(self.stan, what, {"response": "00"})
        return self

    def refused(self, reason, minor=0, kind="sale"):
        self.stan += 1
        self.ledger.refuse(KINDS[kind] if minor else 0, minor, reason, "1.%d" % self.stan)
        return self

    def waits(self, hours):
        NOW[0] += int(hours * 3600)
        return self

    def settles(self):
        self.ledger.closed("settled", "agreed", 0, "1.1")
        return self

    def rows(self):
        return [{**records.decode(kind, bytes(payload)), "number": number, "record": records.NAMES[kind]}
                for _sequence, number, kind, payload in self.ring.records()]

    def would(self, **sections):
        """[(trigger, how it would end)] of what would end otherwise."""
        return [(row["trigger"], row["would"]) for row in trial.differences(self.rows(), sections)[1]]


def test_a_limit_for_one_payment_lists_those_above_it():
    past = Past().pays(1000).pays(1001).pays(5000, what="declined").refused("L01", 9000)
    assert past.would(limits={"single": "10.00"}) == [("1.2", "refused L01"), ("1.3", "refused L01")]
    assert past.would() == [("1.4", "let pass")] and past.would(limits={"single": "90"}) == [("1.4", "let pass")]


def test_a_limit_of_a_day_counts_what_would_have_been_sold_under_it():
    past = Past().pays(600).pays(600, "b2").pays(300, "c3").waits(24).pays(1000).pays(1)
    assert past.would(limits={"daily": "10.00"}) == [("1.2", "refused L02"), ("1.5", "refused L02")]      # the third fits, as the second was not sold


def test_a_limit_between_settlements_begins_anew_with_each():
    past = Past().pays(600).pays(600).settles().pays(600).waits(30).pays(600)
    assert past.would(limits={"cumulative": "10"}) == [("1.2", "refused L04"), ("1.4", "refused L04")]


def test_a_limit_of_a_card_is_each_cards_own_and_each_days():
    past = Past().pays(600, "a1").pays(600, "b2").pays(600, "a1").waits(24).pays(600, "a1")
    assert past.would(limits={"per_card": "10"}) == [("1.3", "refused L05")]


def test_what_was_refused_for_its_card_passes_where_no_card_of_that_day_has_paid_too_much():
    past = Past().pays(600, "a1").pays(100, "b2").refused("L05", 600)
    assert past.would(limits={"per_card": "10"}) == []
    assert past.would(limits={"per_card": "11"}) == [] and past.would(limits={"per_card": "12"}) == [("1.3", "let pass")]
    assert past.would() == [("1.3", "let pass")]


def test_voids_and_refunds_make_no_room_again():
    past = Past().pays(1000).pays(1000, kind="void").pays(400, kind="refund").pays(1)
    assert past.would(limits={"daily": "10", "cumulative": "10"}) == [("1.4", "refused L02")]


def test_hours_holidays_and_periods_list_what_fell_outside():
    past = Past().pays(100).waits(3).pays(200).refused("W01").waits(21).pays(300)
    assert past.would(hours={"mon": "08:00-12:00"}) == [("1.2", "refused W01")]
    assert past.would() == [("1.3", "let pass")]
    assert past.would(closed={"holidays": ["01-06"]}) == [("1.3", "let pass"), ("1.4", "refused W02")]
    assert past.would(closed={"periods": ["2026-01-01..2026-01-05"]})[:2] == [("1.1", "refused W03"), ("1.2", "refused W03")]
    assert past.would(shop={"offset_min": 180}, hours={"mon": "08:00-13:00"}) == [("1.2", "refused W01")]


def test_a_type_that_is_not_done_any_more_lists_all_of_its_kind():
    past = Past().pays(100).pays(100, kind="refund").pays(100, kind="void")
    assert past.would(sale={"types": ["sale", "void"]}) == [("1.2", "refused L03")]
    assert past.would(sale={"types": ["refund"]}) == [("1.1", "refused L03"), ("1.3", "refused L03")]


def test_a_refund_above_the_limit_for_one_payment_is_listed_too():
    assert Past().pays(2000).pays(2000, kind="refund").would(limits={"single": "10"}) == [("1.1", "refused L01"), ("1.2", "refused L01")]


def test_a_sale_over_midnight_counts_for_the_day_of_its_answer():
    past = Past().waits(15).waits(-1 / 120).pays(900, later_s=60).pays(200)           # asked at 23:59:30
    assert past.would(limits={"daily": "10"}) == [("1.2", "refused L02")]


def test_a_hot_case_an_empty_batch_and_a_missing_log_in_are_none_of_it():
    past = Past().refused("H02").refused("R03").refused("A01").refused("L03").refused("K02")
    assert trial.differences(past.rows(), {}) == (0, [])


def test_news_from_outside_count_as_they_did_then():
    past = Past().refused("C02").pays(100)
    asked = {"conditions": {"weather": {"refuse": ["storm"], "unknown": "refuse"}}}
    assert past.would(outside=asked) == [] and past.would() == [("1.1", "let pass")]


def test_a_kiosks_past_is_not_refused_for_how_it_was_begun():
    assert Past().pays(300).pays(300).would(kiosk={"mode": "fixed", "price": "3.00"}) == []


def test_a_journal_that_has_wrapped_begins_with_its_first_sums():
    past = Past(sectors=8)
    for n in range(300):
        past.pays(100, "card %d" % (n % 7))
    assert past.rows()[0]["number"] > 100
    assert past.would(limits={"daily": "250", "cumulative": "280"}) == [("1.%d" % n, "refused L02") for n in range(251, 301)]
    assert past.would(limits={"daily": "300", "cumulative": "300"}) == []
    assert trial.differences(past.settles().pays(100).rows(), {"limits": {"cumulative": "1"}})[1][-1]["trigger"] == "1.300"


def test_each_difference_says_when_what_and_how_much():
    _tried, (row,) = trial.differences(Past().pays(1250).rows(), {"limits": {"single": "10"}})
    assert row == {"trigger": "1.1", "at": "2026-01-05T09:00:00+00:00", "kind": "sale", "amount_minor": 1250, "amount": "12.50 EUR",
                   "was": "approved", "would": "refused L01", "reason": "L01"}


# any past, by a shop of the test's own
class Simple:
    """Who may pay under limits, by adding up: this test's own."""

    def __init__(self, limits):
        self.limits, self.sold, self.batch_at = limits, [], 0

    def judge(self, at, minor, card):
        day, lim = at // 86400, self.limits
        if lim.get("hours") and not lim["hours"][0] <= at % 86400 // 60 < lim["hours"][1]:
            return "W01"
        for name, before in (("single", 0), ("daily", sum(row[1] for row in self.sold if row[0] // 86400 == day)),
                             ("cumulative", sum(row[1] for row in self.sold[self.batch_at:])),
                             ("per_card", sum(row[1] for row in self.sold if row[0] // 86400 == day and row[2] == card) if card else 0)):
            if lim.get(name) and before + minor > lim[name]:
                return CODES[name]
        return ""

    def owner(self):
        found = {"limits": {name: "%d.%02d" % divmod(self.limits[name], 100) for name in LIMITS if self.limits.get(name)}}
        if self.limits.get("hours"):
            span = "%02d:%02d-%02d:%02d" % (*divmod(self.limits["hours"][0], 60), *divmod(self.limits["hours"][1], 60))
            found["hours"] = {name: span for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
        return found


def ways(*names):
    return st.fixed_dictionaries({name: st.one_of(st.just(0), st.integers(1, 3000)) for name in names}).flatmap(lambda found: st.one_of(
        st.just(found), st.tuples(st.integers(0, 700), st.integers(701, 1440)).map(lambda span: {**found, "hours": span})))


ACTS = st.lists(st.one_of(
    st.tuples(st.integers(1, 2000), st.sampled_from("abc"), st.booleans()), st.integers(1, 800), st.just("settle")), max_size=25)


def lived(limits, acts, sectors=64):
    """(the journal, the acts that reached it as (unix, minor, card, reason or "", approved?)) of a terminal under these limits."""
    past, shop, did = Past(sectors), Simple(limits), []
    for act in acts:
        if act == "settle":
            past.settles()
            shop.batch_at = len(shop.sold)
            did.append(None)
        elif isinstance(act, int):
            NOW[0] += act * 60
        else:
            minor, card, good = act
            reason = shop.judge(NOW[0], minor, card)
            if reason:
                past.refused(reason, 0 if reason == "W01" else minor)
            else:
                past.pays(minor, card, "approved" if good else "declined")
                shop.sold += [(NOW[0], minor, card)] if good else []
            did.append((NOW[0], 0 if reason == "W01" else minor, "" if reason else card, reason, good))
    return past, did


@running(max_examples=150, deadline=None)
@given(ways(*LIMITS), ACTS)
def test_under_its_own_settings_no_past_would_have_been_another(limits, acts):
    for sectors in (64, 8):
        past, did = lived(limits, acts * (1 if sectors == 64 else 8), sectors)
        tried, found = trial.differences(past.rows(), Simple(limits).owner())
        assert found == [] and (sectors == 8 or tried == sum(each is not None for each in did))


@running(max_examples=150, deadline=None)
@given(ways("single", "daily", "cumulative"), ways(*LIMITS), ACTS)
def test_under_other_settings_exactly_those_are_listed_that_adding_up_says(then, proposed, acts):
    past, did = lived(then, acts)
    shop, expected = Simple(proposed), []
    for act in did:
        if act is None:
            shop.batch_at = len(shop.sold)
            continue
        at, minor, card, was, good = act
        now = shop.judge(at, minor, card)
        if not minor:                       # refused before an amount was keyed
            now = now if now == "W01" else ""
        if not now and minor and (was or good):
            shop.sold.append((at, minor, card))
        if now != was:
            expected.append((datetime.datetime.fromtimestamp(at, datetime.UTC).isoformat(timespec="seconds"), minor, now))
    assert [(row["at"], row["amount_minor"], row["reason"]) for row in trial.differences(past.rows(), shop.owner())[1]] == expected
