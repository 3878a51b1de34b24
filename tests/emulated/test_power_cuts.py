# test_power_cuts.py: the emulator is killed at moments of a sale by chance and started again on the same flash: one effect, as on the laptop.
import random

import pytest

from microtill import sweep
from microtill.bench.qemu import Qemu

KILLS, LAST_MS = 50, 9_000              # from the first key until the terminal is at rest again


@pytest.fixture(scope="module")
def image():
    return sweep.keyed_image()


@pytest.mark.parametrize("at_ms", sorted(random.Random(6).sample(range(LAST_MS), KILLS)))
def test_killed_at_any_moment_there_is_one_effect(at_ms, image):
    target = Qemu()
    verdict = sweep.sale_cut_at(image, at_ms, target=target)
    assert verdict.one_effect, verdict
    assert verdict.lives == 2


@pytest.mark.parametrize("share", sweep.SHARES)
@pytest.mark.parametrize("operation", range(1, 7))
def test_torn_at_each_flash_operation_there_is_one_effect(operation, share, image):
    verdict = sweep.sale(image, ("power", operation, share), target=Qemu())
    assert verdict.one_effect, verdict
