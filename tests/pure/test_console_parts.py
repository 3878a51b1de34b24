# test_console_parts.py: PINs in a recording and out of it again, and where two results part; no bench needed.
import json
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microtill.console import checks, openapi, recording, replay, schemas
from microtill.console.session import Refused

PERSON = SimpleNamespace(pin="4071")
KEYS = st.lists(st.sampled_from("0123456789B"), max_size=12)
ENDS = st.sampled_from(["D", "A", ""])


def act(n, key, action="press"):
    return {"n": n, "at_us": 100 + n, "op": 0, "key": key, "action": action, "hold_ms": 90}


def entry(letters):
    return recording._secret([act(n, letter) for n, letter in enumerate(letters)], "visa", PERSON)


@given(typed=KEYS, ends=ENDS)
def test_a_pin_done_again_is_right_or_wrong_as_it_was_and_no_digit_was_kept(typed, ends):
    letters = typed + list(ends)
    if not letters:
        return
    kept = entry(letters)
    again = [key["key"] for key in recording.keys_of(kept, PERSON)]
    assert [letter if not letter.isdigit() else "d" for letter in letters] == list(kept["keys"])
    assert len(again) == len(letters) and entry(again)["what"] == kept["what"]
    assert not any(str(value).isdigit() for name, value in kept.items() if name in ("what", "keys", "ends"))
    assert (kept["what"] == recording.RIGHT) == (ends == "D" and "".join(letters).rpartition("B")[2][:-1].endswith(PERSON.pin))


@given(st.lists(st.sampled_from("0123456789"), min_size=1, max_size=8))
def test_a_finger_goes_up_from_the_key_it_went_down_on(digits):
    keys = [act(n, digit, action) for n, digit in enumerate(digits) for action in ("down", "up")]
    kept = recording._secret([*keys, act(99, "D")], "visa", PERSON)
    again = recording.keys_of(kept, PERSON)[:-1]
    assert [key["key"] for key in again[::2]] == [key["key"] for key in again[1::2]]


@given(st.text(max_size=60))
def test_no_text_is_read_as_a_recording_by_chance(text):
    with pytest.raises(recording.BadRecording):
        recording.read(text)


ROWS = {"screens": [[10, "a"], [20, "b"]], "receipts": [[30, "c"]], "journal": ["d", "e"]}


@pytest.mark.parametrize("name, value, what, at_us", [
    ("screens", [[10, "a"], [20, "x"]], "screen 2", 20), ("screens", [[10, "a"]], "screen 2", 20),
    ("receipts", [[30, "c"], [40, "f"]], "receipt 2", 40), ("journal", ["d"], "journal record 2", None)])
def test_the_first_difference_is_named_with_its_time(name, value, what, at_us):
    told = replay.first_difference(ROWS, {**ROWS, name: value})
    assert (told["what"], told["at_us"]) == (what, at_us)
    assert replay.first_difference(ROWS, ROWS) is None


def test_the_same_screens_a_moment_later_are_the_same():
    assert replay.first_difference(ROWS, {**ROWS, "screens": [[11, "a"], [25, "b"]]}) is None


@settings(max_examples=40)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_is_taken_or_refused_in_words(value):
    for schema in schemas.BODIES.values():
        try:
            assert isinstance(checks.body(json.dumps(value).encode(), schema), dict)
        except Refused as refused:
            assert refused.code in ("C400", "C422") and str(refused)


def test_the_document_lists_every_path_with_its_refusals():
    document = openapi.document()
    assert len(document["paths"]) >= 23 and json.dumps(document)
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            assert {"401", "403"} <= set(told["responses"]) and told["summary"], (path, method)
            if method == "post":
                assert told["requestBody"]["content"]["application/json"]["example"] is not None
                assert {"400", "409", "413", "422", "429"} <= set(told["responses"])
