# test_rig_harness.py: tests/target on a board whose reader and printer are a rig's: what a test asks of the bench, the rig does.
import os

import pytest
from board_rig import PtyBoard
from cable import Lead, Terminal

from microtill.boards import BoardError
from microtill.harness import collect
from microtill.harness.runner import Target, run_all
from microtill.rig.joined import Running

TRIES = 3                               # real time: a machine that is busy elsewhere may let a card answer too late


@pytest.fixture
def wired(tmp_path):
    """(port of the board, a Running that plays its reader and its printer)."""
    terminal, leads = Terminal(), {"reader": Lead(), "printer": Lead()}
    terminal.wire_uart(terminal.board.READER_UART, leads["reader"])
    terminal.wire_uart(terminal.board.PRINTER_UART, leads["printer"])
    board, playing = PtyBoard(tmp_path, terminal), Running({name: lead.port for name, lead in leads.items()})
    yield board.port, playing
    playing.close()
    board.close()
    for lead in leads.values():
        lead.close()


def test_tests_that_need_a_reader_or_a_printer_run_and_the_others_are_left_out_by_name(wired):
    port, playing = wired
    assert playing.provides == {"reader", "printer"}
    tests = [*collect.find(["tests/target/test_reader.py"], "held_there or left"), *collect.find(["tests/target/test_printer.py"], "cover"),
             *collect.find(["tests/target/test_keypad.py"], "")[:1]]
    for _ in range(TRIES):
        run = run_all(Target(port, rig=playing), tests)
        if run.well:
            break
    outcomes = [(result.id.split("::")[1], result.outcome, result.said) for result in run.results]
    assert run.count("failed") == 0 and run.count("skipped") == 1 and run.count("passed") == 3, outcomes
    assert "keypad" in outcomes[-1][2]


def test_a_rig_whose_port_has_gone_is_an_error_with_a_code():
    lead = Lead()
    playing = Running({"printer": lead.port})
    lead.close()
    with pytest.raises(BoardError) as caught:
        for _ in range(100):
            playing.do(lambda rig: os.times())
    assert caught.value.code == "D03"
    playing.close()
