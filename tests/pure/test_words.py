# test_words.py: every word fits where it is read, in every language, ordinary and large, in training too; and what is said where words lack.
import importlib
import re
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from till.money import transaction
from till.ui import letters, receipt, words
from till.ui.letters import width

from microtill import glyphs

sys.path.append(str(Path(__file__).resolve().parents[1] / "system"))
from drawn import longest  # noqa: E402

LANGUAGES = sorted(glyphs.languages())
TABLES = ("SCREENS", "LARGE", "REASONS", "REFUSALS", "RECOVERED", "ALARMS", "ROLES", "MENU", "OUTCOMES", "TITLES", "KINDS", "CVM", "PAPER", "OTHER")


def language(code):
    return importlib.import_module("till.ui.languages." + code)


@pytest.fixture
def built(monkeypatch):
    """As if the firmware had been built with glyphs: large text exists."""
    monkeypatch.setattr(letters, "_built", [types.SimpleNamespace(CODES=b"", DATA=b"", GB=b"", ASCII=b"\0" * 95 * 16)])


def places(rows):
    """Indices of the values that these rows show, in order."""
    out, at = [], 0
    for row in rows:
        for mark in re.findall(r"%s|\{(\d)\}", row):
            out.append(int(mark) if mark else at)
            at += not mark
    return out


def heights(rows):
    """Height in dots of rows as the screen draws them, without the blank ones that it may drop."""
    def high(row):
        return 16 if row[:1] in ("|", "!") or not row.isascii() else 8
    return sum(high(row) for row in rows if row.strip("|!= ") or "=" in row[:2])


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_the_same_names_in_each_table(code):
    ours, english = language(code), language("en")
    for name in TABLES:
        assert set(getattr(ours, name)) == set(getattr(english, name)), name
    assert set(ours.LARGE) == set(ours.SCREENS)
    for name, rows in (("REASONS", 2), ("REFUSALS", 2), ("RECOVERED", 3)):
        assert {len(row) for row in getattr(ours, name).values()} == {rows}, name


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_screen_shows_the_values_of_the_english_one_or_leaves_some_out_by_number(code):
    for name, rows in language("en").SCREENS.items():
        wanted = places(rows)
        for table in (language(code).SCREENS, language(code).LARGE):
            got = places(table[name])
            assert set(got) <= set(wanted), name
            assert "{" in "".join(table[name]) or got == wanted or (table is language(code).LARGE and name in ("menu", "choose")), name
    for table in ("PAPER", "OTHER"):
        for key, text in getattr(language("en"), table).items():
            assert text.count("%s") == getattr(language(code), table)[key].count("%s"), key


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_screen_fits_with_the_longest_values(code, large, training, built):
    spoken = words.Words((code,))
    spoken.large, spoken.training = large, training
    for name in language(code).SCREENS:
        rows = spoken.screen(name, *longest(language(code), name))
        assert heights(rows) <= 64, (name, rows)
        assert [row for row in rows if width(row.lstrip("|").lstrip("=!")) > 16] == [], name
        assert not training or language(code).OTHER["training"] in rows[0].upper(), name


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_that_goes_into_a_screen_fits_a_row(code):
    ours = language(code)
    for table in (ours.REASONS, ours.REFUSALS, ours.RECOVERED):
        for key, rows in table.items():
            assert all(width(row) <= 16 for row in rows) and rows[0], key
    for table in (ours.ALARMS, ours.ROLES, ours.TITLES):
        assert [text for text in table.values() if not 0 < width(text) <= 16] == []
    room = 8 if "\t" in "".join(ours.SCREENS["menu"]) else 16
    assert [text for text in ours.MENU.values() if width("9 " + text) > room] == []
    assert width(ours.OTHER["code"] % "offline_not") <= 16 and width(ours.PAPER["opens"] % "08:30") <= 16


def test_every_reason_says_something_in_two_rows_and_a_refusal_stands_in_for_it():
    spoken = words.Words()
    assert spoken.reason("51") == ("Not enough money", "Another card?")
    assert spoken.reason("L01") == spoken.refusal("L01")
    assert spoken.reason("77") == ("The bank said no", "Code 77")
    assert spoken.refusal("X99") == ("Not possible", "X99")


def test_a_language_is_spoken_where_the_terminal_has_it_and_home_is_the_shop_s_own():
    spoken = words.Words(("zh", "en"))
    assert spoken.language == "zh" and spoken.screen("reading")[0] == "|=正在读卡"
    assert spoken.use("en") and spoken.screen("reading")[0] == "=Reading"
    assert not spoken.use("pt") and spoken.language == "en"
    spoken.home()
    assert spoken.language == "zh"
    assert words.here("en") and not words.here("xx")
    assert words.Words(("xx", "en")).language == words.Words(("xx",)).language == "en"


def test_large_text_needs_glyphs_and_never_hides_a_choice(built, monkeypatch):
    spoken = words.Words()
    ordinary = spoken.screen("tap", "12.50", "EUR")
    spoken.large = True
    assert spoken.screen("tap", "12.50", "EUR") == ["|=Tap a card", "|EUR", "|!12.50", "|A stop"]
    assert (spoken.room("menu"), spoken.room("tap")) == (3, 2)
    assert len(spoken.screen("menu", "1 void", "2 refund", "3 copy", "", "")) == 4
    assert "4 X totals" in spoken.screen("menu", "1 void", "2 refund", "3 copy", "4 X totals", "")
    monkeypatch.setattr(letters, "_built", [None])
    assert spoken.screen("tap", "12.50", "EUR") == ordinary and spoken.room("menu") == 5


def test_training_is_in_the_bar_and_the_title_is_not_lost():
    spoken = words.Words(("en", "zh"))
    spoken.training = True
    assert spoken.screen("tap", "1.00", "EUR")[:2] == ["=TRAINING", "Tap a card"]
    assert spoken.screen("tip", "1.00", "5%", "10%", "15%")[0] == "=TRAINING Tip?"
    assert spoken.screen("training_on")[0] == "=Training"
    spoken.use("zh")
    assert spoken.screen("tap", "1.00", "EUR")[0] == "|=培训 请刷卡"


def test_a_menu_in_two_columns():
    spoken = words.Words(("zh",))
    rows = spoken.screen("menu", "1 撤销", "2 退款", "3 补打", "4 X报表", "5 Z报表")
    assert rows[1:] == ["|1 撤销  2 退款  ", "|3 补打  4 X报表 ", "|5 Z报表 D更多   "]


# --- paper

SHOP = {"name": "Microtill Demo Shop", "address": "1 Bench Street", "terminal": "TILL0001", "merchant": "MERCHANT0000001"}
PAYMENT = {"stan": 17, "state": transaction.APPROVED, "kind": transaction.SALE, "amount_minor": 1375, "currency": 978, "unix": 1_767_600_000,
           "label": "VISA CREDIT", "aid": "A0000000031010", "pan": "476173******0119", "entry": "contactless", "cvm": "online_pin",
           "trigger": "3.17", "rrn": "600512345678", "auth": "A1B2C3", "response": "00", "original_stan": 0}
TEXT = st.text(st.sampled_from("abc XYZ0123456789 微讯茶馆上海市éß€"), max_size=70)


def printed(payment=PAYMENT, shop=SHOP, code="en", training=False, **how):
    spoken = words.Words((code,))
    spoken.training = training
    return receipt.rows(payment, shop, receipt.CUSTOMER, spoken, **how)


@pytest.mark.parametrize("code", LANGUAGES)
@given(payment=st.fixed_dictionaries({
    "state": st.sampled_from(list(transaction.WORDS)), "kind": st.sampled_from(list(transaction.KINDS)),
    "amount_minor": st.integers(1, 10 ** 12 - 1), "tip_minor": st.integers(0, 10 ** 12 - 1), "label": st.text("ABC xyz", max_size=16),
    "aid": st.text("0123456789ABCDEF", max_size=32), "cvm": st.sampled_from(["", "none", "online_pin", "device"]),
    "response": st.sampled_from(["", "00", "51"]), "reason": st.sampled_from(["", "51", "no_link", "N01", "offline_not_allowed"])}),
    name=TEXT, address=TEXT, line=TEXT, training=st.booleans(), again=st.booleans())
def test_no_row_on_paper_is_wider_than_the_paper(code, payment, name, address, line, training, again):
    shop = dict(SHOP, name=name, address=address + "\n" + line)
    rows = printed(dict(PAYMENT, **payment), shop, code, training, again=again, test_label="test keys", offset_min=-720)
    rows += receipt.report("x" * 40, [(name, line), None, ("a", "b")], shop, words.Words((code,)), 0, 840, "test keys", (address,))
    for style, text in rows:
        assert width(text) <= (16 if style == "title" else 32), text
        assert "\n" not in text


def test_a_receipt_names_the_tip_where_there_is_one_and_the_local_hour():
    assert ("line", "Tip                     1.25 EUR") in printed(dict(PAYMENT, tip_minor=125))
    assert not [text for _, text in printed(dict(PAYMENT, tip_minor=0)) if text.startswith("Tip")]
    assert ("line", "SALE         2026-01-05 16:00:00") in printed(offset_min=480)
    assert ("line", "消费         2026-01-05 08:00:00") in printed(code="zh")


def test_training_stands_above_and_below_and_an_address_may_have_lines():
    rows = printed(training=True, shop=dict(SHOP, address="First floor\nBench Street 1"))
    assert rows[0] == rows[-1] == ("bold", " *** TRAINING - NO PAYMENT ***")
    assert rows[2:4] == [("centre", "First floor"), ("centre", "Bench Street 1")]


@given(TEXT, st.integers(2, 40))
def test_wrapping_loses_no_letter(text, columns):
    parts = receipt.wrapped(text, columns)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")
    assert all(width(part) <= columns for part in parts)


def test_a_chinese_character_takes_two_columns():
    assert (width(""), width("abc"), width("é€"), width("密码"), width("A取消，")) == (0, 3, 2, 4, 7)


def test_the_languages_lie_where_they_are_looked_for():
    assert "en" in LANGUAGES and "zh" in LANGUAGES
    assert all((Path(words.__file__).parent / "languages" / (code + ".py")).exists() for code in LANGUAGES)
