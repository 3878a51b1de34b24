# test_torture.py: what `microtill torture` promises, as much of it as two minutes hold: every power point of a sale, and a sample of all else;
# that a branch ends as a run from power on does; that the judge, the auditor and the soak say no where they should.
import json
import sqlite3

import pytest

from microtill import books, sweep
from microtill.show import Output
from microtill.torture import audit, engine, faults, flows, journal, judge, recording, soak
from microtill.torture.scene import Scene
from microtill.verbs import torture

EACH = 80                               # of the whole plan, one run in so many
QUIET = Output(True)


@pytest.fixture(scope="module")
def image():
    return sweep.keyed_image()


def nothing_wrong(answer):
    assert (answer["violations"], answer["unresolved"], answer["miscounted"]) == ([], [], [])
    assert answer["one_effect"] == answer["runs"] == answer["planned"]


def test_power_cut_at_every_point_of_a_sale_leaves_one_effect(tmp_path):
    """At each flash operation with none, some and all of it done, at each burst, each command to the card and each key."""
    answer = torture.run(QUIET, ["power"], ["sale"], 0, tmp_path, 2)
    nothing_wrong(answer)
    assert answer["points"]["power"] >= 6 and answer["runs"] >= 5 * answer["points"]["power"]
    print("%d runs in %.0f s" % (answer["runs"], answer["seconds"]))


def test_a_sample_of_every_sweep_and_flow_leaves_one_effect(tmp_path):
    answer = torture.run(QUIET, list(faults.SWEEPS), list(flows.FLOWS), 20 * EACH, tmp_path, 2, every=EACH)
    nothing_wrong(answer)
    assert set(answer["runs_by_sweep"]) >= {"power", "link", "health", "pairs"} and answer["scenes"] == list(flows.SCENES)
    print("%d runs in %.0f s" % (answer["runs"], answer["seconds"]))


def test_a_branch_ends_as_a_run_from_power_on_does(image):
    """The same faults, once split off a running terminal and once from the beginning: same end, same screens."""
    clean = engine.clean("sale", image)
    runs = engine.plan([clean], faults.SWEEPS)[::60]
    branched = {}
    engine.torture(runs, image, faults.SWEEPS, lambda row, verdict: branched.update({json.dumps(row): verdict}), jobs=2)
    assert len(branched) == len(runs) > 8
    for row, verdict in branched.items():
        assert engine.again(json.loads(row), image, faults.SWEEPS) == verdict, row


def test_the_journal_is_read_as_the_terminal_itself_reads_it(image):
    scene = Scene("settle", image)
    scene.prepare().play()
    try:
        assert journal.payments(scene.bench.flash.data) == books.terminal(scene.bench) != []
    finally:
        scene.close()


@pytest.mark.parametrize("at_ms", range(300, 9_000, 790))
def test_power_lost_at_any_moment(image, at_ms):
    assert sweep.sale_cut_at(image, at_ms).one_effect


def test_a_declined_sale_cut_anywhere_never_moves_money(image):
    count = sweep.sale(image, card="no-funds").operations
    verdicts = [sweep.sale(image, ("power", operation, 0.5), card="no-funds") for operation in range(1, count + 1)]
    assert all(each.one_effect and each.terminal == 0 for each in verdicts)


@pytest.mark.parametrize("spoil, word", [
    ("UPDATE entries SET response = '05' WHERE kind = 'sale'", "the books differ"),
    ("UPDATE entries SET amount = amount + 1 WHERE kind = 'sale'", "the books differ"),
    ("UPDATE accounts SET balance = balance - 1", "an account lost"),
])
def test_the_judge_sees_a_bank_that_is_a_cent_off(image, spoil, word):
    scene = Scene("sale", image)
    try:
        scene.prepare().play().quiet()
        assert judge.verdict(scene)["violations"] == []
        scene.bench.bank._ledger._db.execute(spoil)
        assert any(words.startswith(word) for words in judge.verdict(scene)["violations"])
    finally:
        scene.close()


def test_a_recording_is_read_again_and_anything_else_is_refused(tmp_path):
    row = engine.Run("sale", 3, faults.FLASH, ("flash", 0.5, 7), "power").as_row()
    path = recording.save(tmp_path, row, {"violations": ["x"], "resolved": True}, ["power"], 1, "firmware")
    assert recording.read(path)["run"] == row
    for text in ("", "{}", '{"microtill torture": 2}'):
        path.write_text(text)
        with pytest.raises(recording.BadRecording):
            recording.read(path)


def test_a_soak_of_a_hundred_payments_agrees_to_the_cent(tmp_path):
    good, reports = soak.soak(100, 2, tmp_path)
    assert good and sum(report["audit"]["payments"] for report in reports) >= 90, reports
    folder = tmp_path / "1"
    lines = (folder / "journal.jsonl").read_text().splitlines()
    assert audit.audit(lines, folder / "bank.sqlite")["differences"] == []
    with sqlite3.connect(folder / "bank.sqlite") as ledger:
        ledger.execute("UPDATE entries SET amount = amount + 1 WHERE id = (SELECT MAX(id) FROM entries WHERE kind = 'sale' AND response = '00')")
    assert len(audit.audit(lines, folder / "bank.sqlite")["differences"]) == 1
