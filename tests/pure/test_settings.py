# test_settings.py: an owner's file is taken whole or not at all; what is wrong is told with its line; nothing written by anybody makes it raise.
import json
import re
import tomllib
from types import SimpleNamespace

import pytest
import settings_files
from hypothesis import HealthCheck, example, given
from hypothesis import settings as running
from hypothesis import strategies as st
from settings_files import DAYS, File, faulty, files

from microtill import settings_file
from microtill.device_source import parameters, settings
from microtill.verbs import params
from till.cards.emv.settings import DEFAULTS as EMV

HERE = settings_file.LANGUAGES.__contains__
FIVE_HUNDRED = running(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))      # of good ones, of faulty ones


def in_force(owner):
    values, problems = settings.check(owner, HERE)
    assert (values is None) != (problems == [])
    return values


def told(text):
    """(owner, errors) of a file, after what must hold of every answer."""
    owner, errors = settings_file.check(text)
    lines = text.split("\n")
    assert (owner is None) == bool(errors)
    assert [row["line"] for row in errors] == sorted(row["line"] for row in errors)
    for row in errors:
        assert 1 <= row["line"] <= len(lines) and row["reason"]
        section, _, name = row["setting"].partition(".")
        assert not row["setting"] or name and name in lines[row["line"] - 1] or section in lines[row["line"] - 1], row
    return owner, errors


@FIVE_HUNDRED
@given(files())
def test_a_good_file_is_taken_and_every_setting_means_what_was_written(file):
    owner, errors = told(file.text)
    assert errors == [] and owner == file.owner
    values = in_force(owner)
    for row in settings.SCHEMA:
        if row[:2] in file.settings:
            assert values[row[0]][row[1]] == file.settings[row[:2]][1], row[:2]
    untouched = in_force({})
    for section, name in {row[:2] for row in settings.SCHEMA} - set(file.settings):
        assert values[section][name] == untouched[section][name], (section, name)
    assert {path for path, _, _ in parameters.changes({}, owner)} == {
        ".".join(path) for path, (written, _) in file.settings.items() if settings.defaults()[path[0]][path[1]] != written}


@FIVE_HUNDRED
@given(faulty())
@example(File({}, "[shop]\nname = \"\ud800\"".replace("\ud800", "\\ud800"), ("", "")))
@example(File({}, "\ufeff[shop", ("", "")))
def test_a_file_with_a_fault_is_refused_whole_with_the_line_of_it_or_the_fault_is_none(file):
    owner, errors = told(file.text)
    if errors and file.faulty not in (("", ""), None):
        assert all(row["setting"] for row in errors) or "bytes" in errors[0]["reason"]
    if owner is not None:
        assert in_force(owner) is not None and owner == file.owner     # what was drawn as a fault may be good: true for a flag, "" for an address
        assert file.notes[0] == "kind"
    before = parameters.in_force({"limits": {"single": "7"}}, EMV, HERE)
    kept, parsed = json.dumps(before, default=list), _parsed(file.text)
    if parsed is not None and (owner is not None or _for_a_terminal(errors)):
        assert (settings.check(parsed, HERE)[0] is None) == (owner is None)
        if owner is None:
            with pytest.raises(parameters.BadParameters):
                before.update(parameters.in_force(parsed, EMV, HERE))
            assert json.dumps(before, default=list) == kept


def _parsed(text):
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _for_a_terminal(errors):
    """Letters without a picture and the size are told by tools and by stage, not by the settings themselves."""
    return not all("picture" in row["reason"] or "bytes" in row["reason"] for row in errors)


@running(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.text("[]{}=.\"'#\n ab1-:"), st.binary().map(lambda data: data.decode("latin-1"))))
def test_no_text_at_all_makes_the_check_raise(text):
    told(text)


def anything():
    leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(settings_files.WRONG_KINDS))
    return st.recursive(leaves, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)))


@running(max_examples=300, deadline=None)
@given(st.sampled_from([row[:2] for row in settings.SCHEMA]), anything())
def test_no_value_of_any_setting_makes_the_terminals_check_raise(path, value):
    in_force({path[0]: {path[1]: value}})


@running(max_examples=100, deadline=None)
@given(anything())
def test_nothing_that_json_holds_makes_the_terminals_check_raise(value):
    in_force(value)


@pytest.mark.parametrize("text, line, words", [
    ("[limits]\nsingle = 50.0", 2, "in quotes"), ("limits = {daily = 3}", 1, "in quotes"), ("# x\n\nlimits.daily = 3", 3, "in quotes"),
    ("[shop]\ncurrency = \"JPY\"\n[limits]\nsingle = \"50.00\"", 4, "such as \"5000\""),
    ("[shop]\ncurrency = \"KWD\"\n[contactless]\ncvm = \"50.00\"", 4, "such as \"5.000\""),
    ("[limits]\ndaily = \"0\"", 2, "more than nothing"), ("[contactless]\ncvm = \"off\"", 2, "an amount"),
    ("[shop]\nnmae = \"Bar\"", 2, "did you mean name?"), ("[shopp]\nname = \"Bar\"", 1, "did you mean shop?"),
    ("[shop]\nsingle = \"5.00\"", 2, "belongs under [limits]"), ("[hours]\nfri = \"18:00-02:00\"", 2, "next day"),
    ("[shop]\nname = Bar", 2, "missing its quotes"), ("[shop]\nname = \"a\"\nname = \"b\"", 3, "before, further up"),
    ("[shop]\n[shop]", 2, "before, further up"), ("[closed]\nholidays = [\n  \"12-25\",\n  \"02-30\",\n]", 2, "be a date"),
    ("[kiosk]\nmode = \"chosen\"\n[[kiosk.items]]\nname = \"Tea\"", 3, "be things such as"),
    ("[outside.conditions.weather]\nrefuse = \"storm\"", 1, "a list of"), ("[shop]\nname = \"two\\nlines\"", 2, "one line"),
    ("[roles]\nvoid = \"operator\"", 2, "microtill params pin"), ("x = 1" + "\n" * 70_000, 1, "too long"),
])
def test_each_error_says_where_and_what_to_do(text, line, words):
    _owner, errors = told(text)
    assert errors[0]["line"] == line and words in errors[0]["reason"], errors


def test_dates_and_times_may_stand_without_quotes():
    owner, errors = told("[closed]\nholidays = [2026-12-25]\n[settlement]\nat = 23:30:00\n")
    assert errors == [] and owner == {"closed": {"holidays": ["2026-12-25"]}, "settlement": {"at": "23:30"}}
    assert told("[settlement]\nat = 23:30:15")[1] != [] and told("[closed]\nholidays = [2026-12-25T08:00:00]")[1] != []


def test_the_example_is_good_and_so_is_every_line_of_it_uncommented():
    text = settings_file.example()
    assert told(text)[1] == []
    owner, errors = told(re.sub(r"(?m)^# (?=\w+ = )", "", text))
    assert errors == [] and parameters.changes({}, owner) == [] and in_force(owner) == in_force({})
    assert sum(map(len, owner.values())) == len(settings.SCHEMA) - 1


@running(max_examples=100, deadline=None)
@given(files())
def test_what_is_shown_of_a_terminal_can_be_loaded_again(file):
    text = settings_file.example(file.owner)
    owner, errors = told(text)
    assert errors == [] and {section: table for section, table in owner.items() if table} == file.owner
    owner, errors = told(re.sub(r"(?m)^# (?=\w+ = )", "", text))
    assert errors == [] and in_force(owner) == in_force(file.owner)


def test_every_setting_says_what_it_is():
    assert [row[:2] for row in settings.SCHEMA if not row[5]] == []
    assert {row[1] for row in settings.SCHEMA if row[0] == "hours"} == set(DAYS)


def test_equal_settings_are_the_same_text_whatever_the_order():
    one, two = {"shop": {"name": "a", "offset_min": 1}, "sale": {"tips": [1]}}, {"sale": {"tips": [1]}, "shop": {"offset_min": 1, "name": "a"}}
    assert json.dumps(settings.canonical(one)) == json.dumps(settings.canonical(two))
    assert settings.canonical(one) != settings.canonical({**one, "sale": {"tips": [2]}})


def test_waits_for_people_stretch_with_patience_and_those_for_machines_do_not():
    values = parameters.in_force({"people": {"patience": 250}, "waits": {"tap": 10, "host": 20, "card_ms": 300}}, EMV, HERE)
    assert (values["waits"]["tap"], values["waits"]["host"], values["waits"]["card_ms"]) == (25_000, 20_000, 300)


def test_contactless_limits_reach_every_card_application():
    values = parameters.in_force({"contactless": {"cvm": "30.00", "most": "80.00"}}, EMV, HERE)
    assert {(row[3], row[4]) for row in values["emv"]["aids"]} == {(8000, 3000)}


def test_pins_and_letters_are_never_told_in_a_change():
    assert parameters.changes({}, {"pins": {"operator": settings_files.PIN}, "tools": {"letters": {"é": "00:00"}}}) == [
        ("pins.operator", "***", "***"), ("tools.letters", "***", "***")]


@pytest.mark.parametrize("stored", [b"{", b"\xff\xfe", b"", b"nul"])
def test_settings_on_flash_that_are_no_json_are_bad_and_nothing_else(stored):
    with pytest.raises(parameters.BadParameters):
        parameters.read(stored)


# docs/settings.md
DOCS = (settings_file.ROOT / "docs/settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", re.findall(r"(?s)```toml\n(.*?)```", DOCS), ids=lambda text: re.search('name = "(.*?)"', text)[1])
def test_every_example_in_the_docs_is_a_good_file(text):
    owner, errors = told(text)
    assert errors == [] and parameters.changes({}, owner)


def test_the_docs_table_is_the_schema():
    assert DOCS.endswith("\n## Every setting\n\n" + settings_file.table()), settings_file.table()


def test_what_the_docs_show_of_a_refused_file_is_what_is_said():
    said = []
    errors = told('[limits]\nsingle = 5.0\ndaily = "0"\n')[1]
    params.say_errors(SimpleNamespace(say=said.append), errors, '[limits]\nsingle = 5.0\ndaily = "0"\n')
    assert "".join("    %s\n" % line for line in said) in DOCS
