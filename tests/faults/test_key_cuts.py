# test_key_cuts.py: power cut while keys come and go, counters turn over, a PIN is guessed, settings are replaced: a sample of what `make torture`
# does in full. That each rule says no where it should is for tests/faults/mutants.
from microtill.show import Output
from microtill.torture import faults
from microtill.torture.key_scenes import KEY_FLOWS, KEY_SCENES
from microtill.verbs import torture

QUIET = Output(True)
EACH, EACH_BYTE = 80, 800


def nothing_wrong(answer):
    assert (answer["violations"], answer["unresolved"], answer["miscounted"]) == ([], [], [])
    assert answer["one_effect"] == answer["runs"] == answer["planned"]


def test_power_cut_leaves_keys_counters_tries_and_settings_whole(tmp_path):
    answer = torture.run(QUIET, ["power"], list(KEY_FLOWS), 0, tmp_path, 1, every=EACH)
    nothing_wrong(answer)
    assert answer["scenes"] == list(KEY_SCENES) and answer["points"]["power"] > 100 and answer["runs"] >= 9
    print("%d runs in %.0f s" % (answer["runs"], answer["seconds"]))


def test_power_cut_at_a_byte_of_provisioning_leaves_the_terminal_blank_or_whole(tmp_path):
    """The admin line carries some 5600 bytes for it."""
    answer = torture.run(QUIET, ["line"], ["provision"], 0, tmp_path, 1, every=EACH_BYTE)
    nothing_wrong(answer)
    assert answer["points"]["line"] > 5_000 and answer["runs"] >= 7


def test_a_byte_of_the_admin_line_is_a_point_of_its_own_sweep():
    assert faults.of("line", faults.LINE, 1, 1) == faults.of("line", faults.LINE, 1, 2) == [("plug",)]
    assert [sweep for sweep in faults.SWEEPS if faults.of(sweep, faults.LINE, 1, 1)] == ["line"]
    assert [kind for kind in faults.KINDS if faults.of("line", kind, 1, 1)] == [faults.LINE]
