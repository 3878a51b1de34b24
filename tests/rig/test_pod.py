# test_pod.py: a terminal's drivers meet chips that a second board plays: two MicroPythons in two processes, with the copper between them modelled.
import datetime
import os
import random
import time

import pytest
from cable import Terminal
from driver_rig import KEYPAD

from microtill.bench.chips.bh1750 import BH1750
from microtill.bench.chips.ds3231 import DS3231
from microtill.bench.chips.keypad import Keypad
from microtill.bench.chips.max17048 import MAX17048
from microtill.bench.chips.power import CaseSwitch
from microtill.bench.chips.ssd1306 import SSD1306
from microtill.bench.chips.tmp117 import TMP117
from microtill.bench.wires import Analog
from microtill.bench.world import World
from microtill.boards import BoardError
from microtill.rig.pod import EDGE, Pod

NOON = datetime.datetime(2026, 1, 5, 12, 0, tzinfo=datetime.UTC)


def wait_for(true):
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.01)


def test_thermometer_and_gauge_are_read_as_they_change(pod_board, playing):
    board, world, around = pod_board(), World(), {"case": 41.25}
    played = playing(board.port, world)
    played.chips.chip(0, TMP117(world, lambda: around["case"]), "scl", "sda")
    played.chips.chip(1, MAX17048(world, lambda: 61))
    assert board.targets == {0: 0x48, 1: 0x36}
    played.begin()
    terminal = Terminal(board)
    terminal.wire_i2c(1, 0, 0x48)
    terminal.wire_i2c(1, 1, 0x36)
    terminal.when("colder", lambda: around.update(case=-12.5))
    assert terminal.run("", """
import board
async def patient(chip):
    while True:
        try:
            return await chip.read()
        except board.sense_errors as error:
            assert error.code == "stale"                # the host was busy elsewhere when the conversion ended
async def main():
    case, gauge = board.case_thermometer(), board.gauge()
    say(await patient(case), gauge.millivolts())
    say("colder")
    say(await patient(case))
""") == ["4125 3873", "colder", "-1250"]


def test_display_clock_and_light_hear_what_is_written_to_them(pod_board, playing):
    board, world = pod_board(), World()
    screen, clock = SSD1306(world), DS3231(world, lambda: NOON + datetime.timedelta(microseconds=world.now), lambda: 20)
    played = playing(board.port, world)
    played.chips.chip(0, screen)
    played.chips.chip(1, clock)
    played.begin()
    terminal = Terminal(board)
    terminal.wire_i2c(0, 0, 0x3C)
    terminal.wire_i2c(1, 1, 0x68)
    said = terminal.run("", """
import board
async def main():
    screen, rtc = board.screen(), board.rtc()
    await screen.start()
    screen.frame.fill_rect(3, 5, 7, 9, 1)
    screen.mark()
    await screen.flush()
    rtc.set(1767700000)
    while not 0 <= rtc.read() - 1767700000 <= 30:           # real time, on a machine that may be busy
        await asyncio.sleep_ms(50)
    say("set")
""")
    assert said == ["set"]
    wait_for(lambda: sum(screen.pixels()) == 63)
    assert clock.time.timestamp() == pytest.approx(1767700000, abs=30)


def test_a_chip_without_registers_answers_the_same_to_every_read(pod_board, playing):
    board, world = pod_board(), World()
    played = playing(board.port, world)
    played.chips.chip(0, BH1750(world, lambda: 300))
    played.begin()
    terminal = Terminal(board)
    terminal.wire_i2c(1, 0, 0x23)
    assert terminal.run("", """
import board
async def main():
    light = board.light()
    while await light.read() != 300:
        pass
    say("seen")
""") == ["seen"]


def test_a_key_that_the_pod_closes_is_the_one_that_the_terminal_hears(pod_board, playing):
    board, world = pod_board(), World()
    keypad = Keypad(world, range(4), range(4, 8), random.Random(1))
    played = playing(board.port, world)
    played.chips.keys(keypad, range(100, 116))
    played.begin()
    terminal = Terminal(board)
    terminal.wire_keys(range(100, 116))
    for key, label in ((0, "1"), (6, "6"), (13, "0")):
        terminal.when("press " + label, played.do, lambda key=key: keypad.stuck(key)).when(label, played.do, keypad.release_all)
    assert terminal.run(KEYPAD, """
async def main():
    for label in "160":
        say("press " + label)
        say(await pad.key())
""") == ["press 1", "1", "press 6", "6", "press 0", "0"]


def test_contacts_close_levels_move_and_lines_go_low(pod_board, playing):
    board, world, around = pod_board(), World(), {"volts": 1.65, "open": False}
    keypad = Keypad(world, range(4), range(4, 8), random.Random(1))
    played = playing(board.port, world)
    played.chips.keys(keypad, range(16))
    played.chips.level("L1", Analog(lambda: around["volts"]))
    played.chips.line("C1", CaseSwitch(18, lambda: around["open"]), 18)
    played.begin()
    wait_for(lambda: board.pins.get("5") == 0 and board.pins["C1"] == 0 and board.waves.get("L1") == (50_000, 32768))
    played.do(lambda: keypad.stuck(5))
    wait_for(lambda: board.pins["5"] == 1)
    played.do(keypad.release_all)
    around.update(volts=3.3, open=True)
    wait_for(lambda: board.pins["5"] == 0 and board.waves["L1"] == (50_000, 65535) and board.pins["C1"] == 1)
    assert sum(level for pin, level in board.moves if pin.isdigit()) == 1


def test_it_watches_pins_makes_pulses_and_lets_go_of_everything(pod_board):
    board, heard = pod_board(), []
    pod = Pod(board.port, lambda *event: heard.append(event))
    pod.ask("pin", pin="HOLD", mode="in", up=True)
    assert pod.ask("watch", pin="HOLD") == {"number": 0, "level": 1}
    pod.ask("chip", bus=0, address=0x48)                    # whose cable brings the edge
    board.drive("HOLD", 0)
    wait_for(lambda: pod.take() or heard)
    assert heard == [(EDGE, 0, b"\x00")] and pod.ask("get", pin="HOLD") == {"level": 0}
    pod.ask("pulse", pin="T1", hertz=83)
    wait_for(lambda: board.waves.get("T1") == (83, 32768))
    pod.close()
    wait_for(lambda: board.waves["T1"] == (0, 0) and board.targets == {})


def test_a_wrong_order_is_refused_and_the_pod_goes_on(pod_board):
    pod = Pod(pod_board().port)
    for order in ({"op": "toaster"}, {"op": "pin", "pin": 1, "mode": "sideways"}, {"op": "answers", "bus": 7, "answers": {"0": "00"}}, {"op": "get"}):
        with pytest.raises(BoardError) as caught:
            pod.ask(**order)
        assert caught.value.code == "D30"
    assert pod.ask("hello")["pod"] == 1
    pod.close()


def test_a_micropython_without_targets_says_so_and_plays_the_rest(pod_board):
    pod = Pod(pod_board(targets=False).port)
    assert pod.about["i2c"] is False
    with pytest.raises(BoardError, match="1.26"):
        pod.ask("chip", bus=0, address=0x48)
    pod.ask("pin", pin=3, mode="out", level=1)
    pod.close()


def test_half_a_frame_is_forgotten_and_two_ctrl_c_bring_the_prompt(pod_board):
    board = pod_board()
    pod = Pod(board.port)
    os.write(pod.fileno(), b"noise\xa5\x10\x40\x00{half")
    time.sleep(0.6)
    assert pod.ask("hello")["pod"] == 1
    os.write(pod.fileno(), b"\r\x03\x03")
    wait_for(lambda: b"at the prompt" in board.said)
    with pytest.raises(BoardError) as caught:
        pod.ask("hello", within_s=0.3)
    assert caught.value.code in ("D31", "D03")
    pod.close()


def test_a_port_with_no_pod_behind_it_is_told(tmp_path):
    ours, theirs = os.openpty()
    with pytest.raises(BoardError) as caught:
        Pod(os.ttyname(theirs), patience_s=1)
    assert caught.value.code == "D31"
    with pytest.raises(BoardError) as caught:
        Pod(str(tmp_path / "none"))
    assert caught.value.code == "D01"
    os.close(ours)
    os.close(theirs)
