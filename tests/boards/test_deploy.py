# test_deploy.py: the application onto a board that runs MicroPython: written once, believed only when read back, and what changed is told.
import json
import subprocess
import sys

import pytest

from microtill.boards import BoardError, stage
from microtill.boards import deploy as boards
from microtill.boards.repl import Repl

ROOM = 1 << 20


def test_it_is_written_once_and_then_it_is_there(board):
    bare = board(rom=ROOM)
    first = boards.deploy(bare.port, "esp32s3")
    assert first["written"] and first["files"] == ["main.py"] and "till/build.mpy" in first["added"] and not first["changed"]
    assert (bare.folder / "main.py").read_text() == "import microtill_app\n"
    again = boards.deploy(bare.port, "esp32s3")
    assert not again["written"] and again["files"] == again["added"] == again["changed"] == [] and again["sha256"] == first["sha256"]


def test_what_is_on_the_board_runs_from_there(board):
    bare = board(rom=ROOM)
    boards.deploy(bare.port, "blackpill")
    with Repl(bare.port) as repl:
        said = repl.ask("import json, sys\nfrom till.money import amount\nimport fingerprint\n"
                        "print(json.dumps([amount.__file__, str(fingerprint.firmware_hash, 'ascii')]))")
    assert said == ["/rom/till/money/amount.mpy", stage.tree("blackpill")["fingerprint.py"].split('"')[1]]


def test_another_board_s_application_is_told_module_by_module(board):
    bare = board(rom=ROOM)
    boards.deploy(bare.port, "esp32s3")
    other = boards.deploy(bare.port, "stm32")
    assert other["written"] and other["files"] == ["boot.py"] and "esp_at/device.mpy" in other["added"] and "wifi.mpy" in other["gone"]
    assert "board.mpy" in other["changed"] and "till/build.mpy" not in other["changed"]


def test_a_board_that_only_says_that_it_wrote_is_not_believed(board):
    with pytest.raises(BoardError) as told:
        boards.deploy(board(rom=ROOM, deaf=True).port, "esp32s3")
    assert told.value.code == "D22"


@pytest.mark.parametrize("room, code", [(0, "D20"), (64 * 1024, "D21")])
def test_without_room_nothing_is_written(board, room, code):
    bare = board(rom=room)
    with pytest.raises(BoardError) as told:
        boards.deploy(bare.port, "esp32s3")
    assert told.value.code == code and not bare.rom_file.exists() and not (bare.folder / "main.py").exists()


def test_a_board_that_is_none_of_ours_is_refused_unless_it_is_named(board):
    with pytest.raises(BoardError) as told:
        boards.deploy(board(rom=ROOM).port)
    assert told.value.code == "D11"


def test_a_source_that_does_not_compile_is_named(monkeypatch):
    monkeypatch.setattr(stage, "tree", lambda board: {"main.py": "x = 1\n", "till/broken.py": "def f(:\n"})
    with pytest.raises(BoardError) as told:
        stage.romfs("stm32", "armv7emsp")
    assert told.value.code == "D23" and "till/broken.py" in str(told.value)


@pytest.mark.parametrize("board_name, arch", [("esp32s3", "xtensawin"), ("stm32", "armv7emsp"), ("blackpill", "armv7emsp")])
def test_each_board_s_application_compiles_for_its_chip_and_repeats_to_the_bit(board_name, arch):
    (image, hashes), again = stage.romfs(board_name, arch), stage.romfs(board_name, arch)[0]
    assert image == again and image[:3] == b"\xd2\xcd\x31" and len(image) < ROOM and {"board.mpy", "parts.mpy", "microtill_app.mpy"} <= set(hashes)


def test_a_tree_to_freeze_is_laid_out(tmp_path):
    mark = stage.stage("stm32", tmp_path / "staged")
    assert (tmp_path / "staged" / "main.py").exists() and mark in (tmp_path / "staged" / "fingerprint.py").read_text()
    assert not list((tmp_path / "staged").rglob("example.py")) and (tmp_path / "staged" / "usb.py").exists()


def test_the_command_tells_it_and_gives_json(board):
    bare, command = board(rom=ROOM), [sys.executable, "-m", "microtill.cli"]
    told = subprocess.run([*command, "deploy", "--port", bare.port, "--board", "esp32s3"], capture_output=True, text=True)
    assert told.returncode == 0 and "read back and the same" in told.stdout, told.stderr
    done = subprocess.run([*command, "--json", "deploy", "--port", bare.port, "--board", "esp32s3"], capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout)["written"] is False
