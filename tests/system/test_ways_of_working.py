# test_ways_of_working.py: a shop's own ways: kiosk, tips, receipts, limits, hours, news from outside, and settings that change under way.
import datetime

import pytest

TEA = {"mode": "chosen", "items": [{"name": "Tea", "price": "2.00"}, {"name": "Coffee", "price": "3.50"}]}
FIXED = {"mode": "fixed", "price": "2.50"}


def at(hour, minute, day=5):
    """A terminal's setup: power comes on at that time of a day in January 2026, UTC; the 5th is a Monday."""
    return lambda bench: bench.begin_at(datetime.datetime(2026, 1, day, hour, minute))


def refused(till, words, keys="1250D"):
    return till.ready().keys(keys).sees(words, 5_000).ready()


def reasons(till):
    return [(row["reason"], row["amount_minor"]) for row in till.records("refused")]


# Kiosk
def test_a_fixed_kiosk_takes_taps_and_no_keys(till):
    till.ready().settings(kiosk=FIXED).sees("Tap to pay").keys("1").sees("Only tapping").sees("Tap to pay", 5_000)
    till.taps("visa").sees("Approved").sees("Tap to pay").waits(200).taps("mc").sees("Approved").sees("Tap to pay")
    assert [row["amount_minor"] for row in till.journal()] == [250, 250] and till.effects() == (2, 2)


def test_one_card_left_on_a_kiosk_pays_once(till):
    till.ready().settings(kiosk=FIXED).sees("Tap to pay").waits(300).taps("visa", hold_ms=40_000).sees("Approved").sees("Tap to pay").waits(30_000)
    assert till.effects() == (1, 1)
    till.waits(10_000).taps("visa").sees("Approved")
    assert till.effects() == (2, 2)


def test_a_closed_kiosk_keeps_its_field_off_and_hears_no_card(till):
    till.ready().settings(kiosk=FIXED, hours={"mon": "10:00-12:00"}).sees("We are closed").waits(5_000)
    before = till.bench.reader.rf_on_us
    till.taps("visa", hold_ms=20_000).waits(60_000)
    assert till.bench.reader.rf_on_us == before and till.events("apdu") == [] and till.bench.bank.records() == []
    till.sees("Tap to pay", 4_000_000).taps("visa").sees("Approved")


def test_a_resting_kiosk_has_its_field_on_for_a_small_part_of_the_time(till):
    till.ready().settings(kiosk=FIXED).sees("Tap to pay").waits(1_000)
    before = till.bench.reader.rf_on_us
    till.waits(10_000)
    assert 0.02 < (till.bench.reader.rf_on_us - before) / 10_000_000 <= 0.15


def test_at_a_kiosk_with_a_choice_a_digit_chooses_and_another_chooses_anew(till):
    till.ready().settings(kiosk=TEA).sees("2 Coffee 3.50").keys("1").sees("Tea").sees("2.00").keys("2").sees("3.50").keys("9").sees("1 Tea 2.00")
    till.keys("2D").sees("Tap a card").taps("visa").sees("Approved").sees("2 Coffee 3.50")
    assert [row["amount_minor"] for row in till.journal()] == [350]
    till.keys("1A").sees("Cancelled").sees("2 Coffee 3.50").taps("visa").waits(3_000)
    assert till.effects() == (1, 1)                     # a card alone buys nothing here


# Tips and receipts
@pytest.mark.parametrize("key, tip", [("1", 50), ("2", 100), ("3", 150), ("D", 0)])
def test_a_tip_is_offered_and_paid_on_top(till, key, tip):
    till.ready().settings(sale={"tip": "ask"}).ready().keys("1000D").sees("Tip?").sees("10%").sees("1.00").keys(key)
    till.sees("Tap a card").sees("%d.%02d" % divmod(1000 + tip, 100)).taps("visa").sees("Approved").ready()
    paid = till.journal()[0]
    assert (paid["amount_minor"], paid["tip_minor"]) == (1000 + tip, tip) and till.agree() == 1
    assert any("Tip" in paper for paper in till.papers()) == bool(tip)


def test_a_tip_counts_for_the_limit_and_may_be_cancelled(till):
    till.ready().settings(sale={"tip": "ask"}, limits={"single": "10.50"}).ready().keys("1000D").sees("Tip?").keys("2").sees("Over the limit")
    till.ready().keys("1000D").sees("Tip?").keys("A").sees("Cancelled").ready().keys("1000D").sees("Tip?").keys("1").sees("Tap a card")
    assert reasons(till) == [("L01", 1100)]


@pytest.mark.parametrize("key, papers, printed", [("D", 2, "printed"), ("A", 0, "not wanted")])
def test_a_receipt_is_printed_only_where_it_is_wanted(till, key, papers, printed):
    till.ready().settings(sale={"receipts": "ask"}).ready().keys("1250D").sees("Tap a card").taps("visa").sees("Receipt?").keys(key).ready()
    assert (len(till.papers()), till.journal()[0]["printed"], till.effects()) == (papers, printed, (1, 1))


# Limits
def test_exactly_the_limit_is_allowed(till):
    till.ready().settings(limits={"single": "12.50"}).pays("1250").keys("1251D").sees("Over the limit").ready()
    assert till.effects() == (1, 1) and reasons(till) == [("L01", 1251)]


@pytest.mark.parametrize("offset_min, hour", [(0, 23), (60, 22), (-120, 1)])
def test_the_limit_of_a_day_ends_at_the_shops_own_midnight(till_with, offset_min, hour):
    till = till_with(at(hour, 50))
    till.ready().settings(limits={"daily": "20.00"}, shop={"offset_min": offset_min}).pays("1250")
    refused(till, "Limit of the day").pays("700")
    refused(till, "Limit of the day", "51D").waits(660_000).pays("1250")
    assert reasons(till) == [("L02", 1250), ("L02", 51)] and till.effects() == (3, 3)


def test_what_waits_for_settlement_has_a_limit_that_midnight_does_not_end(till_with):
    till = till_with(at(23, 50))
    till.ready().settings(limits={"cumulative": "20.00"}).pays("1250")
    refused(till, "Settle first").waits(660_000)
    refused(till, "Settle first").menu("6").sees("Settled").pays("1250")
    assert reasons(till) == [("L04", 1250), ("L04", 1250)] and till.effects() == (2, 2)


def test_a_card_has_its_limit_and_another_card_its_own(till_with):
    till = till_with(at(23, 50))
    till.ready().settings(limits={"per_card": "20.00"}).pays("1250")
    till.keys("1250D").sees("Tap a card").taps("visa").sees("Card's daily").pays("1250", "mc").pays("750")
    till.waits(660_000).pays("1250")
    assert reasons(till) == [("L05", 1250)] and till.effects() == (4, 4)


def test_limits_hold_after_a_restart(till):
    till.ready().settings(limits={"daily": "20.00"}).pays("1250").bench.cut()
    till.bench.start()
    refused(till, "Limit of the day").pays("750")


# Hours
def test_before_opening_the_screen_says_when_and_opens_by_itself(till):
    till.ready().settings(hours={"mon": "10:00-12:00"}).sees("We are closed").sees("Opens 10:00").keys("1").sees("Not now").sees("Opens 10:00", 5_000)
    assert ("digit", "W01") in till.refusals()
    till.sees("Key an amount", 3_700_000)
    assert datetime.time(9, 59, 59) < datetime.datetime.fromisoformat(till.events("trigger")[-1]["at"]).time() < datetime.time(10, 0, 2)


def test_a_sale_under_way_at_closing_time_is_finished(till):
    till.ready().settings(hours={"mon": "00:00-09:01"}).ready().waits(45_000).keys("1250D").sees("Tap a card").waits(20_000).taps("visa")
    till.sees("Approved").sees("We are closed", 10_000)
    assert till.effects() == (1, 1) and "Opens" not in till.screen


@pytest.mark.parametrize("closed, words", [({"holidays": ["2026-01-05"]}, "Holiday"), ({"holidays": ["01-05"]}, "Holiday"),
                                           ({"periods": ["2026-01-01..2026-01-05"]}, "Closed for")])
def test_on_a_closed_day_it_is_said_and_the_next_day_opens_by_itself(till_with, closed, words):
    till = till_with(at(23, 50))
    till.ready().settings(closed=closed).sees(words).waits(540_000).sees(words).keys("1").sees("Not now").sees("Not in service", 5_000)
    till.sees("Key an amount", 61_000).pays()
    assert [reason for _name, reason in till.refusals()] == ["W02" if words == "Holiday" else "W03"]


def test_a_shop_that_sells_nothing_of_a_kind_says_so(till):
    till.pays().settings(sale={"types": ["sale"]}).menu("2").sees("Not done here")
    till.settings(sale={"types": ["refund", "void"]}).sees("Not in service").sees("Not done here")


# Power
def test_a_battery_that_is_nearly_empty_does_no_harm_on_mains_and_switches_off_without(till):
    till.ready()
    till.around.battery_percent = 3
    till.sees("Battery empty", 100_000).pays()
    assert "alert" in till.lights and not till.bench.dark
    till.around.mains = False
    till.sees("Switching off", 5_000).holds(lambda: till.bench.dark, "it is dark", 5_000)
    till.around.battery_percent, till.around.mains = 50, True
    till.pays()
    assert till.effects() == (2, 2)


def test_an_empty_battery_waits_for_the_customer(till):
    till.ready()
    till.around.mains, till.around.battery_percent = False, 4
    till.waits(140_000).keys("1250D").sees("Tap a card").waits(15_000)
    assert "battery_critical" in [source for source, _word in till.alarms()] and "Tap a card" in till.screen
    till.taps("visa").sees("Approved").sees("Switching off", 10_000).holds(lambda: till.bench.dark, "it is dark", 5_000)
    assert till.effects() == (1, 1) and len(till.papers()) == 2


# News from outside
def weather(till, word, seconds):
    till.ask("condition", name="weather", word=word, until=till.bench.unix_time() + seconds)
    return till


def test_a_storm_closes_until_it_is_over_and_a_restart_does_not_end_it(till):
    till.ready().settings(outside={"conditions": {"weather": {"refuse": ["storm"], "unknown": "allow"}}})
    weather(till.pays(), "calm", 600).pays()
    weather(till, "storm", 900).sees("Not possible", 2_000).bench.cut()
    till.bench.start()
    till.sees("Not possible", 5_000).keys("1").sees("Not now").sees("Not possible", 5_000)
    assert ("digit", "C02") in till.refusals()
    till.sees("Key an amount", 901_000).pays()
    assert till.effects() == (3, 3)


def test_where_news_must_come_none_and_stale_ones_close(till):
    till.ready().settings(outside={"conditions": {"weather": {"refuse": ["storm"], "unknown": "refuse"}}}).sees("Waiting", 2_000)
    weather(till, "calm", 300).sees("Key an amount", 2_000).pays().sees("Waiting", 301_000).keys("1").sees("Not now")
    assert ("digit", "C03") in till.refusals()


# Settings under way
def test_a_change_is_on_record_with_before_and_after(till):
    till.ready().settings(limits={"single": "10.00"}).settings(limits={"single": "20.00", "daily": "90.00"}).settings()
    rows = [row for row in till.notes() if row[0] != "settings"]
    assert rows == [("limits.single", "off", "10.00"), ("limits.single", "10.00", "20.00"), ("limits.daily", "off", "90.00"),
                    ("limits.single", "20.00", "off"), ("limits.daily", "90.00", "off")]
    marks = [row for row in till.notes() if row[0] == "settings"]
    assert [row[1] for row in marks[1:]] == [row[2] for row in marks[:-1]] and marks[0][1] == marks[-1][2]
    pins = {"operator": "00" * 16 + ":1000:" + "ab" * 32}
    assert till.settings(pins=pins).notes()[-2] == ("pins.operator", "***", "***")


def test_settings_that_come_in_the_middle_of_a_sale_count_from_the_next_one(till):
    till.ready().keys("125").stages(limits={"single": "5.00"}).waits(2_000).keys("0D").sees("Tap a card").taps("visa").sees("Approved").ready()
    till.holds(lambda: till.events("settings"), "they count", 2_000)
    refused(till, "Over the limit")
    assert till.effects() == (1, 1)


def test_of_two_settings_that_wait_the_later_one_counts(till):
    till.ready().keys("1").stages(limits={"single": "5.00"}).stages(limits={"single": "6.00"}).keys("A").ready().waits(2_000)
    assert [row for row in till.notes() if row[0] == "limits.single"] == [("limits.single", "off", "6.00")]


def test_settings_that_count_are_kept_over_a_power_cut_and_waiting_ones_are_not(till):
    till.ready().settings(limits={"single": "5.00"}).keys("1").stages(limits={"single": "6.00"}).bench.cut()
    till.bench.start()
    till.ready()
    assert till.ask("settings")[0]["owner"] == {"limits": {"single": "5.00"}}
    refused(till, "Over the limit", "550D")


@pytest.mark.parametrize("owner, setting", [
    ({"limits": {"single": "10.00", "daily": "lots"}}, ["limits", "daily"]),
    ({"limits": {"single": "10.00"}, "sale": {"tips": [90]}}, ["sale", "tips"]),
    ({"limits": {"single": "10.00"}, "kiosk": {"mode": "fixed"}}, ["kiosk", "price"]),
    ({"limits": {"single": "10.00"}, "roles": {"void": "supervisor"}}, ["roles", "void"]),
    ({"limits": {"single": "10.00"}, "shop": {"languages": ["en", "xx"]}}, ["shop", "languages"]),
])
def test_settings_with_one_mistake_are_refused_whole(till, owner, setting):
    before = till.ready().ask("settings")
    answer, = till.ask("stage", owner=owner)
    assert not answer["ok"] and [problem[:2] for problem in answer["problems"]] == [setting]
    till.waits(3_000)
    assert till.ask("settings") == before and till.notes() == []
    till.pays("1250")                                   # the good half does not count either


def test_what_waits_for_the_bank_is_capped_by_count_sum_and_age(till):
    """Said before anybody taps, in words, with a reason that why-not explains; and all is well once the bank has undone it."""
    till.long_without_a_bank()
    for owed, code, words in (({"count": 1}, "R04", "Too many wait"), ({"sum": "12.50"}, "R05", "Too much waits")):
        till.settings(owed=owed).sees(words, 2_000).keys("1").sees("Not now").sees(words)
        assert ("digit", code) in till.refusals()
        guards = {guard["guard"]: guard["reason"] for guard in till.ask("why_not", action="sale")[0]["guards"]}
        assert guards["owed_within"] == code
    till.settings(owed={"sum": "20.00"}).sees("Key an amount", 2_000).keys("751D").sees("Too much waits").sees("Key an amount")
    assert till.records("refused")[-1]["reason"] == "R05" and till.facts()["owed"][:2] == [1, 1250]
    till.settings(owed={"hours": 1}).sees("Key an amount", 2_000).sees("for too long", 3_600_000)
    assert till.facts()["owed"][2] >= 3_600
    till.bench.network.refuse = False
    till.sees("Key an amount", 400_000)
    assert till.facts()["owed"] == [0, 0, 0] and till.agree() == 1
    till.pays()
