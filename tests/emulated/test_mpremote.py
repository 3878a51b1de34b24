# test_mpremote.py: the emulated board without a bench is a board like any other: the mpremote that everybody has works on its prompt, unmodified.
import subprocess
import sys

import pytest
import serial

from microtill.bench.firmware import ROOT
from microtill.boards import BoardError
from microtill.boards.doctor import examine, verdict
from microtill.rig.pod import Pod
from microtill.rig.prompt import AtPrompt


@pytest.fixture(scope="module")
def board(firmware, tmp_path_factory):
    made = AtPrompt(tmp_path_factory.mktemp("board"), firmware)
    yield made
    made.close()


@pytest.fixture
def mpremote(board):
    """mpremote(*arguments) -> what it printed; it must end well."""
    def run(*arguments):
        done = subprocess.run([sys.executable, "-m", "mpremote", "connect", board.port, *map(str, arguments)], capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
    return run


def test_exec_and_a_soft_reset_forgets_what_it_made(mpremote):
    said = mpremote("exec", "import machine; x = 6 * 7; print(x, hasattr(machine, 'SoftI2C'))", "exec", "print(x)",
                    "exec", "try: machine.UART(2, 2_000_000)\nexcept ValueError as error: print(error)",      # 16 MHz over 16 is the most
                    "soft-reset", "exec", "print('x' in globals())")
    assert said.split() == ["42", "True", "42", "baudrate", "False"]


def test_files_go_there_and_back_and_outlive_a_reset(mpremote, tmp_path):
    sent, back = tmp_path / "sent.bin", tmp_path / "back.bin"
    sent.write_bytes(bytes(range(256)) * 9 + b"\x03\x04end")
    mpremote("fs", "cp", sent, ":kept.bin")
    assert "2309 kept.bin" in mpremote("fs", "cp", ":kept.bin", back, "+", "fs", "ls")
    assert back.read_bytes() == sent.read_bytes()
    assert "kept.bin" not in mpremote("fs", "rm", ":kept.bin", "+", "fs", "ls").replace("rm :kept.bin", "")


def test_a_folder_of_the_host_is_mounted_and_a_module_imported_from_it(mpremote, tmp_path):
    (tmp_path / "told.py").write_text("WORD = 'from the host'\n")
    assert "from the host" in mpremote("mount", tmp_path, "exec", "import told; print(told.WORD)")


def test_a_driver_that_mip_installs_is_the_one_that_is_imported(mpremote):
    said = mpremote("mip", "install", ROOT / "drivers" / "tmp117" / "package.json", "+",
                    "exec", "with open('/lib/tmp117/__init__.py', 'a') as file: file.write('MARK = 7')",
                    "exec", "import tmp117; print(tmp117.MARK, tmp117.TMP117(None))")
    assert said.splitlines()[-1].startswith("7 <TMP117 ")


STRANGE = {
    "raw": b"\x01x = 1",
    "raw paste": b"\x01\x05A\x01for n in range(",
    "paste": b"\x05def f():\r\n    return (1,",
    "half a line": b"print((1, 2",
    "a loop": b"while True: pass\r\n\r\n",
    "a loop that talks": b"while True: print('z' * 70)\r\n\r\n",
    "a loop that dozes": b"import time\r\nwhile True: time.sleep(60)\r\n\r\n",
}


@pytest.mark.parametrize("state", STRANGE)
def test_the_doctor_brings_back_a_prompt_that_was_left_in_a_strange_state(board, state):
    with serial.Serial(board.port, 115200, timeout=0.3) as line:
        line.write(STRANGE[state])
        line.read(200)
    said = examine(board.port)
    assert said["machine"] == "b-l475e-iot01a with STM32L475" and said["board"] == "qemu_stm32" and said["firmware"] == board.image.parent.name
    assert said["heap_free"] > 30_000 and said["files_free"] > 60_000
    assert [row["well"] for row in said["parts"]] == [None] and verdict(said) == 0


def command(*arguments):
    return subprocess.run([sys.executable, "-m", "microtill.cli", *arguments], capture_output=True, text=True, timeout=60)


def test_doctor_names_the_board_and_deploy_refuses_in_one_line(board):
    doctor = command("doctor", "--port", board.port, "--no-keys")
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert "b-l475e-iot01a with STM32L475: MicroPython 1." in doctor.stdout and "free: heap " in doctor.stdout
    deploy = command("deploy", "--port", board.port)
    assert (deploy.returncode, deploy.stdout) == (2, "")
    assert deploy.stderr.startswith("microtill: D24 ") and deploy.stderr.count("\n") == 1


def test_a_pod_is_laid_on_it_and_plays_until_its_prompt_is_wanted(mpremote, board):
    pod = ROOT / "boards" / "pod"
    mpremote("mip", "install", pod / "package.json", "+", "fs", "cp", pod / "main.py", ":main.py", "+", "soft-reset")
    with serial.Serial(board.port, 115200) as line:
        line.write(b"\x02\x04")                         # the friendly prompt, and a start that runs main.py
    played = Pod(board.port)
    assert played.about == {"pod": 1, "machine": "b-l475e-iot01a with STM32L475", "i2c": False}
    played.ask("pin", pin="C9", mode="out", level=0)
    played.ask("set", levels=[["C9", 1]])
    assert played.ask("get", pin="C9") == {"level": 1}
    for order, word in ((("chip", {"bus": 0, "address": 72}), "1.26"), (("level", {"pin": "C8", "u16": 7}), "PWM")):
        with pytest.raises(BoardError, match=word):
            played.ask(order[0], **order[1])
    played.close()
    assert examine(board.port)["board"] == "qemu_stm32"
    mpremote("fs", "rm", ":main.py")
