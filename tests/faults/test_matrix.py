# test_matrix.py: docs/degradation.md is what the firmware does: a share of its cells is run again, another one for each firmware, and must come out
# word for word. `make matrix` writes the page; MICROTILL_MATRIX=all runs all of them here.
import os

import pytest

from microtill import sweep
from microtill.bench import firmware
from microtill.torture import matrix, matrix_page
from microtill.torture.parts import PARTS, USES

ALL = os.environ.get("MICROTILL_MATRIX") == "all"
EACH = len(PARTS) if ALL else 1         # parts a use
PAGE = matrix.PAGE.read_text()


def share():
    """[(part, use)]: of each use EACH parts, by the hash of the firmware, so that in time each cell has its turn."""
    parts, first = list(PARTS), int(firmware.tree_hash()[:6], 16)
    return [(parts[(first + 5 * number + step * len(parts) // EACH) % len(parts)], use) for number, use in enumerate(USES) for step in range(EACH)]


@pytest.fixture(scope="module")
def cells():
    found = []
    assert matrix.run(share(), sweep.keyed_image(), found.append) == 0
    return found


def table():
    """{(part, use): cell} and {part: seconds} of the page's table."""
    rows = [[each.strip() for each in line.strip("|\n").split(" | ")] for line in PAGE.splitlines() if line.startswith("| ")]
    names = {row[0]: row[1:] for row in rows[1:]}
    cell = {(part, use): names[USES[use].title][at] for use in USES for at, part in enumerate(PARTS)}
    return cell, dict(zip(PARTS, map(int, rows[-1][1:]), strict=True))


def test_each_cell_ends_with_one_effect_and_a_terminal_that_is_ready_again(cells):
    assert len(cells) == len(share()) * 2 == len(USES) * EACH * 2
    assert [cell for cell in cells if cell["violations"] or not cell["boots"]] == []


def test_the_page_says_what_is_so(cells):
    said, seconds = table()
    missing = [matrix_page.line(cell) for cell in cells if cell["part"] != "whole" and matrix_page.line(cell) not in PAGE]
    assert missing == [], "make matrix writes the page anew"
    by = {(cell["part"], cell["use"], cell["when"]): cell for cell in cells}
    for part, use in share():
        assert said[part, use] == matrix_page.summary(*(by[part, use, when] for when in matrix.WHEN)), (part, use)
        assert matrix_page.ready_s([by[part, use, when] for when in matrix.WHEN]) <= seconds[part]


def test_nothing_fails_in_a_whole_terminal():
    said, seconds = table()
    assert {said["whole", use] for use in USES} == {"yes"} and seconds["whole"] == 0
