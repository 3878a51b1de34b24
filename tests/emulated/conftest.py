# conftest.py: the terminal on the emulated STM32. Without compiler or emulator these tests are skipped by name; with CI=true they fail.
import os
import shutil
import sys
from pathlib import Path

import pytest

from microtill import sweep
from microtill.bench import targets

sys.path.append(str(Path(__file__).parents[1] / "system"))             # its hands
_NEEDS = (("arm-none-eabi-gcc", "gcc-arm-none-eabi"), ("qemu-system-arm", "qemu-system-arm of version 9 or newer"), ("dpkg-source", "dpkg-dev"))


@pytest.fixture(scope="session", autouse=True)
def firmware():
    """The firmware of these sources, built once. Path of its ELF file."""
    missing = [package for program, package in _NEEDS if not shutil.which(program)]
    if missing and os.environ.get("CI") == "true":
        pytest.fail("missing: %s; make system installs them" % ", ".join(missing))
    if missing:
        pytest.skip("missing: %s; make system installs them" % ", ".join(missing))
    from microtill import frozen
    return frozen.build("qemu_stm32", say=lambda text: None)


@pytest.fixture
def on():
    """on(target): benches that are told nothing run there until the test ends."""
    yield targets.choose
    targets.choose("sim")


@pytest.fixture
def till(on):
    """A keyed terminal on the emulated board, under a person's hands."""
    from hands import Hands
    image = sweep.keyed_image()
    on("qemu-stm32")
    hands = Hands(image)
    yield hands
    hands.close()
