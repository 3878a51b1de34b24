# conftest.py: boards on pseudo-terminals for the tests of flash, deploy and doctor; each ends with its test.
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "chips"))

from board_rig import PtyBoard          # noqa: E402  (it stands on the rig of the drivers' tests)


@pytest.fixture
def board(tmp_path):
    """board(rig=None, rom=0, ...) -> a PtyBoard that ends with the test."""
    made = []

    def make(*args, **named):
        made.append(PtyBoard(tmp_path, *args, **named))
        return made[-1]
    yield make
    for one in made:
        one.close()
