# test_params_command.py: `microtill params` and `triggers` as an owner meets them: what is said, what is changed, and the status at the end.
import json

import pytest
from owners_desk import Desk
from test_command import run

from microtill.names import rules as names

CAFE = "[shop]\nname = \"Café Étoile\"\n[limits]\nsingle = \"9.00\"\ndaily = \"30.00\"\n"


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_good_file_is_loaded_shown_and_loaded_again_without_a_change(desk):
    assert desk.loads(CAFE) == {"shop.name": ("Microtill Demo Shop", "Café Étoile"), "limits.single": ("off", "9.00"),
                                "limits.daily": ("off", "30.00"), "tools.letters": ("***", "***")}
    assert desk.said[-1] == "4 settings changed, in force from now on"
    status, shown = desk.shows()
    assert status == 0 and shown["sound"] and shown["values"]["limits"]["single"] == 900
    text = "\n".join(desk.said)
    assert desk.loads(text) == {} and desk.said[-1].startswith("nothing to change")
    paid = desk.pays(900)
    assert paid["outcome"] == "approved" and paid["receipt_text"].split("\n")[0].strip().startswith("Caf")
    assert desk.pays(901)["reason"] == "L01"


def test_a_refused_file_names_every_line_shows_it_and_changes_nothing(desk):
    desk.loads("[limits]\nsingle = \"9.00\"\n")
    flash = (desk.state / "flash.bin").read_bytes()
    status, answer = desk.checks("[limits]\nsingle = \"5.00\"\n\n[shop]\nnmae = \"Bar\"\n")
    assert status == 1 and answer == {"ok": False, "errors": [
        {"line": 5, "setting": "shop.nmae", "reason": "is not a setting of this section; did you mean name?"}]}
    assert desk.said == ["line 5: shop.nmae is not a setting of this section; did you mean name?", "    nmae = \"Bar\"",
                         "1 error: the file is refused as a whole"]
    status, answer = desk.checks("[limits]\nsingle = 5.0\ndaily = \"0\"\nweekly = \"1.00\"\n[colours]\n")
    assert [row["line"] for row in answer["errors"]] == [2, 3, 4, 5] and desk.said[-1] == "4 errors: the file is refused as a whole"
    for verb in ("load", "try"):
        status, out, err = run("--json", "params", verb, desk.file("[limits]\nsingle = 5.0\n"), "--state", desk.state)
        assert status == 1 and json.loads(out)["ok"] is False and json.loads(out)["errors"][0]["line"] == 2 and err == ""
    assert (desk.state / "flash.bin").read_bytes() == flash


def test_a_pins_line_is_never_shown_again(desk):
    desk.checks("[pins]\noperator = \"1234\"\n")
    assert "1234" not in "".join(desk.said) and "microtill params pin" in desk.said[0]


@pytest.mark.parametrize("make", [
    lambda folder: folder / "missing.toml", lambda folder: folder, lambda folder: written(folder, b"[shop]\nname = \"Caf\xe9\"\n"),
    lambda folder: written(folder, b"\xff\xfe[\x00s\x00")], ids=["missing", "a folder", "Latin 1", "UTF-16"])
@pytest.mark.parametrize("verb", ["check", "load"])
def test_a_file_that_cannot_be_read_is_one_line_with_a_code_and_ends_2(make, verb, tmp_path):
    words = ("params", verb, make(tmp_path)) + (("--state", tmp_path / "none") if verb == "load" else ())
    status, out, err = run(*words)
    assert status == 2 and out == "" and err.startswith("microtill: U07 ") and err.count("\n") == 1 and "Traceback" not in err
    status, out, _err = run("--json", *words)
    assert status == 2 and json.loads(out)["error"] == "U07" and not (tmp_path / "none").exists()


def written(folder, data):
    (folder / "shop.toml").write_bytes(data)
    return folder / "shop.toml"


def test_a_file_whose_disk_fails_is_one_line_too():
    status, _out, err = run("params", "check", "/proc/self/mem")
    assert status == 2 and err.startswith("microtill: U07 ") and err.count("\n") == 1 and "input/output error" in err


def test_a_file_of_a_windows_editor_is_a_file(tmp_path):
    status, out, _err = run("params", "check", written(tmp_path, b"\xef\xbb\xbf[shop]\r\nname = \"Bar\"\r\n"))
    assert status == 0 and "every setting is good" in out


def test_the_example_is_a_good_file(tmp_path):
    status, out, _err = run("params", "example")
    assert status == 0 and run("params", "check", written(tmp_path, out.encode()))[0] == 0


def test_a_pin_is_a_line_for_the_file_and_no_role_or_no_digits_end_2(tmp_path):
    status, out, _err = run("params", "pin", "operator", "--pin", "1234")
    assert status == 0 and run("params", "check", written(tmp_path, out.encode()))[0] == 0
    for words in (("boss", "--pin", "1234"), ("operator", "--pin", "12")):
        status, _out, err = run("params", "pin", *words)
        assert status == 2 and err.startswith("microtill: U06 ") and err.count("\n") == 1


def test_trying_a_file_lists_what_would_have_ended_otherwise(desk):
    desk.loads("[limits]\nsingle = \"9.00\"\n")
    for minor, card in ((300, "visa"), (800, "visa"), (1000, "visa"), (400, "mc")):
        desk.pays(minor, card)
    assert desk.tries("[limits]\nsingle = \"9.00\"\n")[1] == {"ok": True, "errors": [], "tried": 4, "differences": []}
    listed = [(row["amount"], row["was"], row["would"]) for row in desk.tries("[limits]\nsingle = \"5.00\"\nper_card = \"3.00\"\n")[1]["differences"]]
    assert listed == [("8.00 EUR", "approved", "refused L01"), ("4.00 EUR", "approved", "refused L05")]
    assert desk.said[0].endswith("would be: refused L01 (%s)" % names.refusal("L01")[0])
    assert desk.said[-1] == "4 past triggers tried, 2 would end otherwise"
    listed = [(row["amount"], row["would"]) for row in desk.tries("[limits]\nsingle = \"10.00\"\n")[1]["differences"]]
    assert listed == [("10.00 EUR", "let pass")]
    assert len(desk.tries("[closed]\nholidays = [\"01-05\"]\n")[1]["differences"]) == 4
    assert len(desk.tries("[sale]\ntypes = [\"refund\"]\n")[1]["differences"]) == 4
    assert len(desk.tries("[hours]\nmon = \"10:00-18:00\"\n")[1]["differences"]) == 4          # the bench's day begins at 9:00


def test_a_try_of_settings_over_a_refusal_at_closed_doors(desk):
    desk.loads("[hours]\nmon = \"10:00-18:00\"\n")
    assert desk.pays(300)["outcome"] == "cancelled"
    (row,) = desk.tries("[hours]\nmon = \"09:00-18:00\"\n")[1]["differences"]
    assert (row["kind"], row["was"], row["would"]) == ("sale", "refused W01", "let pass")
    assert desk.tries("[hours]\nmon = \"11:00-18:00\"\n")[1]["differences"] == []


def test_news_that_are_none_end_2_and_good_ones_are_on_record(desk):
    desk.pays(100)
    for name, word in (("weather" * 4, "storm"), ("weather", "x" * 17)):
        status, _out, err = run("condition", name, word, "--until", "2026-01-05T23:00", "--state", desk.state)
        assert status == 2 and err.startswith("microtill: U09 ") and err.count("\n") == 1
    assert run("condition", "weather", "storm", "--until", "2026-01-05T23:00", "--state", desk.state)[0] == 0
    rows = json.loads(run("--json", "journal", "--state", desk.state)[1])
    assert [row["after"] for row in rows if row["record"] == "changed"] == ["weather = storm"]


# the rule table
def test_the_table_of_triggers_counts_what_was_started_taken_and_refused(desk):
    desk.pays(500)
    desk.loads("[limits]\nsingle = \"4.00\"\n")
    assert desk.pays(500)["reason"] == "L01"
    rows = json.loads(run("--json", "triggers", "--state", desk.state)[1])
    assert all({"origin", "trigger", "lane", "flow", "guards", "taken", "started", "refused", "reasons", "words"} <= set(row) for row in rows)
    counted = {(row["origin"], row["trigger"], row["flow"]): (row["taken"], row["started"], row["refused"], row["reasons"]) for row in rows}
    assert counted["customer", "digit", "flows.sale"][1] == 2
    assert counted["customer", "amount", ""] == (1, 0, 1, {"L01": 1})
    assert counted["settings", "staged", "flows.reload"][1] == 1
    step = next(row for row in rows if row["trigger"] == "amount")
    assert step["lane"] == "step" and step["words"]["L01"] and [guard[0] for guard in step["guards"]] == [
        "screen_shows", "single", "daily", "cumulative", "owed_with_this", "hourly", "same_again"]
    assert any(row["lane"] == "session" and row["trigger"] == "presented" or row["trigger"] == "enter" for row in rows)


def test_the_table_for_people_fits_a_hundred_columns_and_says_why(desk):
    desk.loads("[limits]\nsingle = \"4.00\"\n")
    desk.pays(500)
    status, out, _err = run("triggers", "--state", desk.state)
    lines = out.split("\n")
    assert status == 0 and max(map(len, lines)) <= 100
    assert lines[0].split() == ["origin", "trigger", "lane", "flow", "taken", "started", "refused", "waited", "ms"]
    at = next(n for n, line in enumerate(lines) if line.startswith("customer  amount"))
    assert "only if screen shows, single, daily, cumulative, owed with this" in lines[at + 1] and "refused 1 x L01:" in lines[at + 2]
