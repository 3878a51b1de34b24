# test_drivers_by_mip.py: each driver installs alone on a board, by mpremote from its own folder, and its example then runs against its chip.
import subprocess
import sys

import pytest
from board_rig import chips

from microtill.bench.firmware import ROOT
from microtill.boards.repl import Repl

DRIVERS = sorted(path.parent.name for path in (ROOT / "drivers").glob("*/package.json"))
# what an example says, where it ends by itself
SAYS = {"bh1750": "300", "bq24074": "mains charging", "ds3231": "1767600000", "fan": "", "max17048": "80 %", "nor": "bytearray(b'hello')",
        "piezo": "", "ssd1306": "", "thermistor": "2400", "tmp117": "2400", "escpos_printer": "True"}


def install(port, name):
    done = subprocess.run([sys.executable, "-m", "mpremote", "connect", port, "resume", "mip", "install", "--target", "lib",
                           str(ROOT / "drivers" / name / "package.json")], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "Done" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize("name", DRIVERS)
def test_a_driver_installs_alone_and_is_imported_from_there(board, name):
    bare = board()
    (bare.folder / "lib").mkdir()
    install(bare.port, name)
    files = {path.name for path in (ROOT / "drivers" / name).glob("*.py")} - {"example.py"}
    assert {path.name for path in (bare.folder / "lib" / name).iterdir()} == files
    assert sorted(path.name for path in (bare.folder / "lib").iterdir()) == [name]


@pytest.mark.parametrize("name", sorted(SAYS))
def test_its_example_runs_against_its_chip_with_nothing_else_of_ours(board, name):
    wired = board(chips(), alone=True)
    (wired.folder / "lib").mkdir()
    install(wired.port, name)
    with Repl(wired.port) as repl:
        said = repl.run("import sys\nsys.path.insert(0, 'lib')\n" + (ROOT / "drivers" / name / "example.py").read_text())
        assert repl.run("import %s\nprint(%s.__file__)" % (name, name)).strip() == "lib/%s/__init__.py" % name
    assert SAYS[name] in said


def until(wired, name, seconds):
    """What an example says that goes on until it is stopped: here after so many seconds of the board's time."""
    (wired.folder / "lib").mkdir()
    install(wired.port, name)
    example = (ROOT / "drivers" / name / "example.py").read_text().replace("asyncio.run(main())", "")
    with Repl(wired.port) as repl:
        return repl.run("import sys\nsys.path.insert(0, 'lib')\n" + example +
                        "\ntry:\n asyncio.run(asyncio.wait_for(main(), %d))\nexcept asyncio.TimeoutError:\n pass" % seconds)


def test_the_keypad_s_example_prints_the_key_that_is_pressed(board):
    rig = chips()
    power_on = rig.power_on

    def on():
        power_on()
        rig.world.after(1_000_000, rig.keypad.press, 5, 90_000)
    rig.power_on = on
    assert until(board(rig, alone=True), "matrix_keypad", 3).split() == ["5"]


class Card:
    uid, atqa, sak, ats = b"\x04\x01\x02\x03\x04\x05\x06", b"\x00\x04", 0x20, bytes.fromhex("0B7880A102312054455354")

    def power_on(self):
        """It keeps nothing."""

    def apdu(self, command):
        return b"\x6a\x82", 5_000


def test_the_reader_s_example_prints_the_card_and_what_it_answers(board):
    rig = chips()
    rig.reader.present(Card())
    assert until(board(rig, alone=True), "pn532", 3).split() == ["04010203040506", "6a82"]
