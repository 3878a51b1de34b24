# test_day.py: a whole day in a shop: what people met, what both books hold at its end, and the picture of it.
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from PIL import Image

from microtill import day, day_chart, day_report, settings_file
from microtill.verbs import day as verb

ROOT = Path(__file__).resolve().parents[2]
COMMAND = str(Path(sys.executable).parent / "microtill")
FEW = 20
pytestmark = pytest.mark.timeout(1200)      # real time: a slow machine may take its time, the day is the same


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    return tmp_path_factory.mktemp("day") / "day.png"


@pytest.fixture(scope="module")
def whole(picture):
    """The day of 400."""
    return verb.run(None, 1, 400, picture)


@pytest.fixture(scope="module")
def short():
    """A quiet day: the line that broke at lunch is found broken hours later, by the next who pays."""
    return verb.run(None, 2, FEW)


def said(report, outcome):
    return {row["said"]: row["count"] for row in report["reasons"] if row["outcome"] == outcome}


def alarms(report, name):
    return [alarm for alarm in report["alarms"] if alarm["name"] == name]


def test_a_quiet_day_ends_reconciled(short):
    assert short["checks"] == dict.fromkeys(short["checks"], True) and short["reconciled"]
    assert short["customers"] == FEW == sum(short["outcomes"].values())


def test_the_same_seed_is_the_same_day_to_the_last_byte_of_the_bus(short):
    done = subprocess.run([COMMAND, "--json", "day", "--seed", "2", "--customers", str(FEW)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(json.dumps(short))


def test_a_busy_day_ends_reconciled(whole):
    assert whole["checks"] == dict.fromkeys(whole["checks"], True) and whole["reconciled"]
    assert whole["books"]["differences"] == [] and whole["books"]["matched"] > 300


def test_every_outcome_is_met_and_everybody_counted(whole):
    assert all(whole["outcomes"][name] for name in day_report.OUTCOMES) and sum(whole["outcomes"].values()) == 400
    for name in (*day_report.OUTCOMES, "approved_minor"):
        assert sum(row[name] for row in whole["hours"]) == (whole["outcomes"] | {"approved_minor": whole["approved_minor"]})[name]


def test_people_read_why_they_did_not_pay(whole):
    assert {"No connection Try later", "An older payment waits for bank", "Not enough money Another card?", "Card has expired Another card?",
            "Card is blocked Another card?", "Not taken here Another card?"} <= set(said(whole, "declined"))
    assert {"As you wished", "Nobody came", "Card moved too soon"} == set(said(whole, "cancelled"))
    assert {"We are closed See the hours", "Battery is low Plug it in", "Holiday Closed today"} == set(said(whole, "refused"))


def test_who_comes_outside_of_the_hours_is_told_so_and_pays_nothing(whole):
    outside = [row for row in whole["hours"] if not "07:00" <= row["from"] < "21:00"]
    assert sum(row["refused"] for row in outside) == said(whole, "refused")["We are closed See the hours"] + 1
    assert all(row[name] == 0 for row in outside for name in day_report.OUTCOMES if name != "refused")


def test_two_outages_are_seen_one_as_debt_one_as_no_connection(whole):
    assert [row["what"] for row in whole["bands"]].count("network") == 2
    assert said(whole, "no answer") == {"The bank did not answer": 2}       # one in the silence, one in the bank's mood
    lunch = sum(row["declined"] for row in whole["hours"] if row["from"] in ("12:00", "13:00"))
    assert lunch >= said(whole, "declined")["No connection Try later"] >= 10


def test_each_alarm_of_the_day_began_and_ended(whole):
    assert all(alarm["began"] and alarm["ended"] for alarm in whole["alarms"])
    for name in ("mains_lost", "battery_low", "case_warm", "head_hot", "owed_long", "paper_out"):
        assert alarms(whole, name), name
    lost, = alarms(whole, "mains_lost")
    assert (lost["began"], lost["ended"]) == ("15:00", "16:30")


def test_the_shift_is_closed_and_the_batch_is_settled_with_every_sale(whole):
    z, settled = whole["closings"]
    assert (z["what"], settled["what"], settled["result"], settled["at"]) == ("z", "settled", "agreed", "22:30")
    assert (z["sales"], z["minor"]) == (settled["sales"], settled["minor"]) == (whole["outcomes"]["approved"], whole["approved_minor"])
    assert not [row for row in whole["diary"] if "no settlement" in row["what"]]


def test_on_the_holiday_the_display_says_so(whole):
    assert whole["last_screen"][:3] == ["Not in service", "Holiday", "Closed today"]


def close(one, other, most=4):
    return max(abs(part - counterpart) for part, counterpart in zip(one, other)) <= most


def test_without_mains_the_display_is_dim_until_they_are_back(whole):
    told = [(row["at"], row["what"]) for row in whole["diary"] if "display" in row["what"]]
    assert ("15:00", "the display is dim") in told and ("16:30", "the display is bright") in told


def test_the_picture_shows_the_day(whole, picture):
    image = Image.open(picture).convert("RGB")
    assert image.size == (day_chart.WIDTH, day_chart.HEIGHT) and picture.stat().st_size < 120_000
    seen = [colour for _count, colour in image.getcolors(image.width * image.height)]
    for wanted in day_chart.COLOURS.values():
        assert any(close(wanted, colour) for colour in seen), wanted
    for line in (day_chart.CELL, day_chart.HEAT):           # thin, so that they mix with what is beside them
        assert any(close(line, colour, 30) for colour in seen), line
    for hour, band in ((6.2, "closed"), (12.8, "network"), (15.6, "mains"), (23, "closed"), (26, "holiday")):
        assert close(day_chart.BANDS[band], image.getpixel((84 + int((hour - 6) * 60), 290))), band


def test_the_report_reads_in_lines(short):
    text = "\n".join(day_report.lines(short, 7.0))
    for words in ("20 customers", "24 hours in 7.0 s", "all day", "the bank takes a payment and never answers", "reconciled"):
        assert words in text
    assert max(map(len, text.split("\n"))) <= 100


def test_another_seed_is_another_day():
    def plan(seed):
        return [(guest.at_s, guest.who, guest.minor) for guest in day.people(seed, 100)]
    assert plan(1) == plan(1) != plan(2) and len(plan(2)) == 100
    assert [at_s for at_s, _who, _minor in plan(1)] == sorted(at_s for at_s, _who, _minor in plan(1))
    assert all(80 <= minor < 9_500 and minor % 5 == 0 for _at, _who, minor in plan(1))


def test_the_document_shows_the_settings_that_are_used():
    assert day.SETTINGS.strip() in (ROOT / "docs" / "day.md").read_text()
    owner, errors = settings_file.check(day.SETTINGS)
    assert errors == [] and owner == tomllib.loads(day.SETTINGS)


def test_a_folder_that_holds_a_terminal_is_left_alone(tmp_path):
    (tmp_path / "flash.bin").write_bytes(b"")
    done = subprocess.run([COMMAND, "day", "--state", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.startswith("microtill: U14") and (tmp_path / "flash.bin").read_bytes() == b""
