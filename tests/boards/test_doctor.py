# test_doctor.py: a board examined: what is well is told as well, what is not with what to do; and a prompt is found again in whatever state it is.
import json
import subprocess
import sys

import pytest
import serial
from board_rig import Noise, chips

from microtill.boards import BoardError, doctor
from microtill.boards.repl import Repl

LEGEND = "123A456B789C*0#D"
COMMAND = [sys.executable, "-m", "microtill.cli"]


def presser(rig, closes=lambda label: label):
    """What presses the key that a person is asked for."""
    def ask(label):
        if closes(label):
            rig.world.after(300_000, rig.keypad.press, LEGEND.index(closes(label)), 90_000)
    return ask


def found(said):
    return {row["part"]: row for row in said["parts"]}


def test_a_board_that_is_well_is_told_part_by_part(board):
    rig, heard = chips(), []
    said = doctor.examine(board(rig).port, True, presser(rig), heard.append)
    assert [row["part"] for row in said["parts"] if row["well"] is not True] == [] and heard == said["parts"]
    parts = found(said)
    assert parts["reader"]["found"] == "PN532 1.6 at 115200 and 921600" and parts["flash"]["found"] == "JEDEC ef 40 14"
    assert [row["key"] for row in said["keys"]] == list(LEGEND) and all(row["well"] for row in said["keys"])
    assert doctor.verdict(said) == 0 and said["version"] == "1.29.0" and said["heap_free"] > 100_000
    assert rig.printer.receipts == []


def reader_gone(rig):
    rig.lines[1].chip = None


def printer_off(rig):
    rig.lines[2].chip = None


@pytest.mark.parametrize("harm, part, code, words", [
    (reader_gone, "reader", "deaf", "TX to RX"),
    (printer_off, "printer", "silent", "power to the printer"),
    (lambda rig: setattr(rig.senses.gauge, "fault", "dead"), "gauge", "absent", "a cell"),
    (lambda rig: setattr(rig.senses.thermometer, "fault", "mad"), "case", "nonsense", "its wires"),
    (lambda rig: setattr(rig.senses.head_input, "fault", "dead"), "head", "open", "two wires"),
    (lambda rig: setattr(rig.senses.light, "fault", "dead"), "light", "absent", "ADDR"),
    (lambda rig: setattr(rig.screen, "fault", "dead"), "screen", "absent", "3C or 3D"),
    (lambda rig: rig.keypad.press(5, 1 << 40), "keypad", "closed and not pressed: 5", "free that key"),
], ids=lambda value: value if isinstance(value, str) and value.isalpha() else "")
def test_each_part_that_is_not_well_is_told_with_what_to_do_and_the_rest_is_walked(board, harm, part, code, words):
    rig = chips()
    power_on = rig.power_on

    def on_and_harmed():
        power_on()
        harm(rig)
    rig.power_on = on_and_harmed
    said = doctor.examine(board(rig).port)
    row = found(said)[part]
    assert (row["well"], row["found"]) == (False, code) and words in row["fix"]
    assert [other["part"] for other in said["parts"] if other["well"] is False] == [part]
    assert doctor.verdict(said) == 1 and len(said["parts"]) == 13


def test_a_clock_that_was_never_set_is_no_fault_and_is_set_on_demand(board):
    rig = chips()
    rig.senses.rtc.cell = True
    port = board(rig).port
    with Repl(port) as repl:
        repl.run("import board\nboard.rtc()._write(b'\\x0f\\x80')")
    said = doctor.examine(port, unix=1_767_700_000)
    assert found(said)["clock"]["well"] is True and found(said)["clock"]["found"].startswith("17677000")
    with Repl(port) as repl:
        repl.run("import board, json\nfrom till.build import _AUDIT\nfrom till.secure.audit import Audit")
        (row,) = repl.ask("print(json.dumps(list(Audit(board.flash(), _AUDIT, board.device_key()).rows())))")
    assert row["kind"] == "security" and row["words"].startswith("clock_set ") and row["words"].endswith(" to 2026-01-06 11:46:40 by the doctor")


def test_keys_that_close_others_or_nothing_are_told(board):
    rig = chips()
    closes = {"5": "4", "4": "5", "9": None}
    said = doctor.examine(board(rig).port, True, presser(rig, lambda label: closes.get(label, label)), key_ms=2000)
    wrong = {row["key"]: row for row in said["keys"] if not row["well"]}
    assert set(wrong) == {"4", "5", "9"} and "it closed 5" in wrong["4"]["fix"] and "loose" in wrong["9"]["fix"]


def test_where_nobody_presses_the_doctor_does_not_wait_for_sixteen_keys(board):
    rig = chips()
    said = doctor.examine(board(rig).port, True, lambda label: None, key_ms=1000)
    assert [row["well"] for row in said["keys"]] == [False, False] + [None] * 14


@pytest.mark.parametrize("state", [
    b"", b"\x01", b"\x05", b"\x01\x05A\x01", b"x = (1,\r\n", b"import time\r\nwhile True: time.sleep(1)\r\n\r\n", b"\x05while True:\r\n pass\r\n\x04",
    b"\x01while True: print('noise')\x04", b"garbage \xff\x00\x80 (((("],
    ids=["prompt", "raw", "paste", "raw paste", "open bracket", "program", "pasted loop", "chatter", "garbage"])
def test_a_prompt_is_found_again_in_whatever_state_it_is(board, state):
    bare = board()
    with serial.Serial(bare.port) as line:
        line.write(state)
    with Repl(bare.port) as repl:
        assert repl.ask("print('[1, 2]')") == [1, 2]
    with Repl(bare.port) as repl:
        assert repl.ask("print('3')") == 3


def test_a_board_with_nothing_of_ours_is_told_to_be_deployed(board):
    with pytest.raises(BoardError) as told:
        doctor.examine(board().port)
    assert told.value.code == "D06" and "microtill deploy" in str(told.value)


@pytest.mark.parametrize("say, code", [(lambda heard: b"", "D04"), (lambda heard: b"\xfe\x81 garbage \r\n", "D05"),
                                       (lambda heard: heard, "D05"), (lambda heard: None if heard else b"", "D03")],
                         ids=["silent", "garbage", "echo", "vanishes"])
def test_what_is_no_prompt_is_one_line(say, code):
    other = Noise(say)
    try:
        with pytest.raises(BoardError) as told:
            with Repl(other.port, patience_s=0.5):
                raise AssertionError("there is no prompt")
        assert told.value.code == code and "\n" not in str(told.value)
    finally:
        other.close()


def test_two_tools_on_one_port_is_one_line(board):
    port = board().port
    with Repl(port):
        done = subprocess.run([*COMMAND, "--json", "doctor", "--port", port], capture_output=True, text=True)
    assert done.returncode == 2 and json.loads(done.stdout)["error"] == "D02" and done.stderr.count("\n") == 1


def test_a_port_that_is_none_is_one_line(tmp_path):
    for port in ("/dev/nothing", str(tmp_path)):
        done = subprocess.run([*COMMAND, "doctor", "--port", port], capture_output=True, text=True)
        assert done.returncode == 2 and done.stderr.startswith("microtill: D01 there is no port")


def test_the_command_says_well_or_what_to_mend(board):
    rig = chips()
    port = board(rig).port
    well = subprocess.run([*COMMAND, "doctor", "--port", port, "--no-keys"], capture_output=True, text=True)
    assert well.returncode == 0 and "all that can be known is well" in well.stdout, well.stderr
    rig.senses.light.fault = "dead"
    told = subprocess.run([*COMMAND, "doctor", "--port", port, "--no-keys"], capture_output=True, text=True)
    assert told.returncode == 1 and "light     MEND  absent" in told.stdout and "-> the BH1750's ADDR" in told.stdout
    data = subprocess.run([*COMMAND, "--json", "doctor", "--port", port, "--no-keys"], capture_output=True, text=True)
    said = json.loads(data.stdout)
    assert data.returncode == 1 and {"ports", "dfu", "board"} == set(said) and said["board"]["port"] == port
