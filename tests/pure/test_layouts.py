# test_layouts.py: raw flash, and files where a board has only a file system, behind one face: the same trials on both, with a cut at the chip's
# operations under littlefs itself. What they are: layouts_device.py.
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from microtill.bench.firmware import ROOT


def layout(*words):
    program = str(Path(sys.executable).parent / "micropython")
    path = ":".join([str(ROOT / "boards" / "common"), str(ROOT / "firmware"), ".frozen"])
    done = subprocess.run([program, str(Path(__file__).parent / "layouts_device.py"), *words], capture_output=True, text=True,
                          env={**os.environ, "MICROPYPATH": path})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name, most_erases", [("raw", 0.03), ("files", 0.25)])
def test_records_counters_and_values_are_whole_or_absent_on(name, most_erases):
    found = layout(name)
    print(found)
    assert found["wrong"] == [] and found["runs"] > 200
    assert found["erases"] <= most_erases + 0.001
