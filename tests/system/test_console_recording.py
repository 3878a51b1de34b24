# test_console_recording.py: what was done live comes out the same in stepped time; what was altered is found at its place; no PIN is ever kept.
import json
import subprocess
import sys
from pathlib import Path

import pytest
from console_rig import Console, pay

from microtill.console import recording, replay, standin
from microtill.verbs import params

COMMAND = str(Path(sys.executable).parent / "microtill")


def played(text, tmp_path):
    """(exit status, answer) of `microtill play`."""
    path = tmp_path / "recording.jsonl"
    path.write_text(text)
    done = subprocess.run([COMMAND, "--json", "play", str(path)], capture_output=True, text=True, timeout=120)
    return done.returncode, json.loads(done.stdout)


def busy_morning(console):
    """Cards that pay, a PIN right and wrong, a card that moves, power that goes in the middle, poor weather, settings, a torn paper."""
    till = console.linked()
    pay(till, "1250", "visa-pin", "1234")
    pay(till, "2000", "visa-pin", "9B1235D", ends="Wrong PIN")
    pay(till, "300", "no-funds", ends="Not enough")
    till.environment(network="slow", lux=20)
    pay(till, "42", "mc")
    till.environment(network="good", bank="late")
    till.keys("777D")
    till.wait_screen("Tap a card")
    till.tap("visa")
    till.wait_screen("Asking")
    till.fault("power_off")
    till.key("5", "down")
    till.environment(bank="answers")
    till.fault("power_on")
    till.key("5", "up")
    till.wait_name("ready")
    till.settings({"shop": {"name": "Corner Shop"}, "limits": {"single": "400.00"}})
    till.time(step_ms=30_000)
    pay(till, "6000", "mc-pin", "2468")
    till.keys("500D")
    till.wait_screen("Tap a card")
    till.tap("visa-pin")
    till.wait_name("pin")
    till.keys("12A")
    till.wait_name("ready")
    return till.recording()


@pytest.fixture(scope="module")
def morning():
    with Console(seed=3) as console:
        yield busy_morning(console)


def test_a_live_morning_at_ten_times_the_pace_comes_out_the_same(morning, tmp_path):
    status, answer = played(morning, tmp_path)
    assert (status, answer["same"], answer["first_difference"], answer["refused"]) == (0, True, None, 0)
    assert answer["screens"] > 60 and answer["receipts"] >= 8 and answer["journal"] > 20


def test_it_comes_out_the_same_each_time(morning):
    assert replay.play(morning) == replay.play(morning)


def test_what_was_typed_as_a_pin_is_told_in_words(morning):
    pins = [entry for entry in map(json.loads, morning.splitlines()) if entry.get("act") == "pin"]
    assert [(pin["card"], pin["what"], pin["keys"], pin["ends"]) for pin in pins] == [
        ("visa-pin", recording.RIGHT, "ddddD", "D"), ("visa-pin", recording.WRONG, "dBddddD", "D"),
        ("mc-pin", recording.RIGHT, "ddddD", "D"), ("visa-pin", recording.LEFT, "ddA", "A")]


def digits_of_keys(text):
    return "".join(entry["key"] for entry in map(json.loads, text.splitlines()) if entry.get("act") == "key" and entry["action"] != "up")


def held_against_their_nature(till, person):
    """A sale above the CVM limit with this card, its PIN given where asked; those who hurry begin before the screen asks."""
    till.wait_name("ready", 20)
    till.keys("6000D")
    till.wait_screen("Tap a card", 20)
    till.tap(person.name)
    if person.asks_pin or person.asks_pin_above:
        till.keys(person.pin[:2])
    seen, ends = set(), {"pin", "again", "approved", "declined", "cancelled", "see_phone"}
    till.wait(lambda: seen.add(till.state()["screen"]["name"]) or seen & ends, 20, "an end")
    if "pin" in seen:
        till.keys("B" + person.pin + "D")
    else:
        till.keys("A")
    till.wait_name("ready", 20)
    till.wait(lambda: till.state()["in_field"] == [], 20, "the card to be away")


def test_no_pin_of_any_card_is_in_the_recording(morning):
    with Console() as console:
        people = [console.bench.wallet.person(name) for name in console.bench.wallet.names()]
        till = console.linked()
        for person in people:
            held_against_their_nature(till, person)
        hasty = till.recording()
    for text in (morning, hasty):
        acts = "".join(line for line in text.splitlines(True)[1:] if "result" not in line)
        assert all(person.pan not in text and '"%s"' % person.pin not in acts for person in people)
        assert not any(person.pin in digits_of_keys(text) for person in people)     # as keys, one by one
    assert replay.play(hasty)["same"]


def test_digits_typed_ahead_of_the_pin_screen_are_not_kept_while_it_is_yet_to_come():
    with Console() as console:
        till = console.ready("real")
        till.keys("1250D")
        till.wait_screen("Tap a card")
        till.time(pace="paused")
        till.tap("visa-pin")
        till.keys("1")
        assert digits_of_keys(till.recording()) == "1250D"
        till.time(pace="x10")
        till.wait_name("pin")
        till.keys("1234D")
        till.wait(lambda: till.state()["screen"]["name"] != "pin", 20, "an end")
        assert digits_of_keys(till.recording()) == "1250D"


def altered(text, change):
    """The recording with `change(rows)` made."""
    rows = [json.loads(line) for line in text.splitlines()]
    change(rows)
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_another_amount_is_different_from_that_screen_on(morning, tmp_path):
    first = next(n for n, line in enumerate(morning.splitlines()) if '"key": "2"' in line)

    def change(rows):
        rows[first]["key"] = "3"
    at_us = json.loads(morning.splitlines()[first])["at_us"]
    status, answer = played(altered(morning, change), tmp_path)
    told = answer["first_difference"]
    assert (status, answer["same"]) == (1, False) and told["what"].startswith("screen ") and told["recorded"] != told["played"]
    assert at_us < told["at_us"] < at_us + 1_000_000


@pytest.mark.parametrize("was, now, place", [("Corner Shop", "Corner Shed", "receipt "), ("400.00", "401.00", "journal record ")])
def test_one_other_input_is_named_by_what_it_changed_first(morning, tmp_path, was, now, place):
    assert morning.count(was) == 1
    status, answer = played(morning.replace(was, now), tmp_path)
    told = answer["first_difference"]
    assert (status, answer["same"]) == (1, False) and told["what"].startswith(place) and told["recorded"] != told["played"]
    assert int(told["what"].rpartition(" ")[2]) > 1 and (told["at_us"] is None) == (place == "journal record ")


def test_another_receipt_and_another_record_are_found_by_their_number(morning):
    def receipt(rows):
        rows[-1]["result"]["receipts"][2][1] = "0" * 16

    def record(rows):
        rows[-1]["result"]["journal"][4] = "0" * 16

    def missing(rows):
        rows[-1]["result"]["screens"].append([10 ** 12, "0" * 16])
    for change, what in ((receipt, "receipt 3"), (record, "journal record 5"), (missing, "screen ")):
        told = replay.play(altered(morning, change))["first_difference"]
        assert told["what"].startswith(what), told


def test_an_act_that_is_left_out_or_impossible_is_found(morning):
    def no_tap(rows):
        del rows[next(n for n, row in enumerate(rows) if row.get("act") == "tap")]

    def no_card(rows):
        next(row for row in rows if row.get("act") == "tap")["card"] = "no-such-card"
    assert replay.play(altered(morning, no_tap))["same"] is False
    told = replay.play(altered(morning, no_card))["first_difference"]
    assert told["what"] == "an act was refused" and "no-such-card" in told["played"]


@pytest.mark.parametrize("break_it", [
    lambda text: "", lambda text: "not a recording", lambda text: text[:len(text) // 2], lambda text: text.replace('"seed": 3', '"seed": "x"'),
    lambda text: text.replace('"began": "', '"began": "x'), lambda text: text.replace('"act": "tap"', '"act": "kiss"', 1),
    lambda text: text.replace('"keys": "ddddD"', '"keys": "dd"', 1), lambda text: text.replace('"at_us"', '"at"', 1),
    lambda text: text.replace('"microtill recording": 2', '"microtill recording": 1'), lambda text: "[" * 100_000,
    lambda text: text.replace('"receipts": [[', '"receipts": [7, ['), lambda text: text.replace('"screens"', '"pictures"')])
def test_a_broken_file_is_told_in_one_line(morning, break_it, tmp_path):
    path = tmp_path / "broken.jsonl"
    path.write_text(break_it(morning))
    done = subprocess.run([COMMAND, "play", str(path)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.count("\n") == 1 and done.stderr.startswith("microtill: U20 ")


def test_no_file_and_no_text_are_told_in_one_line(tmp_path):
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "bytes", "."):
        done = subprocess.run([COMMAND, "play", str(tmp_path / name)], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), name


PINS = {"operator": params.hashed("2468", bytes(range(16))), "supervisor": params.hashed("31415926", bytes(range(1, 17)))}


def logs_in(till, role, digits, ends):
    """By the page's keys: a finger that goes down and up for each."""
    till.wait_name("ready")
    for key in "C9" + role:
        finger(till, key)
    till.wait_name("login")
    for key in digits + "D":
        finger(till, key)
    till.wait_screen(ends)
    finger(till, "D")
    till.wait_name("ready")


def finger(till, key):
    till.key(key, "down")
    till.key(key, "up")


def test_a_log_in_plays_back_as_it_went_and_no_digit_of_it_is_kept(tmp_path):
    with Console() as console:
        till = console.linked()
        assert till.settings({"pins": PINS, "roles": {"x_totals": "operator"}})["ok"]
        logs_in(till, "2", "99B31415926", "Welcome")
        logs_in(till, "1", "2469", "Wrong PIN")
        logs_in(till, "1", "2468", "Welcome")
        text = till.recording()
    pins = [entry for entry in map(json.loads, text.splitlines()) if entry.get("act") == "pin"]
    assert [(pin["role"], pin["what"]) for pin in pins] == [("supervisor", standin.ROLE), ("operator", recording.WRONG), ("operator", standin.ROLE)]
    kept = next(entry for entry in map(json.loads, text.splitlines()) if entry.get("act") == "settings")["owner"]["pins"]
    assert kept == {"operator": standin.line(PINS["operator"], 4), "supervisor": standin.line(PINS["supervisor"], 8)}
    assert not any(line.split(":")[2] in text for line in PINS.values())
    assert not any(digits in digits_of_keys(text) for digits in ("2468", "2469", "3141", "99"))
    status, answer = played(text, tmp_path)
    assert (status, answer["first_difference"], answer["refused"]) == (0, None, 0)
