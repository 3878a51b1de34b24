# test_recordings.py: what was recorded on the laptop, by the page or by a torture, comes out the same on the emulated STM32: screens, receipts and
# journal; one other input is found at its place.
import functools
import json

import pytest

from microtill import sweep
from microtill.console import reads, recording, replay
from microtill.console.acts import Acts
from microtill.console.session import Session
from microtill.show import Output
from microtill.torture import engine
from microtill.torture import recording as tortured
from microtill.verbs import play

END_S = 75


def keys(at_s, text):
    return [(at_s + 0.2 * at, "key_again", {"key": key, "hold_ms": 90}) for at, key in enumerate(text)]


# A sale with PIN; one whose power goes while a late bank is asked, and which is undone; one more.
SCRIPT = [*keys(5, "1250D"), (7, "tap", {"card": "visa-pin"}), *keys(9.5, "1234D"),
          *keys(22, "300D"), (23, "environment", {"bank": "late"}), (23.8, "tap", {"card": "mc"}), (26.5, "fault", {"fault": "power_off"}),
          (28, "environment", {"bank": "answers"}), (30, "fault", {"fault": "power_on"}),
          *keys(55, "42D"), (56.8, "tap", {"card": "visa"})]


@pytest.fixture(scope="module")
def recorded():
    """The text of a recording that a Session on the sim made of SCRIPT."""
    session, end = Session(None, seed=5, real=False), (END_S * 1_000_000, 0)
    acts, kept = Acts(session), []
    plan = [((int(at_s * 1e6), 0), functools.partial(getattr(acts, what), **more)) for at_s, what, more in SCRIPT]
    try:
        session.replay([*plan, (end, lambda: kept.append(session.recorder.snapshot()))], end)
    finally:
        session.close()
    return recording.lines(kept[0], reads.journal(kept[0]["flash"]))


def test_a_sale_and_a_power_cut_come_out_the_same_on_the_emulated_board(recorded, on, tmp_path):
    (tmp_path / "recording.jsonl").write_text(recorded)
    on("qemu-stm32")
    status, answer = play.play(Output(True), tmp_path / "recording.jsonl")
    assert (status, answer["same"], answer["first_difference"], answer["target"]) == (0, True, None, "qemu-stm32")
    assert answer["screens"] > 25 and answer["receipts"] == 4 and answer["journal"] > 12


def test_one_other_input_is_found_where_it_shows_first(recorded, on):
    """The second customer keys 4 instead of 3."""
    lines = recorded.splitlines()
    at = next(n for n, line in enumerate(lines) if '"key": "3"' in line and '"at_us": 22' in line)
    lines[at] = lines[at].replace('"key": "3"', '"key": "4"')
    on("qemu-stm32")
    told = replay.play("\n".join(lines))["first_difference"]
    assert told["what"].startswith("screen ") and told["recorded"] != told["played"]
    assert 22_000_000 < told["at_us"] < 23_000_000


def test_a_recording_from_before_that_is_refused(recorded, on):
    head, _, last = recorded.rstrip("\n").rpartition("\n")
    result = json.loads(last)
    del result["result"]["plain"]
    on("qemu-stm32")
    with pytest.raises(recording.BadRecording, match="another target"):
        replay.play(head + "\n" + json.dumps(result) + "\n")


def test_a_run_of_a_torture_ends_the_same_on_the_emulated_board(on, tmp_path):
    """The power goes with the question on its way: the points of a scene are the same on both."""
    image = sweep.keyed_image()
    clean = engine.clean("sale", image)
    index = next(at for at, point in enumerate(clean.points, 1) if point[0] == "to_host")
    row = engine.Run("sale", index, "to_host", ("plug",), "power").as_row()
    verdict = engine.again(row, image, ["power"])
    assert (verdict["violations"], verdict["approved"], verdict["lives"]) == ([], 0, 2)
    path = tortured.save(tmp_path, row, verdict, ["power"], 1, "firmware")
    on("qemu-stm32")
    status, answer = play.play(Output(True), path)
    assert (status, answer["same"], answer["played"]["lives"]) == (0, True, 2)
