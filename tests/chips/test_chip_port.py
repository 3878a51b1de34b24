# test_chip_port.py: a chip model on a serial adapter: here a pseudo-terminal whose other end is joined to the one that a foreign client opens.
# A port that is not there, not free or pulled out ends in one line with a code.
import os
import signal
import subprocess
import sys
import termios
import time

import nfc
import nfc.clf
import nfc.clf.pn532
import nfc.clf.transport
import pytest
import serial
from escpos.printer import Serial
from PIL import Image
from serial_cable import Cable

from microtill.verbs.chip import chip


@pytest.fixture
def cable():
    made = Cable()
    yield made
    made.pull()


def command(*arguments):
    return subprocess.Popen([sys.executable, "-m", "microtill.cli", "chip", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})


@pytest.fixture
def offered(cable):
    """offered(name, *options): the chip at the cable's end, in a process that must end with 0 when it is told to, unless it has ended before."""
    running = []

    def start(name, *options):
        process = command(name, "--port", cable.ours, *options)
        running.append(process)
        assert process.stdout.readline() == "%s at %s; stop with Ctrl-C\n" % (name, cable.ours)
        return process
    yield start
    for process in running:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        process.stdout.close()
        process.stderr.close()


def turns_to(cable, rate):
    """The chip changes its rate once it has seen the client's last acknowledge: a moment after the client goes on."""
    end = time.monotonic() + 30
    while cable.rate() != rate and time.monotonic() < end:
        time.sleep(0.01)
    return cable.rate() == rate


def found_by(nfc_list, cable):
    """libnfc waits as long as a chip would take, and no longer: where this machine was slower, it is run again, as a person would."""
    said = []
    for _ in range(3):
        ran = subprocess.run([nfc_list, "-t", "1"], env={**os.environ, "LIBNFC_DEVICE": "pn532_uart:" + cable.theirs}, capture_output=True,
                             text=True, timeout=60, check=False)
        said.append(ran.stdout)
        if "1 ISO14443A passive target(s) found" in ran.stdout:
            return True
    raise AssertionError(said)


def test_libnfc_and_nfcpy_find_the_card_and_the_port_follows_the_chip_s_rate(offered, cable, needs_program):
    offered("pn532", "--card", "visa")
    path = needs_program("nfc-list", "libnfc-bin")
    assert found_by(path, cable)
    assert cable.rate() == termios.B115200
    clf = nfc.clf.ContactlessFrontend()
    clf.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(cable.theirs))
    try:
        assert turns_to(cable, termios.B921600)
        assert nfc.tag.activate(clf, clf.sense(nfc.clf.RemoteTarget("106A"))).type == "Type4Tag"
    finally:
        clf.close()


def test_python_escpos_prints_at_the_printer_s_own_rate(offered, cable, tmp_path):
    offered("escpos", "--out", tmp_path, "--baud", 9600)
    client = Serial(cable.theirs, baudrate=9600, timeout=10, dsrdtr=False)
    client.text("to a real port\n")
    client.cut()
    paper = tmp_path / "receipt-001.png"
    end = time.monotonic() + 30
    while not (paper.exists() and paper.stat().st_size) and time.monotonic() < end:
        time.sleep(0.05)
    client.close()
    assert Image.open(paper).mode == "RGB" and cable.rate() == termios.B9600


def one_line(process, code):
    said = process.communicate(timeout=30)[1]
    return process.returncode == 2 and said.startswith("microtill: %s " % code) and said.count("\n") == 1


def test_a_port_that_goes_away_ends_it_with_one_line(offered, cable):
    process = offered("esp_at")
    cable.pull()
    assert one_line(process, "D03")


def test_a_port_that_is_not_there_or_not_free_is_told(cable, tmp_path):
    assert one_line(command("pn532", "--port", tmp_path / "none"), "D01")
    with serial.Serial(cable.ours, exclusive=True):
        assert one_line(command("pn532", "--port", cable.ours), "D02")


@pytest.mark.parametrize("options, word", [({"port": "x", "link": "y"}, "--link"), ({}, "--port"), ({"port": "x", "baud": 9600}, "escpos")])
def test_wrong_use_is_told_in_one_line(options, word, capsys):
    assert chip("pn532", **options) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and word in said
