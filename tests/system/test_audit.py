# test_audit.py: who did what to the terminal, as an auditor reads it: every kind of act is there, and nothing can be changed, taken out or moved.
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from test_ways_of_people import PINS, ROLES, logs_in

from microtill.terminal import Service

FIRST, SECTOR = (2 + 4 + 2 + 64 + 4) * 4096, 4096       # where on flash it lies: after counters, slots, registers, journal and settings


def acts(till):
    return [(row["kind"], row["words"]) for row in till.ask("audit")]


@pytest.fixture
def busy(till):
    """A terminal at which there was something to note."""
    till.settings(pins=PINS, roles=ROLES)
    till.pays().menu("1").sees("Log in first", 3_000)
    till.menu("9").sees("1 operator").keys("1").sees("D go on").keys("9999D").sees("Wrong PIN", 10_000)
    logs_in(till, "1", "1234", "Welcome").menu("9").sees("0 log out").keys("0").sees("Logged out").ready()
    till.around.case_open = True
    return till.sees("Case is open", 2_000).waits(1_000)


def test_every_act_is_there_in_its_order_and_no_secret_is(busy):
    kinds = acts(busy)
    assert kinds[0][0] == "settings" and kinds[0][1].endswith("not signed")
    assert kinds[1:] == [("refused", "void A01"), ("login", "operator A02"), ("login", "operator in"), ("login", "operator out"),
                         ("security", "case_opened ")]
    assert not any(pin in str(kinds) for pin in ("1234", "9999", PINS["operator"].split(":")[2]))
    rows = busy.ask("audit")
    assert [row["number"] for row in rows] == list(range(1, 7)) and rows == sorted(rows, key=lambda row: row["at"])


def test_a_flood_of_refusals_is_noted_once_a_minute(till):
    till.settings(pins=PINS, roles=ROLES)
    for _ in range(3):
        till.menu("1").sees("Log in first", 3_000)
    assert [words for kind, words in acts(till) if kind == "refused"] == ["void A01"]


def _records(image):
    """[(first byte, after the last)] of the records, found without the project's code."""
    found, at, page = [], FIRST + 32, FIRST
    while page < FIRST + SECTOR:
        size = struct.unpack_from("<H", image, at)[0] if at < page + 256 else 0xFFFF
        if size == 0xFFFF:                                      # none crosses a page of 256 bytes
            page, at = page + 256, page + 256
            continue
        found.append((at, at + 8 + size + 12))
        at += 8 + size + 12 + (-size & 3)
    return found


def _judged(image):
    """(records believed, broken) of a terminal with this flash."""
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = image
        service.start()
        rows = service.ask("audit")
    return len([row for row in rows if row["kind"] != "altered"]), [row["number"] for row in rows if row["kind"] == "altered"]


def _forge(image, start, end):
    """Put a record's CRC-32 right, as somebody with a programmer would; its MAC they cannot."""
    mark, image[start + 3] = image[start + 3], 0xFF
    struct.pack_into("<I", image, end - 4, zlib.crc32(image[start:end - 4]))
    image[start + 3] = mark


def test_what_is_altered_taken_out_or_moved_is_found(busy):
    image = bytes(busy.bench.flash.data)
    records = _records(image)
    assert _judged(image) == (6, []) and len(records) == 6
    start, end = records[2]
    altered = bytearray(image)
    altered[start + 12] ^= 1
    assert _judged(altered) == (5, [3])
    _forge(altered, start, end)
    assert _judged(altered) == (5, [3])
    gone = bytearray(image)
    last = records[4][1]
    following = image[records[3][0]:last]
    gone[start:start + len(following)] = following
    gone[start + len(following):last] = b"\xff" * (last - start - len(following))
    assert _judged(gone)[1] == [3]
    moved = bytearray(image)
    one, other = records[3], records[4]                         # "operator in", "operator out": one word longer
    size = one[1] - one[0] + (-(one[1] - one[0]) & 3)
    moved[one[0]:one[0] + other[1] - other[0]] = image[other[0]:other[1]]
    at = one[0] + (other[1] - other[0]) + (-(other[1] - other[0]) & 3)
    moved[at:at + size] = image[one[0]:one[0] + size]
    assert _judged(moved)[1]


def test_the_command_tells_and_ends_one_where_it_is_broken(busy, tmp_path):
    image = bytearray(busy.bench.flash.data)
    command = [str(Path(sys.executable).parent / "microtill"), "--json", "audit", "verify", "--state", str(tmp_path)]
    (tmp_path / "flash.bin").write_bytes(image)
    done = subprocess.run(command, capture_output=True, text=True)
    answer = json.loads(done.stdout)
    assert done.returncode == 0 and answer["records"] == 6 and answer["broken"] == []
    image[_records(image)[1][0] + 14] ^= 4
    (tmp_path / "flash.bin").write_bytes(image)
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and json.loads(done.stdout)["broken"] == [2]
