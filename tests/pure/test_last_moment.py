# test_last_moment.py: time in a state folder never goes back: after a run, after one that was killed, and for a real one after a stepped one.
import datetime
import json

from microtill.bench.bench import BETWEEN_RUNS_S, Bench, last_moment

NOON = datetime.datetime(2031, 3, 4, 12, 0, tzinfo=datetime.UTC)


def told(state, *moments, torn=""):
    rows = [json.dumps({"kind": "trigger", "at": moment.isoformat(timespec="milliseconds")}) for moment in moments]
    (state / "story.jsonl").write_text("\n".join(rows) + "\n" + torn)


def test_a_folder_in_which_nothing_ran_has_no_last_moment(tmp_path):
    assert last_moment(tmp_path) is None
    told(tmp_path)
    assert last_moment(tmp_path) is None


def test_the_end_of_a_run_or_the_last_word_of_a_killed_one_counts_whichever_is_later(tmp_path):
    (tmp_path / "clock.json").write_text(json.dumps({"unix": int(NOON.timestamp())}))
    assert last_moment(tmp_path) == NOON
    told(tmp_path, NOON - datetime.timedelta(hours=1))
    assert last_moment(tmp_path) == NOON
    later = NOON + datetime.timedelta(minutes=7)
    told(tmp_path, NOON, later, torn='{"kind": "scr')
    assert last_moment(tmp_path) == later


def test_a_run_at_people_s_pace_goes_on_behind_a_stepped_one_that_is_ahead_of_the_wall(tmp_path):
    (tmp_path / "clock.json").write_text(json.dumps({"unix": int(NOON.timestamp())}))
    for real in (True, False):
        bench = Bench(tmp_path, real=real)
        assert bench.began == NOON + datetime.timedelta(seconds=BETWEEN_RUNS_S)
        bench.target.close()
