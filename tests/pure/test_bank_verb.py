# test_bank_verb.py: `microtill bank` as a person starts and ends it.
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

HOST_TOOLS = Path(__file__).resolve().parents[2] / "host-tools"
START = "import sys; sys.path.insert(0, sys.argv[1])\nfrom microtill.verbs.bank import bank\nsys.exit(bank({state!r}, {port}, {json_out}))"


def start(state, port=0, json_out=True):
    command = [sys.executable, "-c", START.format(state=str(state), port=port, json_out=json_out), str(HOST_TOOLS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_it_says_its_port_and_ends_on_request(tmp_path):
    process = start(tmp_path / "state")
    port = json.loads(process.stdout.readline())["port"]
    with socket.create_connection(("127.0.0.1", port), timeout=10):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert process.stderr.read() == ""
    assert (tmp_path / "state" / "bank.sqlite").exists()


def test_a_taken_port_is_one_line_and_status_2(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(tmp_path, taken.getsockname()[1])
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.count("\n")) == (2, "", 1) and err.startswith("N01 ")
