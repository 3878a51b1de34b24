# driver_rig.py: the drivers that ship, on MicroPython, on the chip models, by the real bus: a test gives a script and hears what it says.
# Fails with Late where a script does not end in its time.
import tempfile
from pathlib import Path

from microtill.bench.rig import Ended
from microtill.bench.targets import Sim
from microtill.harness.parts import FIRST_SECOND, Parts  # noqa: F401 (FIRST_SECOND: handed on to the tests)

# Every script runs between these: `say` is heard by the test, `tried` gives an error's code, the probe measures how long the loop was held.
BEFORE = """
import asyncio, gc, time
import bus
from machine import I2C, Pin, SPI, UART

def say(*words):
    bus.note(" ".join(str(word) for word in words))

async def tried(job):
    try:
        return await job
    except Exception as error:
        return "!" + getattr(error, "code", type(error).__name__)

class Probe:
    longest_us = 0
    async def run(self):
        last = time.ticks_us()
        while True:
            await asyncio.sleep_ms(1)
            now = time.ticks_us()
            self.longest_us = max(self.longest_us, time.ticks_diff(now, last))
            last = now
"""
AFTER = """
async def _all():
    probe = Probe()
    global watching
    watching = asyncio.create_task(probe.run())
    await main()
    watching.cancel()
    say("probe", probe.longest_us)

asyncio.run(_all())
bus.end()
"""
ALONE = """
import bus

def print(*words):
    bus.note(" ".join(str(word) for word in words))

"""
READER = """
from pn532 import PN532, PN532Error
reader = PN532(UART(1, 115200, rxbuf=512))
"""
FLASH = """
from nor import Nor, NorError
flash = Nor(SPI(0), Pin(15, Pin.OUT, value=1), 1 << 20)
"""
KEYPAD = """
from matrix_keypad import MatrixKeypad
pad = MatrixKeypad([Pin(n, Pin.OPEN_DRAIN, value=0) for n in range(4)],
                   [Pin(n, Pin.IN, Pin.PULL_UP) for n in range(4, 8)], "123A456B789C*0#D")
"""
SCREEN = """
from ssd1306 import SSD1306, ScreenError
screen = SSD1306(I2C(0), 0x3C)
"""
PRINTER = """
from escpos_printer import EscposPrinter, PrinterError, trouble
printer = EscposPrinter(UART(2, 115200, rxbuf=256))
"""
SENSES = """
import board
"""


class Late(Exception):
    """The script did not end in its time; args[0] is what it had said."""


class ScriptSim(Sim):
    """A terminal whose main program is a script of the test's own."""

    def __init__(self, script):
        Sim.__init__(self)
        self.firmware_hash = "0" * 16           # a trace of drivers says nothing of the rest of the tree
        self._folder = tempfile.TemporaryDirectory()
        (Path(self._folder.name) / "main.py").write_text(script)
        self._path = self._folder.name + ":" + self._path

    def close(self):
        self.cut()
        self._folder.cleanup()


class DriverRig(Parts):
    """All chips on their wires. `run(script)` gives what the script said; `when(words, act)` acts as it says them."""

    def __init__(self, seed=1):
        super().__init__(seed)
        self._acts, self.held_us = {}, 0

    def when(self, words, act, *args):
        self._acts[words] = (act, args)
        return self

    def on_note(self, text):
        if text in self._acts:
            act, args = self._acts[text]
            act(*args)

    def run(self, driver, script, within_s=60):
        """Run `script` (it defines `async def main()`) with one of the drivers above; returns what it said. Raises Late, or PowerCut."""
        said = self._told(BEFORE + driver + script + AFTER, within_s)
        self.held_us = int(said.pop().split()[1])
        return said

    def run_alone(self, script, within_s=60):
        """Run a whole program as it stands; what it prints is what it says."""
        return self._told(ALONE + script + "\nbus.end()\n", within_s)

    def _told(self, script, within_s):
        target = ScriptSim(script)
        before = len(self.rig.notes)
        try:
            self.rig.power_on()
            end = self.world.now + within_s * 1_000_000
            self.world.at(end, _reached)
            self.rig.alive = lambda: self.world.now < end
            self.rig.serve(target.start())
        except Ended:
            return self.rig.notes[before:]
        finally:
            target.close()
        raise Late(self.rig.notes[before:])


def _reached():
    """An event with no act of its own: the calendar stops here."""
