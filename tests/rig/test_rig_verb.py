# test_rig_verb.py: `microtill rig` as a person uses it: a printer on an adapter, keys and a thermometer on a pod, acts as lines.
import os
import signal
import subprocess
import sys
import time

import pytest
from escpos.printer import Serial
from serial_cable import Cable

from microtill.bench.firmware import ROOT
from microtill.rig.joined import BadRig, read


def test_parts_on_adapters_and_on_a_pod_share_one_world(pod_board, tmp_path):
    board, cable = pod_board(), Cable()
    (tmp_path / "rig.toml").write_text('printer = "%s"\n[pod]\nport = "%s"\nkeys = [%s]\nthermometer = { bus = 0, scl = 5, sda = 4 }\ncase = 22\n' % (
        cable.ours, board.port, ", ".join(str(n) for n in range(100, 116))))
    rig = subprocess.Popen([sys.executable, "-m", "microtill.cli", "rig", str(tmp_path / "rig.toml")], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                           stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    try:
        while not rig.stdout.readline().startswith("acts:"):
            assert rig.poll() is None, rig.stderr.read()
        board.transact("write", 0, "0f")
        assert board.transact("read", 0, 2) == b"\x01\x17"         # TMP117, table 7-3
        client = Serial(cable.theirs, baudrate=115200, timeout=10, dsrdtr=False)
        client.text("over the cable\n")
        client.close()
        end = time.monotonic() + 20
        said = ""
        while "over the cable" not in said and time.monotonic() < end:
            rig.stdin.write("printer reads\n")
            rig.stdin.flush()
            said = rig.stdout.readline()
        assert "over the cable" in said
        rig.stdin.write("press 5\ntoast\n")
        rig.stdin.flush()
        while ("105", 1) not in board.moves:
            assert time.monotonic() < end
            time.sleep(0.01)
        while "U23" not in said:
            said = rig.stdout.readline()
        rig.stdin.close()                                          # the end of acts is not the end of the rig
        board.transact("write", 0, "0f")
        assert board.transact("read", 0, 2) == b"\x01\x17" and rig.poll() is None, rig.poll() and rig.stderr.read()
        rig.send_signal(signal.SIGTERM)
        assert rig.wait(20) == 0, rig.stderr.read()
        assert board.targets == {}
    finally:
        rig.kill()
        rig.wait()
        for end in (rig.stdin, rig.stdout, rig.stderr):
            end.close()
        cable.pull()


def test_the_file_that_comes_along_is_good_and_others_are_told_what_is_wrong(tmp_path):
    assert read(ROOT / "boards" / "pod" / "rig.toml")["pod"]["head"] == 26
    wrong = tmp_path / "rig.toml"
    for text, words in (("", "no part"), ("toaster = 1", "toaster"), ("reader = 7", "quotes"), ("[pod]\nkeys = []", "no port"),
                        ('[pod]\nport = "x"\nkeys = [1]', "sixteen"), ('[pod]\nport = "x"\nscreen = 3', "I2C"), ("reader", "rig.toml")):
        wrong.write_text(text)
        with pytest.raises(BadRig, match=words):
            read(wrong)
