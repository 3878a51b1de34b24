# doctor.py: is this board well, and if not, what is to be done? Its parts are walked by the drivers that ship, on the board (on_board/walk.py).
# Raises BoardError as repl.py does; a part that is not well is a finding, not an error.
import json
from pathlib import Path

from microtill.boards import BoardError
from microtill.boards.about import about
from microtill.boards.repl import Repl

_WALK, _CLOCK = ((Path(__file__).parent / "on_board" / name).read_text() for name in ("walk.py", "clock.py"))
KEY_MS = 15_000
_GIVE_UP = 2                            # keys in a row that nobody pressed: nobody is there
_WALK_S = 60
_EMULATED = "qemu_stm32"
_ON_THE_BUS = {"part": "parts", "well": None, "found": "the emulated board has them on a bench's bus", "fix": "microtill --target qemu-stm32 test"}
_I2C = "3.3 V and ground at it, SDA and SCL not exchanged, pull-ups on both lines"
# (part, what its driver said, None for anything): what to do
_FIX = {
    ("reader", "deaf"): "3.3 V at the PN532, its two switches on HSU (both off), TX to RX and RX to TX, RSTPDN to its pin",
    ("reader", "frame"): "a shorter cable to the PN532, ground beside its signals",
    ("reader", "time"): "its supply dips: 100 uF at the PN532",
    ("reader", None): "the PN532 answers, and not well: cable, supply, then another module",
    ("printer", "silent"): "power to the printer (its own 5 to 9 V), TX to RX and RX to TX, 115200 baud on its self-test",
    ("printer", "paper_out"): "a roll of paper, and close the cover",
    ("printer", "cover"): "close its cover",
    ("printer", "hot"): "wait until its head has cooled",
    ("printer", None): "its own self-test (hold FEED while it powers up) says more",
    ("screen", "absent"): "the display's address (3C or 3D on its back); " + _I2C,
    ("keypad", None): "free that key; where it is, its row and column touch: look at the foil's tail",
    ("gauge", "absent"): "a cell at the MAX17048: it lives on it; " + _I2C,
    ("gauge", "nonsense"): "another chip is at its address, or the cell is below 2.5 V",
    ("case", "absent"): "the TMP117 at 48h; " + _I2C,
    ("head", "open"): "the two wires of the print head's thermistor, and its 10 kOhm to 3.3 V",
    ("head", "short"): "the thermistor's wires touch",
    ("light", "absent"): "the BH1750's ADDR to ground (23h); " + _I2C,
    ("clock", "absent"): "the DS3231 at 68h; " + _I2C,
    ("clock", None): "set it: microtill doctor --set-clock; its coin cell keeps it",
    ("charger", "nonsense"): "/PGOOD and /CHG are exchanged, or one is not connected",
    ("lid", None): "close the case, or join the case switch to ground",
    ("fan", "stands"): "12 V at the fan, PWM to its fourth wire, tachometer to the third",
    ("fan", None): "the tachometer rattles: a shorter wire, away from the PWM",
    ("flash", "deaf"): "the W25Q chip: 3.3 V, /CS to its pin, MISO and MOSI not exchanged, /HOLD and /WP to 3.3 V",
    ("flash", "absent"): "this image has no partition for the journal: microtill flash",
    ("modem", "deaf"): "3.3 V (500 mA) at the modem, EN high, TX to RX and RX to TX, 115200 baud",
    ("modem", "version"): "ESP-AT 3.2 or newer in the modem",
    ("modem", None): "reset the modem; it answers, and not well",
    ("radio", None): "an antenna, where the module has a socket for one",
}


def fix(part, well, found):
    """What to do about a finding; None for a part that is well."""
    if well:
        return None
    return _FIX.get((part, found)) or _FIX.get((part, None)) or "its wires, its supply; then another one"


def examine(port, keys=False, ask=None, on_part=None, key_ms=KEY_MS, unix=None):
    """{about..., "parts": [{part, well, found, fix}], "keys": [...]}. `ask(label)` tells a person which key to press next; `on_part(row)`
    hears of each part as it is walked. `unix`: the time to set its clock to, first. Raises BoardError."""
    with Repl(port) as repl:
        said = about(repl)
        said["port"], said["parts"], said["keys"] = port, [], None
        if said["board"] == _EMULATED:
            said["parts"] = [dict(_ON_THE_BUS)]
            if on_part:
                on_part(said["parts"][0])
            return said
        if not repl.ask("try:\n import board\n print('true')\nexcept ImportError:\n print('false')"):
            raise BoardError("D06", "MicroPython %s on %s, and nothing of ours" % (said["version"], said["machine"]))
        repl.run(_WALK)
        if unix is not None:
            repl.run(_CLOCK)
            repl.run("put_right(%d)" % unix)
        said["parts"] = _parts(repl, on_part)
        if keys:
            said["keys"] = _keys(repl, ask, key_ms)
    return said


def _parts(repl, on_part):
    found = []

    def heard(line):
        try:
            part, well, words = json.loads(line)
        except ValueError:
            return                      # something else of the board's
        found.append({"part": part, "well": well, "found": words, "fix": fix(part, well, words)})
        if on_part:
            on_part(found[-1])
    repl.run("asyncio.run(walk())", _WALK_S, heard)
    return found


def _keys(repl, ask, key_ms):
    """[{key, well, found, fix}]: each key closes once, and is the one that its print says."""
    legend, found, missed = repl.ask("print(json.dumps(pins.KEYPAD_LEGEND))"), [], 0
    for label in legend:
        ask(label)
        closed = repl.ask("print(json.dumps(asyncio.run(pressed(%d))))" % key_ms, key_ms / 1000 + 10)
        missed = missed + 1 if closed is None else 0
        found.append({"key": label, "well": closed == label, "found": closed, "fix": None if closed == label else
                      "it closed nothing: its row or column is loose" if closed is None else "rows or columns are exchanged: it closed %s" % closed})
        if missed == _GIVE_UP and len(found) == _GIVE_UP:
            return found + [{"key": rest, "well": None, "found": None, "fix": "nobody pressed: doctor again, with somebody at the keypad"}
                            for rest in legend[len(found):]]
    return found


def verdict(said):
    """0 where everything is well or cannot be known, 1 where something is to be mended."""
    rows = said["parts"] + (said["keys"] or [])
    return 1 if any(row["well"] is False for row in rows) else 0
