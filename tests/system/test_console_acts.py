# test_console_acts.py: everything that can be done to a terminal from outside, and what a person and both books see of it.
import pytest
from console_rig import Console, pay

from microtill.client import Refused


@pytest.fixture
def console():
    with Console() as console:
        yield console


@pytest.fixture(scope="module")
def shared():
    with Console() as console:
        console.ready()
        yield console


def timeless(rows):
    """Rows without the moments at which they happened: a microsecond may have any four digits in it."""
    return [{name: value for name, value in row.items() if name not in ("t_us", "t_ms", "at")} for row in rows]


def test_a_payment_by_the_interface_is_on_paper_and_in_both_books(console):
    till = pay(console.ready(), "6000", "mc-pin", "2468")      # four digits that no time of day has in it
    books = till.books()
    assert books["agree"] and [(row["terminal"], row["bank"]) for row in books["rows"]] == [
        ({"amount_minor": 6000, "state": "approved", "effects": 1},) * 2]
    assert "60.00 EUR" in till.paper_text(0) and till.state()["papers"] == 2
    assert console.raw("GET", "/paper.png?n=1")[1].startswith(b"\x89PNG") and till.screen_png(2).startswith(b"\x89PNG")
    story = till.explain()
    assert len(story["steps"]) > 20 and all(step["clause"] for step in story["steps"])
    assert till.explain(books["rows"][0]["stan"])["trigger"] == story["trigger"]
    assert sum(row["started"] for row in till.triggers() if row["trigger"] == "digit") == 1
    assert {"owed", "outcome", "printed"} <= {row["record"] for row in till.journal()} and len(till.ledger()) == 1
    assert [row["n"] for row in till.happened(after=2, limit=3)] == [row["n"] for row in till.happened()][-3:]
    told = timeless(till.happened(0, 20_000)) + timeless(story["steps"]) + [value for value in story.values() if isinstance(value, str)]
    assert len(told) > 40 and "2468" not in str(told)


def test_keys_asked_for_at_once_are_pressed_one_after_the_other(shared):
    till = shared.ready()
    till.keys("98765")
    till.wait_screen("987.65")
    till.keys("A")
    till.wait_name("ready")


def test_a_finger_that_stays_down_holds_the_key_until_it_goes_up(shared):
    till = shared.ready()
    down = till.key("7", "down")["at_ms"]
    till.time(step_ms=300)
    assert till.key("7", "up")["at_ms"] >= down + 300
    till.wait_screen("0.07")
    till.keys("A")
    till.wait_name("ready")


def test_a_finger_quicker_than_the_keypad_loses_no_key(shared):
    till = shared.ready()
    before = -1
    for key in "98765":
        down, up = till.key(key, "down")["at_ms"], till.key(key, "up")["at_ms"]
        assert up - down >= 60 and down - before >= (40 if before >= 0 else 0)
        before = up
    till.wait_screen("987.65")
    till.keys("A")
    till.wait_name("ready")


def test_keys_that_wait_for_time_keep_their_order(shared):
    till = shared.ready("paused")
    acts = [("1", "down"), ("1", "up"), ("2", "press"), ("3", "down"), ("3", "up"), ("0", "down"), ("0", "up")]
    moments = [till.key(key, action)["at_ms"] for key, action in acts]
    assert moments == sorted(moments) and till.at_ms() <= moments[0]
    till.time(step_ms=2_000)
    assert "12.30" in till.screen_text()
    till.keys("A")
    till.time(step_ms=1_000)
    till.time(pace="x10")
    till.wait_name("ready")


def test_two_cards_lie_in_the_field_until_one_is_pulled(shared):
    till = shared.ready()
    assert till.tap("visa", action="hold")["in_field"] == ["visa"]
    assert till.tap("mc", action="hold")["in_field"] == ["visa", "mc"]
    for card in ("visa", "phone"):
        with pytest.raises(Refused) as refused:
            till.tap(card)
        assert refused.value.code == "C409"
    assert till.pull("visa")["in_field"] == ["mc"] and till.state()["in_field"] == ["mc"]
    assert till.pull("mc")["in_field"] == []
    till.tap("visa", hold_ms=50)
    till.wait(lambda: till.state()["in_field"] == [], 20, "the card to be away")


def test_a_card_that_leaves_at_a_command_must_be_tapped_again(shared):
    till = shared.ready()
    till.keys("500D")
    till.wait_screen("Tap a card")
    till.tap("visa", pulled_at=3)
    till.wait_name("again")
    till.keys("A")
    till.wait_name("ready")


@pytest.mark.parametrize("fault, mended", [
    ({"fault": "reader_deaf", "remedy": "dead"}, {"fault": "reader_well"}), ({"fault": "key_stuck", "key": "5"}, {"fault": "key_free"}),
    ({"fault": "printer_silent"}, {"fault": "printer_silent", "on": False}), *(
        ({"fault": "sensor", "sensor": sensor, "how": how}, {"fault": "sensor", "sensor": sensor, "how": None})
        for sensor, how in (("gauge", "dead"), ("thermometer", "stuck"), ("light", "mad"), ("rtc", "dead")))], ids=str)
def test_a_fault_stands_until_it_is_mended(shared, fault, mended):
    till = shared.ready()
    till.fault(**fault)
    told, = till.state()["faults"]
    assert told.startswith(fault["fault"])
    till.fault(**mended)
    assert till.state()["faults"] == []
    till.keys("A")
    till.wait_name("ready")


@pytest.mark.parametrize("line", ["reader", "printer"])
def test_one_garbled_byte_costs_no_payment(shared, line):
    shared.ready().fault("garbled_byte", line=line)
    assert pay(shared.till, "321").books()["agree"]


def test_alarms_are_told_while_their_cause_lasts(console):
    till = console.linked()
    till.environment(case_open=True)
    till.wait(lambda: till.state()["alarms"].get("case_opened") == "critical", 20, "the alarm")
    till.wait(lambda: till.state()["lights"]["alert"], 20, "the light")
    till.environment(case_open=False)
    till.wait(lambda: till.state()["alarms"] == {}, 20, "its end")


def test_a_deaf_reader_is_an_alarm_once_somebody_would_pay(console):
    till = console.linked()
    till.fault("reader_deaf", remedy="dead")
    till.keys("1250D")
    till.wait(lambda: till.state()["alarms"].get("reader_deaf") == "critical", 20, "the alarm")


def test_power_off_in_the_middle_and_on_again_leaves_one_effect_on_both_sides(console):
    till = console.linked()
    till.environment(bank="late")
    till.keys("1250D")
    till.wait_screen("Tap a card")
    till.tap("visa")
    till.wait_screen("Asking")
    till.fault("power_off")
    state = till.state()
    assert (state["powered"], state["screen"]["lit"], state["screen"]["text"].strip()) == (False, False, "")
    for act in (lambda: till.fault("power_off"), lambda: till.time(to="next_event"), lambda: till.settings({})):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "C409"
    before = till.at_ms()
    till.wait(lambda: till.at_ms() > before, 20, "time that goes on in the dark")
    till.environment(bank="answers")
    till.fault("power_on")
    till.wait_name("ready")
    till.wait(lambda: till.books()["agree"], 60, "books that agree")
    assert sum(row["terminal"]["effects"] for row in till.books()["rows"]) <= 1


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_power_that_fails_within_a_flash_operation_leaves_books_that_agree(console, share):
    till = console.ready()
    till.keys("1250D")
    till.wait_screen("Tap a card")
    till.fault("power_at_flash", share=share)
    till.tap("visa")
    till.wait(lambda: sum(row["kind"] == "power" for row in till.happened()) == 2, 60, "another life")
    till.wait_name("ready")
    till.wait(lambda: till.books()["agree"], 60, "books that agree")


def test_paper_out_in_the_middle_is_told_and_a_new_roll_prints_the_receipt(console):
    till = console.ready()
    till.environment(paper="out")
    till.keys("1250D")
    till.wait_screen("Tap a card")
    till.tap("visa")
    till.wait_screen("Paper is out")
    assert till.environment(paper="full")["paper"] == "full"
    till.keys("D")
    till.wait(lambda: till.state()["papers"] >= 1, 60, "the paper")
    assert "12.50" in till.paper_text(0) and till.books()["agree"]


ENDS = ("unknown", "declined", "cancelled")


@pytest.mark.parametrize("bank, ends", [("twice", "Approved"), ("late", "Approved"), ("never", "No answer"), ("wrong_mac", "No answer"),
                                        ("wrong_amount", "No answer"), ("garbage", "No answer"), ("down", None)])
def test_whatever_the_bank_does_the_books_agree_in_the_end(console, bank, ends):
    till = console.linked()
    assert till.environment(bank=bank)["bank"] == bank
    till.keys("1250D")
    till.wait_screen("Tap a card")
    till.tap("visa")
    till.wait_screen(ends) if ends else till.wait(lambda: till.state()["screen"]["name"] in ENDS, 60, "an end")
    till.environment(bank="answers")
    till.wait(lambda: till.books()["agree"], 90, "books that agree")
    assert sum(row["bank"]["effects"] for row in till.books()["rows"] if row["bank"]) == (1 if ends == "Approved" else 0)


@pytest.mark.parametrize("network", ["slow", "lossy", "second_off"])
def test_over_a_poor_network_a_payment_still_comes_about(console, network):
    console.ready().environment(network=network)
    assert pay(console.till).books()["agree"]


def test_with_the_network_off_nothing_is_approved(console):
    till = console.ready()
    till.environment(network="off")
    till.keys("1250D")
    till.wait(lambda: till.state()["screen"]["name"] == "tap", 60, "tap")
    till.tap("visa")
    till.wait(lambda: till.state()["screen"]["name"] in ENDS, 60, "an end")
    assert all(not row["bank"] for row in till.books()["rows"])


def test_a_battery_that_is_empty_goes_dark_and_mains_bring_it_back(console):
    till = console.ready()
    till.environment(mains=False, battery_percent=4)
    till.wait(lambda: till.state()["alarms"].get("battery_critical") == "critical", 60, "the alarm")
    till.environment(battery_percent=0)
    till.wait(lambda: not till.state()["powered"], 60, "the dark")
    with pytest.raises(Refused):
        till.fault("power_on")
    assert till.environment(mains=True)["mains"]
    till.wait_name("ready")


def test_all_surroundings_are_set_at_once_and_told_back(shared):
    wanted = {"mains": True, "battery_percent": 55, "case_c": 31.5, "head_c": 40, "lux": 12, "hole_lux": 3, "cell_mv": 3900,
              "case_open": False, "paper": "low", "network": "slow", "bank": "late"}
    told = shared.till.environment(**wanted)
    assert {**told, "head_c": round(told["head_c"])} == wanted
    shared.till.environment(case_c=24, lux=300, hole_lux=0, cell_mv=0, paper="full", network="good", bank="answers")


def test_paper_that_hangs_out_is_torn_off(console):
    till = console.ready()
    till.keys("1250D")
    till.wait_screen("Tap a card")
    till.tap("visa")
    till.wait(lambda: till.state()["paper_rows"] > 20, 60, "paper")
    till.time(pace="paused")
    hanging = till.paper_text()
    assert till.tear()["papers"] == 1 and till.paper_text(0) == hanging and till.state()["paper_rows"] == 0


def test_settings_count_from_the_next_quiet_moment_and_bad_ones_not_at_all(console):
    till = console.ready()
    told = till.settings({"shop": {"name": "Corner Shop"}})
    assert told["ok"] and [(row["setting"], row["after"]) for row in told["changed"]] == [("shop.name", "Corner Shop")]
    told = till.settings({"shop": {"name": 5}, "weather": {}})
    assert not told["ok"] and {row["setting"] for row in told["errors"]} == {"shop.name", "weather"} and told["changed"] == []
    pay(till)
    assert "Corner Shop" in till.paper_text(0)


@pytest.mark.parametrize("code, exponent, shown", [("JPY", 0, "1250"), ("KWD", 3, "1.250")])
def test_the_books_say_of_which_currency_an_amount_is(console, code, exponent, shown):
    till = console.linked()
    assert (till.books()["currency"], till.books()["exponent"]) == ("EUR", 2)
    assert till.settings({"shop": {"currency": code}})["ok"]
    till.keys("1250")
    till.wait_screen(shown)
    till.keys("D")
    till.wait_screen("Tap a card")
    till.tap("visa")
    till.wait(lambda: till.books()["rows"] and till.books()["rows"][0]["bank"], 60, "the bank to hear of it")
    books = till.books()
    assert (books["currency"], books["exponent"]) == (code, exponent) == (books["rows"][0]["currency"], books["rows"][0]["exponent"])
    assert books["rows"][0]["terminal"]["amount_minor"] == 1250


def test_what_becomes_of_a_payment_is_told_where_it_happens(console):
    till = pay(console.linked())
    assert [(row["state"], row["stan"]) for row in till.happened() if row["kind"] == "money"] == [("owed", "2"), ("approved", "2")]


def test_the_health_tells_the_time_that_windows_are_told(console):
    till = console.ready("real")
    till.wait(lambda: till.get("health")["at_ms"] % 1000, 20, "a time between two events")
    till.time(pace="paused")
    assert till.get("health")["at_ms"] == till.state()["at_ms"]


def test_after_reset_the_terminal_is_as_fresh_as_the_first(console):
    pay(console.ready())
    console.till.reset()
    till = console.ready("real")
    assert till.books() == {"rows": [], "agree": True, "currency": "EUR", "exponent": 2} and till.state()["papers"] == 0 and till.at_ms() < 60_000


# time

def test_paused_time_stands_still_and_a_key_waits_for_it(console):
    till = console.ready("paused")
    before = till.state()
    till.keys("7")
    after = till.state()
    assert (after["at_ms"], after["screen"]) == (before["at_ms"], before["screen"]) and till.recording()
    assert till.time(step_ms=500)["at_ms"] == before["at_ms"] + 500 and "0.07" in till.screen_text()
    assert till.state()["pace"] == "paused"
    till.time(pace="real")
    till.wait(lambda: till.at_ms() > before["at_ms"] + 500, 20, "time to go on")


def test_ten_times_as_fast_is_faster_than_the_wall(console):
    till = console.ready("x10")
    one = till.time(pace="x10")["at_ms"]
    till.wait(lambda: till.at_ms() > one + 5_000, 30, "five seconds")
    assert till.state()["pace"] == "x10"


def test_the_next_event_is_the_next_trigger(console):
    till = console.linked()  # what is due right after a start is past
    till.time(pace="paused")
    till.keys("3")
    count = len(till.happened())
    at_ms = till.time(to="next_event")["at_ms"]
    row = till.happened()[count]
    assert (row["kind"], row["name"]) == ("trigger", "digit") and abs(row["t_us"] // 1000 - at_ms) < 100


def test_tomorrow_at_three_is_another_day(console):
    till = console.ready("paused")
    today = till.state()["at"][:10]
    told = till.time(to="tomorrow_0300")
    assert told["at"][:10] > today and told["at"][11:16] == "03:00" and told["pace"] == "paused"
    assert till.state()["screen"]["name"] == "ready"


def test_an_hour_alone_adds_next_to_nothing_and_lists_have_an_end(console):
    till, bench = console.ready("paused"), console.bench

    def kept():
        return [len(each) for each in (bench.story.rows, bench.screens, bench.senses.piezo.tones, bench.senses.motor.pulses, bench.lights.transitions,
                                       bench.printer.receipts, bench.rig.notes, bench._plans, bench.world._calendar, console.session._plan)]
    for _minute in range(2):
        till.time(step_ms=60_000)
    before = kept()
    for _minute in range(58):
        till.time(step_ms=60_000)
    assert all(now <= was + 60 for was, now in zip(before, kept(), strict=True)), (before, kept())


def test_of_all_that_happens_the_newest_stays(console):
    console.ready("paused")
    bench, watch = console.bench, console.session.watch

    def much():
        for n in range(25_000):
            bench.story.act("number %d" % n)
        bench.screens += ["x"] * 3_000
        bench.story.act("the last")
        return len(bench.story.rows), len(bench.screens), len(watch.happened), watch.happened[-1]["what"]
    rows, screens, happened, last = console.session.call(much)
    assert rows <= 21_000 and screens <= 2_000 and happened == 20_000 and last == "the last"
    assert len(console.till.happened(limit=20_000)) == 20_000
