# test_clock_command.py: `microtill clock`: what time it is at a terminal and here, and the terminal's put right by its admin line, on its audit.
import pytest

from microtill.show import Output
from microtill.terminal import Refused, Service
from microtill.verbs import books
from microtill.verbs import clock as verb


@pytest.fixture
def state(till, tmp_path):
    """A folder with the flash of a terminal that has sold once."""
    (tmp_path / "flash.bin").write_bytes(till.pays().waits(1_000).bench.flash.data)
    return str(tmp_path)


def behind(bench):
    bench.senses.rtc.jump(-600)


def dead(bench):
    bench.senses.rtc.fault = "dead"


def told(state):
    """What the audit says of the clock."""
    with Service(state) as service:
        return [row["words"] for row in service.ask("audit") if row["words"].startswith("clock_set")]


def test_a_clock_that_is_right_is_told_so_and_left_alone(state, capsys):
    status, said = verb.clock(Output(), state)
    assert status == 0 and abs(said["difference_s"]) <= 1 and said["set"] is False and told(state) == []
    assert capsys.readouterr().out.splitlines()[-1] == "the same"


def test_a_clock_that_is_behind_is_told_with_what_to_do_and_set_right_on_the_audit(state, capsys):
    status, said = verb.clock(Output(), state, setup=behind)
    assert status == 1 and abs(said["difference_s"] + 600) <= 1 and told(state) == []
    assert capsys.readouterr().out.endswith("the terminal is %d s behind: microtill clock --set\n" % -said["difference_s"])
    status, said = verb.clock(Output(), state, True, setup=behind)
    assert status == 0 and abs(said["difference_s"]) <= 1 and said["host"] - said["was"] > 590
    words, = told(state)
    assert " to 2026-01-05 09:" in words


def test_a_clock_that_does_not_answer_is_unknown(state):
    status, said = verb.clock(Output(), state, setup=dead)
    assert status == 1 and said["terminal"] is None and said["difference_s"] is None
    with pytest.raises(Refused):
        verb.clock(Output(), state, True, setup=dead)


def test_a_folder_without_a_terminal_is_told_so(tmp_path):
    with pytest.raises(books.NoState):
        verb.clock(Output(), str(tmp_path))
