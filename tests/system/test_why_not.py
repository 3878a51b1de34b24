# test_why_not.py: for each reason that settings, surroundings or the hour can give: what would refuse, in words, and that doing what it says helps.
import datetime
import json
import re

import pytest
from hands import Hands
from owners_desk import Desk, left_by_another_firmware
from test_command import run

from microtill.verbs.params import hashed
from microtill.verbs.why_not import CHANGES, UnknownAction

NOON = datetime.datetime(2026, 1, 5, 12, 0)             # a Monday
PIN = "[pins]\noperator = \"%s\"\n" % hashed("1234", bytes(16))
STORM = "[outside.conditions.weather]\nrefuse = [\"storm\"]\nunknown = \"%s\"\n"
UNTIL = datetime.datetime(2026, 1, 5, 23, 0, tzinfo=datetime.UTC)


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def refused(answer, guard, code, *words):
    """It says no, by this guard and for this reason, with these words in what would change it."""
    status, data = answer
    assert (status, data["refused_by"], data["reason"]) == (1, guard, code), data
    assert data["words"] and all(word in data["change"] for word in words), data["change"]


def passes(answer):
    status, data = answer
    assert (status, data["refused_by"], data["reason"], data["words"], data["change"]) == (0, None, None, "", "")


# (settings, action, around, guard, reason, words of the change, settings that do it, around that does it)
CASES = (
    ("", "sale", {"battery_percent": 8.0, "mains": False}, "battery_enough", "H01", ("plug it in", "8 %"), "",
     {"battery_percent": 8.0, "mains": True}),
    ("", "sale", {"battery_percent": 8.0, "mains": False}, "battery_enough", "H01", ("charge it",), "", {"battery_percent": 60.0, "mains": False}),
    ("", "sale", {"case_c": 80.0}, "cool_enough", "H02", ("let it cool", "80.0 degrees"), "", {"case_c": 30.0}),
    ("[hours]\nmon = \"08:00-11:00\"", "sale", {"at": NOON}, "open_hours", "W01", ("wait", "mon 12:0"),
     "[hours]\nmon = \"08:00-13:00\"", {"at": NOON}),
    ("[hours]\nmon = \"13:00-14:00\"", "sale", {"at": NOON}, "open_hours", "W01", ("wait",), "", {"at": NOON.replace(hour=13)}),
    ("[closed]\nholidays = [\"01-05\"]", "sale", {"at": NOON}, "no_holiday", "W02", ("2026-01-05", "closed.holidays"), "[closed]\nholidays = []",
     {"at": NOON}),
    ("[closed]\nholidays = [\"01-05\"]", "sale", {"at": NOON}, "no_holiday", "W02", ("wait for tomorrow",), "", {"at": NOON.replace(day=6)}),
    ("[closed]\nperiods = [\"2026-01-01..2026-01-09\"]", "sale", {"at": NOON}, "no_closed_period", "W03", ("wait for the end",), "",
     {"at": NOON.replace(day=10)}),
    ("[closed]\nperiods = [\"2026-01-01..2026-01-09\"]", "sale", {"at": NOON}, "no_closed_period", "W03", ("closed.periods",),
     "[closed]\nperiods = []",
     {"at": NOON}),
    ("[sale]\ntypes = [\"sale\"]", "refund", {}, "type_allowed", "L03", ("sale.types",), "[sale]\ntypes = [\"sale\", \"refund\"]", {}),
    ("[sale]\ntypes = []", "sale", {}, "type_allowed", "L03", ("sale.types",), "[sale]\ntypes = [\"sale\"]", {}),
    (STORM % "refuse", "sale", {}, "conditions_allow", "C03", ("microtill condition", "unknown = \"allow\""), STORM % "allow", {}),
    (PIN + "[roles]\nvoid = \"operator\"", "void", {}, "role_for", "A01", ("log in: keys C, 9", "[roles]"), PIN + "[roles]\nvoid = \"nobody\"", {}),
    ("[kiosk]\nmode = \"fixed\"\nprice = \"3.00\"", "digit", {}, "not_kiosk", "K02", ("kiosk.mode = \"off\"",), "[kiosk]\nmode = \"off\"", {}),
    ("", "presented", {}, "kiosk", "K01", ("kiosk.mode = \"fixed\"", "kiosk.price"), "[kiosk]\nmode = \"fixed\"\nprice = \"3.00\"", {}),
)


@pytest.mark.parametrize("before, action, around, guard, reason, words, after, then", CASES, ids=[case[4] + " " + case[5][0] for case in CASES])
def test_it_says_what_would_refuse_and_doing_what_it_says_helps(before, action, around, guard, reason, words, after, then, desk):
    if before:
        desk.loads(before)
    refused(desk.why_not(action, **around), guard, reason, *words)
    assert any(reason in line and line.startswith("    " + guard) for line in desk.said) and desk.said[-1].startswith(action + " would be refused")
    if after:
        desk.loads(after)
    passes(desk.why_not(action, **then))
    assert desk.said[-1] == action + " would be let pass"


def test_a_storm_refuses_until_better_news_come_or_it_ends(desk):
    desk.loads(STORM % "allow")
    passes(desk.why_not("sale"))
    desk.hears("weather", "storm", UNTIL)
    refused(desk.why_not("sale"), "conditions_allow", "C02", "weather = storm")
    passes(desk.why_not("sale", at=UNTIL.replace(tzinfo=None) + datetime.timedelta(minutes=1)))
    desk.hears("weather", "fine", UNTIL)
    passes(desk.why_not("sale"))


def test_what_has_been_sold_can_use_up_a_limit(desk):
    desk.pays(800)
    for name, guard, code in (("daily", "daily", "L02"), ("cumulative", "cumulative", "L04")):
        desk.loads("[limits]\n%s = \"5.00\"" % name)
        refused(desk.why_not("amount"), guard, code, "limits.%s" % name, "5.00 EUR", "8.00 EUR")
    desk.loads("[limits]\ndaily = \"off\"")
    passes(desk.why_not("amount"))


def test_nothing_to_settle_is_mended_by_a_payment(desk):
    refused(desk.why_not("settle"), "something_to_settle", "R03", "make a payment")
    desk.pays(800)
    passes(desk.why_not("settle"))


def test_no_debt_is_nothing_to_mend(desk):
    refused(desk.why_not("drain"), "something_owed", "R02", "nothing needs to be done")


def test_a_log_in_and_a_training_help_as_it_says(image):
    till = Hands(image)
    try:
        till.settings(pins={"operator": hashed("1234", bytes(16))}, roles={"void": "operator"})
        assert first_reason(till, "void") == "A01" and first_reason(till, "practice") == "T04"
        assert "keys C, 9, the role, its PIN" in CHANGES["A01"]({}) and "keys C, 7" in CHANGES["T03"]({}) and "keys C, 7" in CHANGES["T04"]({})
        till.ready().keys("C9").sees("1").keys("1").waits(500).keys("1234D").sees("Welcome").ready()
        assert first_reason(till.ready(), "void") is None
        till.keys("C7").waits(4_000)
        assert first_reason(till, "practice") is None and first_reason(till, "void") == "T03"
        till.keys("C7").waits(4_000)
        assert first_reason(till, "void") is None
    finally:
        till.close()


def first_reason(till, action):
    return next((guard["reason"] for guard in till.ask("why_not", action=action)[0]["guards"] if guard["reason"]), None)


def test_asking_leaves_the_state_folder_as_it_was(desk):
    desk.pays(100)
    before = {path.name: path.read_bytes() for path in desk.state.iterdir()}
    desk.why_not("sale", battery_percent=3.0, mains=False)
    assert {path.name: path.read_bytes() for path in desk.state.iterdir()} == before


def test_an_action_that_is_none_is_one_line_and_ends_2(tmp_path):
    status, out, err = run("why-not", "nonsense", "--state", tmp_path / "none")
    assert (status, out) == (2, "") and err.startswith("microtill: U08 ") and err.count("\n") == 1 and not (tmp_path / "none").exists()
    status, out, err = run("--json", "why-not", "refnud", "--state", tmp_path / "none")
    assert status == 2 and json.loads(out)["error"] == "U08" and "refund" in json.loads(out)["words"]


def test_no_action_is_found_by_an_empty_name(desk):
    with pytest.raises(UnknownAction):
        desk.why_not("")


def test_in_json_there_is_what_was_promised(tmp_path):
    status, out, err = run("--json", "why-not", "sale", "--battery", "8", "--no-mains", "--at", "2026-01-06T10:00", "--state", tmp_path)
    answer = json.loads(out)
    assert status == 1 and err == "" and {"refused_by", "reason", "words", "change", "rows", "now"} <= set(answer)
    assert (answer["refused_by"], answer["reason"]) == ("battery_enough", "H01") and answer["now"].startswith("2026-01-06T10:0")
    status, out, _err = run("--json", "why-not", "sale", "--state", tmp_path)
    assert status == 0 and json.loads(out)["refused_by"] is None


def test_every_reason_of_a_guard_has_a_word_on_what_would_change_it():
    from till.triggers import guards
    codes = set(re.findall(r'"([A-Z]\d\d)"', open(guards.__file__).read()))
    assert codes - {"K03"} <= set(CHANGES)


def test_a_terminal_about_to_switch_itself_off_says_so(desk):
    refused(desk.why_not("sale", battery_percent=3.0, mains=False), "unlocked", "S02", "plug it in", "3 %")
    passes(desk.why_not("sale", battery_percent=3.0, mains=True))


def test_a_terminal_with_settings_of_another_firmware_wants_a_file_and_works_by_it_at_once(desk):
    desk.pays(100)
    flash = desk.state / "flash.bin"
    flash.write_bytes(left_by_another_firmware(flash.read_bytes(), b'{"shop": {"colour": "red"}}'))
    assert desk.shows()[1]["sound"] is False and "does not take" in desk.said[0]
    refused(desk.why_not("sale"), "unlocked", "S02", "microtill params load")
    assert desk.loads("[shop]\nname = \"Bar\"") == {"shop.name": ("Microtill Demo Shop", "Bar")}
    passes(desk.why_not("sale"))
    assert desk.pays(200)["outcome"] == "approved"
