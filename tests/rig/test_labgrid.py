# test_labgrid.py: a laboratory on loopback: labgrid's coordinator and exporter hold the port of an emulated board, its client reserves it, and our
# driver examines and tests it there. labgrid has an environment of its own, which `make labgrid` makes; LABGRID names another.
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from microtill.bench.firmware import ROOT
from microtill.rig.prompt import AtPrompt

LABGRID = Path(os.environ.get("LABGRID") or ROOT / "build" / "labgrid") / "bin"
RIG = ROOT / "host-tools" / "microtill" / "rig"
pytestmark = pytest.mark.skipif(not (LABGRID / "labgrid-coordinator").exists() or not shutil.which("qemu-system-arm"),
                                reason="labgrid or qemu-system-arm is missing: make labgrid")
USE = """
import json
from labgrid import Environment
driver = Environment("labgrid.yaml").get_target().get_driver("MicrotillDriver")
board = driver.doctor()
try:
    driver.deploy()
    refused = ""
except Exception as error:
    refused = str(error)
passed, said = driver.test(["tests/target/test_money.py"], "largest")
print(json.dumps([board["machine"], refused, passed, said["passed"], said["failed"]]))
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def laboratory(tmp_path):
    """client(*words): labgrid-client at a coordinator and an exporter that hold an emulated board's console."""
    console, address = free_port(), "127.0.0.1:%d" % free_port()
    names = dict(os.environ, LG_COORDINATOR=address)
    (tmp_path / "exporter.yaml").write_text("bench:\n  NetworkSerialPort:\n    host: 127.0.0.1\n    port: %d\n    protocol: raw\n" % console)
    board = AtPrompt(tmp_path, console="tcp:127.0.0.1:%d,server=on,wait=off" % console)
    running = []

    def begin(*words):
        running.append(subprocess.Popen([LABGRID / words[0], *words[1:]], cwd=tmp_path, env=names, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL))

    def client(*words, program="labgrid-client"):
        return subprocess.run([LABGRID / program, *words], cwd=tmp_path, env=names, capture_output=True, text=True, timeout=120)
    try:
        begin("labgrid-coordinator", "-l", address)
        until(lambda: listens(address), "the coordinator listens")          # an exporter that finds none ends
        begin("labgrid-exporter", "-n", "lab", "exporter.yaml")
        until(lambda: "lab/bench/NetworkSerialPort" in client("resources").stdout, "the laboratory is open")
        yield client
    finally:
        for process in reversed(running):
            process.send_signal(signal.SIGINT)
            process.wait(20)
        board.close()


def until(holds, what, seconds=150):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "not so: %s" % what
        time.sleep(0.2)


def listens(address):
    host, _colon, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), 1).close()
    except OSError:
        return False
    return True


def test_a_board_is_reserved_examined_tested_and_given_back(laboratory, tmp_path):
    shutil.copy(RIG / "labgrid_driver.py", tmp_path)
    ours = Path(sys.executable).parent / "microtill"
    (tmp_path / "labgrid.yaml").write_text((RIG / "labgrid.yaml").read_text().replace("command: microtill", "command: %s" % ours))
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    for words in (("-p", "till", "create"), ("-p", "till", "add-match", "lab/bench/*"), ("-p", "till", "acquire")):
        done = laboratory(*words)
        assert done.returncode == 0, done.stdout + done.stderr
    used = laboratory("-c", USE, program="python")
    assert used.returncode == 0, used.stdout + used.stderr
    machine, refused, passed, good, bad = json.loads(used.stdout.splitlines()[-1])
    assert machine == "b-l475e-iot01a with STM32L475" and "D24" in refused
    assert (passed, bad) == (True, 0) and good >= 1
    assert laboratory("-p", "till", "release").returncode == 0
