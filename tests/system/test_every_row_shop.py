# test_every_row_shop.py: what is seen of each row that settings, the network and security triggers have, and that it is gone without the row.
import attacks  # noqa: F401 (its scenes are played here)
import image_scenes  # noqa: F401 (as well)
import pytest
from every_row import of, play, scene

from microtill.bench import firmware
from microtill.device_source import records
from microtill.torture import journal

STORM = {"conditions": {"weather": {"refuse": ["storm"], "unknown": "allow"}}}


def news(till, name, word, seconds):
    till.ask("condition", name=name, word=word, until=till.bench.unix_time() + seconds)
    return till


@scene("settings", "staged", "flows.reload")
def new_settings_count_and_are_on_record(till):
    till.ready().settings(kiosk={"mode": "chosen", "items": [{"name": "Tea", "price": "2.00"}]}).sees("1 Tea 2.00", 2_000)
    assert ("kiosk.mode", "off", "chosen") in till.notes()


@scene("settings", "condition", "flows.condition")
def news_from_outside_are_on_record_and_close_the_terminal(till):
    news(till.ready().settings(outside=STORM), "weather", "storm", 600).sees("Not possible", 2_000)
    assert ("condition", "", "weather = storm") in till.notes()


@scene("settings", "shop_hours", "flows.note")
def at_closing_time_the_screen_says_so_by_itself(till):
    till.ready().settings(hours={"mon": "00:00-09:02, 10:30-12:00"}).ready().sees("We are closed", 130_000).sees("Opens 10:30", 1_000)
    assert ("shop_hours", "", "closed") in till.notes()


@scene("settings", "settle_time", "flows.settle")
def at_the_owners_time_the_terminal_settles_by_itself(till):
    till.pays().settings(settlement={"at": "09:03"}).sees("Settled", 200_000).ready()
    assert [row["closed"] for row in till.bench.bank.records() if row["kind"] == "settlement"] == [True]


@scene("network", "owed", "flows.drain")
def an_unanswered_payment_is_taken_back_at_once(till):
    till.ready().waits(500).keys("1250D").sees("Tap a card")
    till.bench.bank.moods.append("never")
    till.taps("visa").sees("No answer", 40_000).holds(lambda: [row["state"] for row in till.events("money")][-1:] == ["reversed"], "it is reversed")
    assert till.effects() == (0, 0)


@scene("network", "connect", "flows.connect")
def a_terminal_signs_on_before_anybody_pays(till):
    till.ready().holds(lambda: till.events("signed_on"), "it has signed on", 3_000)
    assert till.events("signed_on")[0]["response"] == "00"


@scene("network", "link_up", "flows.note")
def the_link_light_comes_on_with_the_line(till):
    till.ready().holds(lambda: "link" in till.lights, "the link light is on", 3_000)


@scene("network", "link_down", "flows.note")
def the_link_light_goes_out_with_the_line(till):
    till.ready().holds(lambda: "link" in till.lights, "the link light is on").keys("1250D").sees("Tap a card")
    till.bench.bank.moods.append("never")
    till.taps("visa").sees("Asking")
    till.bench.network.refuse = True
    till.sees("No answer", 40_000).holds(lambda: "link" not in till.lights, "the link light is off", 3_000)


@scene("network", "link_second", "flows.way_back")
def the_bank_by_its_second_way_is_known_and_the_first_is_watched(till):
    till.ready().waits(1_000).settings(host={"second": "bank.test"}).ready().bench.network.fall(0)
    till.pays().sees("On second line", 2_000)
    assert ("link_second", "notice") in till.alarms()
    till.bench.network.down.clear()
    till.holds(lambda: [link.way for link in till.bench.network.links.values()] == [0], "the first carries again", 90_000)


@scene("network", "link_first", "flows.alarm")
def the_bank_by_its_first_way_again_is_well(till):
    till.ready().waits(1_000).settings(host={"second": "bank.test"}).ready().bench.network.fall(0)
    till.pays().sees("On second line", 2_000)
    till.bench.network.down.clear()
    till.holds(lambda: "On second line" not in till.screen, "it is well", 90_000)
    assert ("link_second", "ended") in till.alarms()


@scene("network", "settled", "flows.note")
def the_alarm_of_a_debt_ends_when_it_is_paid(till):
    till.long_without_a_bank().sees("Bank is away", 2_000)
    till.bench.network.refuse = False
    till.holds(lambda: "alert" not in till.lights, "the light is off", 400_000)
    till.holds(lambda: "Bank is away" not in till.screen, "the screen is well again", 1_000)
    assert till.alarms()[-1] == ("owed_long", "ended") and till.effects() == (0, 0)


@scene("security", "wrong_mac", "flows.alarm")
def an_answer_with_a_false_mac_is_an_alarm_for_a_minute(till):
    till.ready().waits(500).keys("1250D").sees("Tap a card")
    till.bench.bank.moods.append("wrong_mac")
    till.taps("visa").sees("No answer", 40_000).sees("Security check", 10_000)
    assert "alert" in till.lights and ("wrong_mac", "warning") in till.alarms()
    till.ready().holds(lambda: "Security check" not in till.screen, "the alarm has passed", 70_000)
    assert "alert" not in till.lights and ("wrong_mac", "ended") in till.alarms()


def _altered(till):
    """Somebody takes the flash out, changes one bit of the newest outcome, and puts it back. Returns the record's number."""
    bench = till.bench
    bench.run(lambda: False, 1_000)
    bench.cut()
    number = [row["number"] for row in journal.rows(bench.flash.data) if row["record"] == "outcome"][-1]
    head = bytes((records.OUTCOME, 0)) + number.to_bytes(4, "little")
    bench.flash.data[bench.flash.data.index(head) + 12] ^= 0x04
    bench.start()
    return number


@scene("security", "record_altered", "flows.alarm")
def an_altered_record_stops_sales_and_is_an_alarm(till):
    till.pays()
    number = _altered(till)
    till.sees("Record altered", 30_000).keys("1").sees("C, self-test").waits(2_000)
    assert ("record_altered", "critical %d" % number) in till.alarms() and ("digit", "S07") in till.refusals() and "alert" in till.lights
    assert till.facts()["record_sound"] is False and till.records("altered") == [{"number": number, "record": "altered", "count": 1}]
    till.waits(60_000)
    assert till.bench.bank.records()[-1]["effects"] == 1            # whether it was approved is for a person to say: nothing is undone by guess


@scene("security", "record_looked_at", "flows.alarm")
def a_person_who_has_looked_lets_it_go_on(till):
    till.pays()
    number = _altered(till)
    till.sees("Record altered", 30_000).keys("C").sees("Menu").keys("D").sees("self-test").keys("8")
    till.sees("was changed", 60_000).keys("D").sees("Key an amount", 60_000).waits(2_000)
    assert ("journal", "looked at %d" % number) in till.alarms() and ("record_altered", "ended") in till.alarms()
    till.pays("300")
    assert [row["state"] for row in till.journal()] == ["reversed", "approved"] and till.agree() == 2
    till.bench.cut()
    till.bench.start()
    till.ready()                                                    # and stays so after the next start


@scene("security", "clock_jumped", "flows.alarm")
def a_clock_that_jumps_stops_sales_and_is_an_alarm(till):
    till.ready().waits(70_000)
    till.senses.rtc.jump(3_600)
    till.sees("Clock is wrong", 70_000).holds(lambda: "alert" in till.lights, "the light is on", 1_000).waits(2_000)
    assert {("clock_jumped", "critical %d" % seconds) for seconds in (3599, 3600, 3601)} & set(till.alarms())        # the chip counts whole ones
    assert 3000 in till.heard()


@scene("security", "clock_back", "flows.alarm")
def a_clock_that_is_right_again_ends_the_alarm(till):
    till.ready().waits(70_000)
    till.senses.rtc.jump(3_600)
    till.sees("Clock is wrong", 70_000)
    till.senses.rtc.jump(-3_600)
    till.sees("Key an amount", 70_000).holds(lambda: "alert" not in till.lights, "the light is off", 1_000)
    assert ("clock_jumped", "ended") in till.alarms()


@scene("security", "case_opened", "flows.tamper")
def an_open_case_is_an_alarm_and_holds_payments(till):
    till.ready()
    till.around.case_open = True
    till.sees("Case is open", 2_000).sees("Case was opened", 1_000).waits(2_000)
    assert "alert" in till.lights and ("case_opened", "critical") in till.alarms() and 3000 in till.heard()


@scene("security", "case_closed", "flows.alarm")
def a_case_that_is_shut_again_ends_the_alarm(till):
    till.ready()
    till.around.case_open = True
    till.sees("Case is open", 2_000)
    till.around.case_open = False
    till.holds(lambda: "Case is open" not in till.screen and "alert" not in till.lights, "the alarm has ended", 2_000)
    assert till.alarms()[-1] == ("case_opened", "ended")


@scene("security", "answers_due", "flows.known_answers")
def known_answers_are_looked_at_every_23_hours(till):
    till.ready().waits(22 * 3_600_000)
    assert till.events("tested") == []
    till.waits(3_600_000 + 900_000)
    assert [(row["part"], row["verdict"]) for row in till.events("tested")] == [("known answers", "good")]


@pytest.mark.parametrize("key", of("settings", "network", "security"))
def test_every_row(key, image):
    play(key, image)


@pytest.mark.parametrize("key", of("settings", "network", "security"))
def test_without_its_row(key, image, leaving_out, monkeypatch):
    tree = leaving_out.row(key)
    monkeypatch.setattr(firmware, "compiled", lambda *a, **k: tree)
    with pytest.raises(AssertionError):
        play(key, image)


def test_an_alarm_that_passes_stands_for_a_minute_after_the_last_cause(till):
    till.ready().waits(500)
    for _ in range(2):
        till.keys("1250D").sees("Tap a card")
        till.bench.bank.moods.append("wrong_mac")
        till.taps("visa").sees("Asking").sees("No answer", 40_000).ready()
    till.waits(10_000)                                  # 60 s and more after the first, not after the second
    assert "alert" in till.lights and [row[1] for row in till.alarms()] == ["warning"]
    till.holds(lambda: "alert" not in till.lights, "it has passed", 60_000)
    assert till.alarms() == [("wrong_mac", "warning"), ("wrong_mac", "ended")]
