# test_settings_live.py: an owner's settings at a terminal that works: they count from the next quiet moment, whole or not at all, whatever is cut.
import json

import pytest
from hands import Hands
from hypothesis import HealthCheck, given
from hypothesis import settings as running
from hypothesis import strategies as st
from owners_desk import left_by_another_firmware
from settings_files import faulty, files

from microtill import glyphs, settings_file
from microtill.device_source import parameters
from microtill.terminal import Service
from microtill.verbs import params

EASY = dict(deadline=None, database=None, suppress_health_check=list(HealthCheck))
COUNT = {"agreed": 0, "taken": 0, "refused": 0}


@pytest.fixture(scope="module")
def one(image):
    """One terminal for all that is tried of it, one after the other."""
    till = Hands(image)
    yield till.ready()
    till.close()


def owner_of(till):
    row, = till.ask("settings")
    return row["owner"]


def journal_of(till):
    """Its journal, read from a copy of its flash."""
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = till.bench.flash.data
        service.start()
        return service.ask("journal")


# a terminal and its tools say the same
def stage(till, owner):
    """The terminal's own verdict; where it is a yes, wait until the settings count."""
    count = len(till.events("settings"))
    answer, = till.ask("stage", owner=owner)
    if answer["ok"]:
        till.holds(lambda: len(till.events("settings")) > count, "the settings count", 60_000)
    return answer


def judged_alike(till, text):
    told, errors = settings_file.check(text)
    owner = told if told is not None else as_parsed(text)
    if owner is None or len(json.dumps(owner)) > 5_000 or any("picture" in row["reason"] for row in errors):
        return                  # no TOML, too long for the line, letters that only tools know of: a terminal never sees it
    before = owner_of(till)
    answer = stage(till, settings_file.with_letters(owner) if told is not None else owner)
    assert answer["ok"] == (told is not None), (answer, errors)
    if answer["ok"]:
        assert owner_of(till) == settings_file.with_letters(owner)
    else:
        assert owner_of(till) == before
        assert sorted(".".join(part for part in row[:2] if part) for row in answer["problems"]) == sorted(row["setting"] for row in errors)
    COUNT["agreed"] += 1
    COUNT["taken" if answer["ok"] else "refused"] += 1


def as_parsed(text):
    """What a careless tool would send."""
    import tomllib
    try:
        return json.loads(json.dumps(tomllib.loads(text), allow_nan=False))
    except (ValueError, RecursionError, TypeError):
        return None


def test_what_the_tools_take_or_refuse_the_terminal_takes_or_refuses_for_the_same_settings(one):
    """Three hundred files and more, good ones and ones with a fault."""
    @running(max_examples=110, **EASY)
    @given(file=files())
    def good(file):
        judged_alike(one, file.text)

    @running(max_examples=250, **EASY)
    @given(file=faulty())
    def bad(file):
        judged_alike(one, file.text)
    COUNT.update(agreed=0, taken=0, refused=0)
    good()
    bad()
    assert COUNT["agreed"] >= 300 and COUNT["taken"] >= 100 and COUNT["refused"] >= 100, COUNT


# limits, before and after
@running(max_examples=12, **EASY)
@given(before=st.integers(0, 3000), after=st.integers(0, 3000), minor=st.integers(1, 3000))
def test_each_sale_is_judged_by_the_limits_at_its_start(one, before, after, minor):
    one.settings(limits=limit(before))
    tries(one, minor, before)
    one.settings(limits=limit(after))
    tries(one, minor, after)


def limit(minor):
    return {"single": "%d.%02d" % divmod(minor, 100) if minor else "off"}


def tries(till, minor, most):
    """Key it: a tap is wanted, or it is over the limit."""
    till.ready().keys("%dD" % minor).sees("Over the limit" if most and minor > most else "Tap a card")
    till.keys("A").ready()


def test_settings_that_come_in_the_middle_of_a_sale_count_for_the_next(till):
    till.ready().settings(limits={"single": "20.00"}).keys("1500").stages(limits={"single": "10.00"})
    till.waits(2_000).keys("D").sees("Tap a card").stages(limits={"single": "12.00"}).taps("visa").sees("Approved").ready()
    till.waits(1_000).keys("1500D").sees("Over the limit").ready()
    till.keys("1200D").sees("Tap a card").keys("A").ready()
    assert owner_of(till) == {"limits": {"single": "12.00"}} and till.effects() == (1, 1)
    assert ("limits.single", "20.00", "12.00") in till.notes() and not any(row[2] == "10.00" for row in till.notes())


def test_the_shops_own_words_change_with_all_the_rest(till):
    till.ready().settings(shop={"name": "Corner Café", "languages": ["en"]}, sale={"receipts": "always"}).pays("500")
    assert "Corner Caf" in till.papers()[-1]
    assert {row["setting"] for row in till.records("changed")} == {"shop.name", "settings"}


# power
BEFORE, AFTER = {"limits": {"single": "20.00"}}, {"limits": {"single": "10.00", "daily": "90.00"}, "sale": {"tip": "ask"}}


@pytest.fixture(scope="module")
def settled(image):
    """(flash of a terminal with the settings BEFORE, flash operations of a change to AFTER, its marks before and after)."""
    till = Hands(image)
    try:
        till.ready().settings(**BEFORE).waits(3_000)
        flash, before = bytes(till.bench.flash.data), till.ask("settings")[0]["mark"]
    finally:
        till.close()
    till = Hands(flash)
    try:
        till.ready().waits(3_000).bench.flash.reset_counts()
        till.settings(**AFTER)
        count = till.bench.flash.operations
        return flash, count, (before, till.ask("settings")[0]["mark"])
    finally:
        till.close()


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_power_cut_at_each_flash_operation_leaves_the_old_settings_or_the_new_ones_whole(settled, share):
    flash, count, (before, after) = settled
    found = []
    for operation in range(1, count + 1):
        till = Hands(flash)
        try:
            till.ready().waits(3_000)
            till.bench.flash.reset_counts()
            till.bench.flash.cut = operation, share
            till.bench.console.ask({"op": "stage", "owner": AFTER})
            till.holds(lambda till=till: till.bench.lives == 2, "the cut was real", 10_000).ready().waits(1_000)
            row, = till.ask("settings")
            assert row["owner"] in (BEFORE, AFTER) and row["sound"]
            new = row["owner"] == AFTER
            assert row["mark"] == (after if new else before)
            works_by(till, new)
            found.append(new)
            on_record(journal_of(till), new, before, after)
        finally:
            till.close()
    assert count >= 5 and found == sorted(found) and found[0] is False and found[-1] is True       # up to one operation the old, from then on the new


def works_by(till, new):
    limits = till.facts()["limits"]
    assert (limits["single"], limits["daily"]) == ((1000, 9000) if new else (2000, 0))
    till.keys("1500D").sees("Over the limit" if new else "Tap a card", 5_000) if not new else till.keys("500D").sees("Tip", 5_000)
    till.keys("A").ready()


def on_record(rows, new, before, after):
    """The mark in the last start's record tells which count; rows of a change that came to nothing stand before a start with the old mark."""
    starts = [row for row in rows if row["record"] == "started"]
    assert starts[-1]["settings"] == (after if new else before)
    told = [(row["setting"], row["before"], row["after"]) for row in rows if row["record"] == "changed" and row["number"] > starts[-2]["number"]]
    whole = [("sale.tip", "off", "ask"), ("limits.single", "20.00", "10.00"), ("limits.daily", "off", "90.00"), ("settings", before, after)]
    assert told == whole[:len(told)] and (not new or len(told) >= 3) and (len(told) < 4 or new)


# as much as there is room for
def test_settings_that_fill_the_space_fit_with_the_letters_of_a_chinese_name(till):
    if not glyphs.font():
        pytest.skip("no font: Debian package unifont")
    owner = {"shop": {"name": "老王茶餐厅二号店", "address": "上海市静安区南京西路一二三四五六七八九十号\n欢迎光临 谢谢惠顾",
                      "languages": ["zh", "en"]}}
    filled, day = dict(owner), 0
    while parameters.too_long(len(json.dumps(settings_file.with_letters(filled), ensure_ascii=False).encode())) is None:
        whole, day = filled, day + 1
        filled = {**owner, "outside": {"conditions": {"n" * 16: {"refuse": ["w" * 16] * min(day, 8)}}},
                  "closed": {"holidays": ["2026-%02d-%02d" % (at % 12 + 1, at // 12 + 1) for at in range(min(day, 40))]},
                  "kiosk": {"items": [{"name": "a" * 12, "price": "1.00"}] * min(day // 8, 6)}}
        if day > 60:
            break
    text = settings_file.example(whole)
    told, errors = settings_file.check(text)
    assert errors == []
    till.ready()
    problems, changed = params.into(till.bench, settings_file.with_letters(told))
    size = len(json.dumps(settings_file.with_letters(told), ensure_ascii=False).encode())
    assert problems == [] and changed and 3_000 < size <= parameters.MOST_BYTES, size
    till.sees("输入金额" if "输入金额" in till.screen else till.screen.split("\n")[0])
    till.bench.cut()
    till.bench.start()
    till.waits(5_000)
    row, = till.ask("settings")
    assert row["sound"] and row["owner"] == settings_file.with_letters(told)


def test_settings_one_byte_too_long_are_refused_and_change_nothing(till):
    till.ready()
    owner = {"closed": {"holidays": ["2026-01-01"] * 40}, "outside": {"conditions": {
        "%016d" % n: {"refuse": ["w" * 16] * 8, "unknown": "refuse"} for n in range(4)}},
        "pins": {role: "00" * 16 + ":2000:" + "ab" * 32 for role in ("operator", "supervisor", "technician")}}
    owner["tools"] = {"letters": {chr(0x4e00 + n): "x" * 70 for n in range(19)}}
    room = parameters.MOST_BYTES - len(json.dumps(owner, ensure_ascii=False).encode())
    assert 20 < room < 200, room
    for name, good in (("d" * (room - 25), True), ("d" * (room - 24), False)):
        sized = {**owner, "shop": {"address": name}}
        assert len(json.dumps(sized, ensure_ascii=False).encode()) == parameters.MOST_BYTES + (0 if good else 1)
        answer = stage(till, sized)
        assert answer["ok"] == good and (good or "3500 bytes" in answer["problems"][0][2]), answer
        assert owner_of(till)["shop"]["address"] == "d" * (room - 25)


# settings on flash that this firmware does not take
@pytest.mark.parametrize("stored", [b"{\"shop\": {\"colour\": \"red\"}}", b"{\"waits\": {\"tap\": 4}}", b"[]", b"{\"shop\": ", b"\xff"])
def test_a_terminal_whose_settings_another_firmware_wrote_is_locked_until_good_ones_are_loaded(image, stored):
    till = Hands(left_by_another_firmware(image, stored))
    try:
        till.waits(3_000).sees("Terminal locked")
        assert till.ask("settings")[0]["sound"] is False
        till.keys("125D").waits(3_000)
        assert till.facts()["locked"] and ("digit", "S02") in till.refusals() and till.effects() == (0, 0)
        answer, = till.ask("stage", owner={"waits": {"tap": 4}})
        assert not answer["ok"] and till.waits(2_000).facts()["locked"]
        till.settings(shop={"name": "Bar"}).ready().pays("500")
        assert till.ask("settings")[0]["sound"] and "Bar" in till.papers()[-1]
        till.bench.cut()
        till.bench.start()
        till.ready().pays("600")
        assert till.agree() == 2
    finally:
        till.close()


def test_good_settings_do_not_unlock_a_terminal_that_is_locked_for_another_reason(till):
    till.ready().bench.surroundings.mains = False
    till.bench.surroundings.battery_percent = 3.0
    till.sees("Switching off", 600_000).stages(shop={"name": "Bar"}).waits(1_500)
    assert till.facts()["locked"]
