# test_vectors_on_models.py: the bytes of tests/vectors, which come from manuals and public logs, against the models.
import json
from pathlib import Path

import pytest

from microtill.bench.chips.escpos import Escpos
from microtill.bench.chips.pn532 import PN532
from microtill.bench.chips.pn532_hsu import framed
from microtill.bench.wires import UartLine
from microtill.bench.world import World

VECTORS = Path(__file__).parents[1] / "vectors"
PN532_FRAMES = json.loads((VECTORS / "pn532_frames.json").read_text())
ESCPOS = json.loads((VECTORS / "escpos.json").read_text())
ACK = bytes.fromhex("0000FF00FF00")
SECOND = 1_000_000


class Bench:
    def __init__(self, make):
        self.world = World()
        self.line = UartLine(self.world, 1, [])
        self.line.rxbuf = 8192
        self.chip = make(self.world, self.line)

    def send(self, data):
        self.line.from_host(data)
        self.world.run_until(self.world.now + 30 * SECOND)
        return self.line.read(8192)


def by_name(case):
    return case.get("name") or case.get("why") or case["query"] + case["answer"]


@pytest.fixture
def reader():
    bench = Bench(PN532)
    bench.send(bytes.fromhex(PN532_FRAMES["wake_up"]) + framed(b"\xd4\x14\x01"))
    return bench


@pytest.mark.parametrize("case", [case for case in PN532_FRAMES["frames"] if case["direction"] == "to chip"], ids=by_name)
def test_the_chip_understands(reader, case):
    heard = []
    reader.chip.on_frame = lambda way, body, at_us: heard.append((way, body.hex().upper()))
    assert reader.send(bytes.fromhex(case["frame"])).startswith(ACK)
    assert heard[0] == ("to", case["data"])
    assert framed(bytes.fromhex(case["data"])) == bytes.fromhex(case["frame"])


@pytest.mark.parametrize("case", [case for case in PN532_FRAMES["frames"] if case["direction"] == "from chip"], ids=by_name)
def test_the_chip_frames_its_answers_so(case):
    assert framed(bytes.fromhex(case["data"])) == bytes.fromhex(case["frame"])


@pytest.mark.parametrize("case", [case for case in PN532_FRAMES["odd"] if not case.get("valid")], ids=by_name)
def test_the_chip_is_silent_to(reader, case):
    assert reader.send(bytes.fromhex(case["frame"])) == b""
    assert reader.send(framed(b"\xd4\x02")).endswith(framed(bytes.fromhex("d50332010607")))


def test_acknowledge_and_answer_run_together_as_in_the_log(reader):
    logged = next(bytes.fromhex(case["frame"]) for case in PN532_FRAMES["odd"] if case.get("valid"))
    got = reader.send(framed(b"\xd4\x02"))
    assert got[:6] + got[7:] == logged


EXPECTED = {
    "QR of an EMVCo code": "[QR 0002010102121313JCB",
    "raster 16x4, four dots": "[image 16x4]",
    "EAN13 barcode": "[EAN13 4006381333931]",
}


@pytest.mark.parametrize("case", ESCPOS["sequences"], ids=by_name)
def test_the_printer_takes_it_whole(case):
    bench = Bench(Escpos)
    assert bench.send(bytes.fromhex(case["bytes"]) + b"\x1b@next\n") == b""
    printed = [receipt.text for receipt in bench.chip.receipts] + [bench.chip.sheet.text]
    assert printed[-1].splitlines()[-1] == "next"
    assert EXPECTED.get(case["name"], "next") in "".join(printed)
    assert len(bench.chip.drawer) == case["name"].startswith("cash drawer")


def test_feeds_cuts_and_dots_are_as_many_as_named():
    sequences = {case["name"]: bytes.fromhex(case["bytes"]) for case in ESCPOS["sequences"]}
    bench = Bench(Escpos)
    bench.send(sequences["line feed twice"])
    assert bench.chip.sheet.rows == 60
    bench.send(sequences["cut, feed first"])
    assert [receipt.image.height for receipt in bench.chip.receipts] == [240]
    bench.send(sequences["raster 16x4, four dots"])
    assert bench.chip.image().histogram()[0] == 4
    bench.send(sequences["cash drawer pin 2"] + sequences["cash drawer pin 5"])
    assert [pin for _, pin, _ in bench.chip.drawer] == [0, 1]


STATES = {
    "online": lambda printer: None,
    "offline": lambda printer: printer.open_cover(),
    "paper near its end": lambda printer: printer.near_end(),
    "no paper, near-end sensor too": lambda printer: printer.paper_out(),
    "no offline cause": lambda printer: None,
    "stopped by paper end": lambda printer: printer.paper_out(),
    "no error": lambda printer: None,
    "recoverable by itself: head too hot": lambda printer: printer.set_head_c(80),
    "cutter error": lambda printer: printer.jam_cutter(),
}


@pytest.mark.parametrize("case", [case for case in ESCPOS["status"] if "not a status byte" not in case["means"]], ids=by_name)
def test_the_printer_says_its_state(case):
    bench = Bench(Escpos)
    STATES[case["means"]](bench.chip)
    assert bench.send(bytes.fromhex(case["query"])) == bytes.fromhex(case["answer"])
