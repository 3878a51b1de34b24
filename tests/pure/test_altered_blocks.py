# test_altered_blocks.py: key blocks, parameter files, update packages and console frames, each byte changed to each other one, cut anywhere, two of
# them mixed: a terminal refuses every one and is as it was. `make fuzz` does a million of them with the same code.
import random

import pytest
from psec import tr31 as others
from till.core.errors import TillError, WrongMac
from till.crypto import tr31

from tests.fuzz import altered

KBPK = bytes(range(0x30, 0x40))


@pytest.fixture(scope="module")
def desk():
    return altered.Desk(random.Random(1))


@pytest.fixture(scope="module")
def keyed():
    return altered.Desk(random.Random(2)).provisioned()


def test_every_altered_key_block_is_refused_and_leaves_no_trace(desk):
    report = altered.Report()
    altered.key_blocks(desk, report, 50_000)
    assert set(report.kinds) == {"key block"} and set(report.kinds["key block"]) == {"P01", "S04"} and report.kinds["key block"]["S04"] > 10_000


def test_every_altered_console_frame_is_dropped_and_the_next_one_heard(desk):
    report = altered.Report()
    altered.frames(desk, report)
    assert report.count("console frame") > 30_000


def test_altered_parameter_files_and_update_packages_are_refused_and_the_originals_taken(keyed):
    """One in four hundred: each costs a look at a signature."""
    report = altered.Report()
    altered.package_kinds(keyed, report, 400)
    assert report.count("parameter file") > 300 and report.count("update package") > 900
    assert set().union(*report.kinds.values()) <= {"P01", "P02", "S08", "S09"} and report.kinds["update package"]["S09"] > 100


def test_a_terminal_that_believes_anything_is_found_out(monkeypatch):
    loose = altered.Desk(random.Random(3))
    with monkeypatch.context() as patch:
        patch.setattr(tr31, "equal", lambda one, other: True)
        with pytest.raises(altered.Taken):
            altered.key_blocks(loose, altered.Report(), 1)
    with monkeypatch.context() as patch:
        patch.setattr(altered.Flash, "acts", property(lambda flash: random.random(), lambda flash, value: None))
        with pytest.raises(altered.Touched):
            altered.key_blocks(loose, altered.Report(), 1)
    with monkeypatch.context() as patch:
        patch.setattr("till.wire.frame.crc32", lambda data, start=0: 0)
        with pytest.raises(altered.Taken):
            altered.frames(loose, altered.Report())


def test_a_terminal_that_looks_at_no_signature_is_found_out(monkeypatch):
    loose = altered.Desk(random.Random(4)).provisioned()
    monkeypatch.setattr("till.crypto.pss.verify", lambda *_: True)
    with pytest.raises(altered.Taken):
        altered.package_kinds(loose, altered.Report(), 50)


def test_another_protection_key_opens_nothing():
    header = others.Header("D", "B1", "A", "X", "00", "N")
    header.blocks["LB"] = "MT-0001"
    block = others.wrap(KBPK, header, bytes(16))
    assert bytes(tr31.unwrap(KBPK, block)[1]) == bytes(16)
    for bit in range(128):
        wrong = (int.from_bytes(KBPK, "big") ^ 1 << bit).to_bytes(16, "big")
        with pytest.raises(WrongMac):
            tr31.unwrap(wrong, block)
    for size in (0, 8, 15, 17, 31):
        with pytest.raises(TillError):
            tr31.unwrap(bytes(size), block)
