# conftest.py: puts firmware/, drivers/ and host-tools/ on the path, and stands in on CPython for names that only MicroPython has.
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
for room in ("tests/pure", "host-tools", "drivers", "firmware"):
    if str(ROOT / room) not in sys.path:
        sys.path.insert(0, str(ROOT / room))

settings.register_profile("house", deadline=None)        # no test depends on the clock of a noisy machine
settings.load_profile("house")

_stub = types.ModuleType("micropython")       # the wheel installs a module of this name; ours is the one that firmware sees
_stub.const = lambda value: value
sys.modules["micropython"] = _stub

for _driver in ("pn532", "escpos_printer"):   # pure files are tested here; a package's __init__ may need MicroPython
    _package = types.ModuleType(_driver)
    _package.__path__ = [str(ROOT / "drivers" / _driver)]
    sys.modules[_driver] = _package


@pytest.fixture
def micropython(tmp_path):
    """micropython(script, stdin="") -> what the wheel prints when it runs `script` with the firmware and the drivers on its path."""
    def run(script, stdin=""):
        path = tmp_path / "script.py"
        path.write_text(script)
        environment = dict(os.environ, MICROPYPATH=f"{ROOT / 'firmware'}:{ROOT / 'drivers'}:.frozen")
        done = subprocess.run([Path(sys.executable).parent / "micropython", "-X", "heapsize=4m", path], input=stdin, capture_output=True,
                              text=True, timeout=60, env=environment)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout
    return run


def pytest_addoption(parser):
    parser.addoption("--golden", action="store_true", help="write the pinned pictures and texts anew")
