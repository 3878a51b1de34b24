# test_mutants.py: firmware broken on purpose, one thing at a time: the torture finds each, and its recording shows it again. A patch with a head
# in tests/faults/mutants is one more test.
import os

import mutant
import pytest

from microtill.bench import firmware
from microtill.show import Output
from microtill.torture.flows import FLOWS
from microtill.torture.key_scenes import KEY_FLOWS
from microtill.verbs import torture

WITHIN_S, JOBS = 60, 2             # a minute of two cores, as time that they work: a machine that is busy with other things takes longer
MUTANTS = mutant.all_of_them()


def broken(each, folder, monkeypatch):
    built = mutant.build(each, folder)
    monkeypatch.setattr(firmware, "compiled", lambda *a, **k: built)


def worked_s():
    """Seconds that processors have worked for this process, and for all of its children that have ended."""
    return sum(os.times()[:4])


@pytest.mark.parametrize("each", MUTANTS, ids=lambda each: each.path.stem)
def test_what_is_broken_is_found_within_a_minute(each, tmp_path, monkeypatch):
    broken(each, tmp_path, monkeypatch)
    begin_s = worked_s()
    answer = torture.run(Output(True), each.sweep.split(","), each.flow.split(","), 0, tmp_path / "found", JOBS, first=True, every=each.every)
    found = answer["violations"] + answer["unresolved"]
    assert found, "%s was not found in %d runs" % (each.what, answer["runs"])
    assert worked_s() - begin_s < WITHIN_S * JOBS
    status, again = torture.command(Output(True), "", "", 0, None, 1, False, 1, found[0]["recording"])
    assert (status, again["same"]) == (0, True), again


def test_there_are_ten_and_each_says_where_it_must_be_found():
    assert len(MUTANTS) >= 10 and all(each.flow in (*FLOWS, *KEY_FLOWS) for each in MUTANTS)
    assert {"sent_before_written", "late_answer_accepted_twice", "forgotten_at_boot", "torn_record_believed"} <= {each.path.stem for each in MUTANTS}


def test_what_is_whole_is_not_called_broken(tmp_path):
    """The same question to the firmware that ships."""
    answer = torture.run(Output(True), ["power"], ["sale"], 0, tmp_path, 2, first=True, every=4)
    assert answer["violations"] == answer["unresolved"] == answer["miscounted"] == [] and answer["runs"] > 5
