# conftest.py: a pod and a terminal with wires between them; each ends with its test.
import sys
from pathlib import Path

import pytest

for _neighbour in ("chips", "boards"):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / _neighbour))

from cable import Playing, PodBoard         # noqa: E402  (it stands on the rig of the drivers' tests)


@pytest.fixture
def pod_board(tmp_path):
    """pod_board(targets=True) -> a PodBoard."""
    made = []

    def make(targets=True):
        made.append(PodBoard(tmp_path, targets))
        return made[-1]
    yield make
    for one in made:
        one.close()


@pytest.fixture
def playing():
    """playing(port, world) -> a Playing, not begun."""
    made = []

    def make(port, world):
        made.append(Playing(port, world))
        return made[-1]
    yield make
    for one in made:
        one.close()
