# test_chip_verb.py: the chip verb as a person uses it: a process that says where the chip is, serves it, and goes when told.
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from escpos.printer import Serial
from PIL import Image

from microtill.verbs.chip import chip

START = "import sys; from microtill.verbs.chip import chip; " \
        "sys.exit(chip(sys.argv[1], sys.argv[2], sys.argv[3] or None, sys.argv[4] or None, as_json=True))"


@pytest.fixture
def offered(tmp_path):
    """offered(name, card, out) -> the link of a running process, which must end with 0 when it gets SIGTERM."""
    running = []

    def start(name, card="", out=""):
        link = str(tmp_path / name)
        process = subprocess.Popen([sys.executable, "-c", START, name, link, card, str(out)], stdout=subprocess.PIPE, text=True,
                                   env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
        running.append(process)
        assert json.loads(process.stdout.readline()) == {"link": link}
        return link
    yield start
    for process in running:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        process.stdout.close()
    assert not [entry for entry in tmp_path.iterdir() if entry.is_symlink()]


def test_a_printer_writes_a_png_at_each_cut(offered, tmp_path):
    link = offered("escpos", out=tmp_path / "paper")
    client = Serial(link, baudrate=115200, timeout=10, dsrdtr=False)
    for text in ("one\n", "two\n"):
        client.text(text)
        client.cut()
    wanted = [tmp_path / "paper" / f"receipt-00{n}.png" for n in (1, 2)]
    for _ in range(600):
        if wanted[1].exists() and wanted[1].stat().st_size:
            break
        time.sleep(0.05)
    client.close()
    assert [Image.open(path).mode for path in wanted] == ["RGB", "RGB"]


def test_a_reader_with_a_card_of_the_wallet(offered, needs_program):
    link = offered("pn532", card="visa")
    path = needs_program("nfc-list", "libnfc-bin")
    ran = subprocess.run([path, "-t", "1"], env={**os.environ, "LIBNFC_DEVICE": f"pn532_uart:{link}"}, capture_output=True, text=True,
                         timeout=60, check=False)
    assert "1 ISO14443A passive target(s) found" in ran.stdout


@pytest.mark.parametrize("arguments, word", [(("toaster", "x"), "toaster"), (("pn532", "x", "no-such-card"), "no-such-card")])
def test_wrong_use_ends_with_2_and_one_line(arguments, word, capsys):
    assert chip(*arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert word in said.err
    assert said.err.count("\n") == 1


def test_a_place_that_is_taken_is_left_alone(tmp_path, capsys):
    place = tmp_path / "file"
    place.write_text("mine")
    assert chip("pn532", str(place)) == 2
    assert place.read_text() == "mine"
    assert str(place) in capsys.readouterr().err
