# test_flash.py: firmware onto a board: esptool against a bootloader that others keep (esp32-mock-bootloader), dfu-util's command line against a
# stand-in that says what it says. A flash that was cut short is told as such, and the next one mends it.
import json
import os
import pty
import signal
import socket
import subprocess
import sys
import threading

import firmwares
import pytest
import serial

from microtill.boards import BoardError
from microtill.boards import flash as boards

COMMAND = [sys.executable, "-m", "microtill.cli"]
DFU_UTIL = """#!%s
import sys
%s
"""


@pytest.fixture
def bootloader():
    """bootloader(chip) -> the address of a chip in its boot ROM."""
    from esp32_mock_bootloader.session import Session
    running = []

    def start(chip="esp32s3"):
        session = Session.foreground(chip=chip, exit_on_disconnect=False, timeout=120)
        running.append(session)
        session._start()
        return session
    yield start
    for session in running:
        session._stop()


@pytest.fixture
def image(tmp_path):
    def write(data, name="firmware.bin"):
        path = tmp_path / name
        path.write_bytes(data)
        return path
    return write


@pytest.fixture
def dfu_util(tmp_path, monkeypatch):
    """dfu_util(program text) puts a dfu-util on the path that notes its arguments in `asked`."""
    def make(text):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        path = folder / "dfu-util"
        path.write_text(DFU_UTIL % (sys.executable, "open(%r, 'w').write(' '.join(sys.argv[1:]))\n%s" % (str(tmp_path / "asked"), text)))
        path.chmod(0o755)
        monkeypatch.setenv("PATH", "%s:%s" % (folder, os.environ["PATH"]))
        return tmp_path / "asked"
    return make


def test_a_whole_image_is_written_and_verified(bootloader, image):
    chip, heard = bootloader(), []
    done = boards.flash("esp32s3", image(firmwares.esp()), chip.url, heard.append)
    assert (done["chip"], done["bytes"], done["table"]) == ("ESP32-S3", 0x10000 + 200_000, True) and len(done["sha256"]) == 64
    assert heard == sorted(heard) and heard[-1] == 100


def test_a_flash_that_is_cut_short_is_told_and_the_next_one_mends_it(bootloader, image):
    chip, path, tools = bootloader(), image(firmwares.esp(size=900_000)), []

    def cut(percent):
        if percent > 40:
            os.kill(tools[0], signal.SIGKILL)

    def run(command, on_line):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env=dict(os.environ, PYTHONUNBUFFERED="1"))
        tools.append(process.pid)
        lines = []
        for line in process.stdout:
            lines.append(line)
            on_line(line)
        return process.wait(), lines
    with pytest.raises(BoardError) as told:
        boards.flash("esp32s3", path, chip.url, cut, run)
    assert told.value.code == "D12" and "flash again" in str(told.value).lower()
    assert boards.flash("esp32s3", path, chip.url)["bytes"] == 0x10000 + 900_000


def test_a_port_that_vanishes_in_the_middle_is_one_line(bootloader, image):
    chip = bootloader()
    with pytest.raises(BoardError) as told:
        boards.flash("esp32s3", image(firmwares.esp(size=900_000)), chip.url, lambda percent: chip.proc.kill() if percent > 30 else None)
    assert told.value.code == "D12" and "\n" not in str(told.value)


def test_another_chip_of_the_same_maker_is_refused(bootloader, image):
    with pytest.raises(BoardError) as told:
        boards.flash("esp32s3", image(firmwares.esp()), bootloader("esp32c3").url)
    assert told.value.code == "D11"


def test_a_port_that_another_program_has_is_one_line(image):
    ours, theirs = pty.openpty()
    with serial.Serial(os.ttyname(theirs), exclusive=True):
        with pytest.raises(BoardError) as told:
            boards.flash("esp32s3", image(firmwares.esp()), os.ttyname(theirs))
    os.close(ours)
    assert told.value.code == "D02" and "\n" not in str(told.value)


def test_a_board_without_a_bootloader_behind_the_port_is_one_line(image):
    """Somebody else's server: it takes every byte and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = []
        threading.Thread(target=lambda: taken.append(server.accept()), daemon=True).start()
        with pytest.raises(BoardError) as told:
            boards.flash("esp32s3", image(firmwares.esp()), "socket://127.0.0.1:%d" % server.getsockname()[1])
    assert told.value.code == "D13" and "BOOT" in str(told.value)


def test_no_tool_is_started_for_a_wrong_image(image):
    def run(command, on_line):
        raise AssertionError("a tool was started")
    for board, data in (("esp32s3", firmwares.dfu()), ("stm32", firmwares.esp())):
        with pytest.raises(BoardError) as told:
            boards.flash(board, image(data), "/dev/null", run=run)
        assert told.value.code == "D10"


def test_an_stm32_is_written_through_its_boot_rom(dfu_util, image):
    asked = dfu_util("print('Download\\t[=====    ]  60%\\r\\nDownload done. 100%\\nFile downloaded successfully')")
    heard = []
    done = boards.flash("stm32", image(firmwares.dfu(), "firmware.dfu"), on_percent=heard.append)
    assert done["chip"] == "STM32F405RG" and heard == [60, 100]
    assert asked.read_text().startswith("-d 0483:df11 -a 0 -D") and "-s" not in asked.read_text()
    boards.flash("blackpill", image(firmwares.vectors()))
    assert asked.read_text().endswith("-s 0x08000000:leave")


@pytest.mark.parametrize("says, code", [("No DFU capable USB device available", "D13"), ("Cannot open DFU device 0483:df11", "D02"),
                                        ("Download [==   ]  40%\\nError during download", "D12")])
def test_what_dfu_util_says_becomes_one_line(dfu_util, image, says, code):
    dfu_util("print('%s'); sys.exit(74)" % says)
    with pytest.raises(BoardError) as told:
        boards.flash("stm32", image(firmwares.dfu(), "firmware.dfu"))
    assert told.value.code == code and "\n" not in str(told.value)


def test_where_dfu_util_is_missing_the_command_that_brings_it_is_told(monkeypatch, image):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BoardError) as told:
        boards.flash("stm32", image(firmwares.dfu(), "firmware.dfu"))
    assert told.value.code == "D14" and "apt-get install dfu-util" in str(told.value)


def test_the_command_gives_json_and_statuses(bootloader, image):
    chip = bootloader()
    done = subprocess.run([*COMMAND, "--json", "flash", "--board", "esp32s3", "--image", image(firmwares.esp()), "--port", chip.url],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"chip", "port", "bytes", "sha256"} <= set(json.loads(done.stdout)) and done.stderr == ""
    wrong = subprocess.run([*COMMAND, "flash", "--board", "esp32s3", "--image", image(firmwares.dfu(), "x"), "--port", chip.url],
                           capture_output=True, text=True)
    assert wrong.returncode == 2 and wrong.stderr.startswith("microtill: D10 ") and wrong.stderr.count("\n") == 1
