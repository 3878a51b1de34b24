# test_wiring.py: what is drawn of a board's wiring is what its pins.py says: every pin of it, and nothing else.
import xml.etree.ElementTree as tree

import pytest
from test_boards import OF_A_CHIP, BUS, table

from microtill.bench.firmware import ROOT
from microtill.boards import wiring


@pytest.mark.parametrize("board", wiring.BOARDS)
def test_the_drawing_is_in_step_with_the_table_of_pins(board):
    path = ROOT / "docs" / "pictures" / ("wiring-%s.svg" % board)
    assert path.read_text() == wiring.drawing(board), "python -m microtill.boards.wiring"
    assert tree.fromstring(path.read_text()).tag.endswith("svg")


def test_the_tables_on_the_page_are_in_step():
    page = (ROOT / "docs" / "boards.md").read_text()
    assert page == wiring.with_tables(page), "python -m microtill.boards.wiring"


@pytest.mark.parametrize("board", wiring.BOARDS)
def test_every_pin_of_the_table_is_drawn(board):
    drawn = {at for _, _, _, _, joined in wiring.wires(board)[0] for _, at in joined}
    for name, value in table(board).items():
        if value is None or name.endswith("ADDRESS") or any(word in name for word in OF_A_CHIP) and not name.endswith(BUS):
            continue
        for pin in value if isinstance(value, tuple) else (value,):
            assert "%s%s" % (wiring.BOARDS[board][2], pin) in drawn, name


def test_what_is_written_on_a_card_fits_on_it():
    """Some 6 dots a letter at this size, of 240."""
    assert [needs for _, needs, _, _, _ in wiring.PARTS if len(needs) > 40] == []
