# life.py: one test in a life of its own on a target of the bench: the sim, or the emulated board. Whatever the test does, there is a Result:
# a hang ends by the wall's clock, a wait by the target's, a reset is seen by the bus. Raises NoTarget.
import functools
import json
import os
import re
import shutil
import signal
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from microtill.bench import firmware
from microtill.bench.chips.nor import PowerCut
from microtill.bench.chips.power import PowerLost
from microtill.bench.rig import Ended, Stuck
from microtill.bench.targets import Gone, Sim
from microtill.harness.acts import BadAsk, do
from microtill.harness.parts import Parts

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"
HUNG_S = 30                             # of the wall's clock: nothing of ours computes for so long
_TELLS, ASKS, _PRINTS = "\x01", "\x02", "\x03"     # how a line of the harness's begins; any other is the test's own
MOST_ANSWER = 2048                      # bytes of what a test is told by ask()
_MOST_SAID = 20                         # lines of a test's own that are kept
_FRAME = re.compile(r'\s*File "([^"]*)", line (\d+)')
_OURS = ("main.py", "<string>", "<stdin>", "asyncio/core.py")   # files in which a frame of ours may lie
_ON_DEVICE = Path(__file__).parent / "on_device"
_COMPILER = "arm-none-eabi-gcc"
_HELD = "held.py"                       # the file of tests as it lies beside the program

# What differs by where the program runs: how it finds the file of tests, how it tells and asks.
_BUS = '''
import bus
def tell(what):
    bus.note("\\x01" + json.dumps(what))
def ask(words):
    answer = bytearray(%d)
    got = str(answer[:bus.call(bus.NOTE, 0, len(answer), out=("\\x02" + words).encode(), into=answer)], "utf-8")
    if got[:1] != "=":
        raise AssertionError("the bench " + got[1:] + ": " + words)
    return got[1:]
def print(*words, sep=" ", end=""):
    bus.note("\\x03" + sep.join(str(word) for word in words))
''' % MOST_ANSWER
_SIM = '''
def source():
    with open(%r) as file:
        return file.read()
'''
_QEMU = '''
import hostfile
def source():
    return hostfile.text(%r)
'''


class NoTarget(Exception):
    code = "B06"


@dataclass
class Result:
    """How one test ended. `said`: a traceback, or why it was left out; `own`: what it printed; `ms` of the target's time."""
    test: object
    outcome: str
    said: str = ""
    ms: int = 0
    wall_s: float = 0.0
    began_s: float = 0.0
    free: int = 0
    own: list = field(default_factory=list)
    measured: list = field(default_factory=list)

    @property
    def id(self):
        return self.test.id


def on_device():
    """The text of what runs around every test."""
    return "".join((_ON_DEVICE / name).read_text() for name in ("check.py", "once.py"))


class Told:
    """Hears what a target says of one test."""

    def __init__(self, test):
        self.test, self.own, self.measured, self.ended = test, [], [], None

    def line(self, text):
        """One line of the target's. What is not ours, or is spoilt, is the test's own noise."""
        if text.startswith(_TELLS):
            try:
                return self._ours(json.loads(text[1:]))
            except (ValueError, KeyError, TypeError):
                pass
        if len(self.own) < _MOST_SAID:
            self.own.append(text.removeprefix(_PRINTS)[:200])

    def _ours(self, what):
        """Raises ValueError, KeyError or TypeError for what no harness would say."""
        if "measured" in what:
            self.measured.append({"name": what["measured"], **{name: what[name] for name in ("value", "unit", "low", "high")}})
        elif "began" not in what:
            if what["ended"] not in (PASSED, FAILED, SKIPPED) or set(what) != {"ended", "said", "ms", "free"}:
                raise ValueError
            self.ended = what

    def result(self, instead):
        """`instead`: what to say where it never told its end."""
        if self.ended is None:
            return Result(self.test, FAILED, instead, own=self.own, measured=self.measured)
        ended = self.ended
        return Result(self.test, ended["ended"], own_part(ended["said"], self.test), ended["ms"], free=ended["free"], own=self.own,
                      measured=self.measured)


def own_part(said, test):
    """A traceback as its author wants it: without our own frames, with the line of the test."""
    out, lines = [], test.text.split("\n")
    for line in said.rstrip().split("\n"):
        found = _FRAME.match(line)
        if found and found[1] != test.file and found[1].endswith(_OURS):
            continue
        out.append(line)
        if found and found[1] == test.file and int(found[2]) <= len(lines):
            out.append("    " + lines[int(found[2]) - 1].strip())
    return "\n".join(out)


class _Bench(Parts):
    """The chips that a test needs; it hears and asks by NOTE."""

    def __init__(self, test):
        super().__init__(needs=test.needs)
        self.told = Told(test)

    def on_note(self, text):
        if not text.startswith(ASKS):
            return self.told.line(text)
        try:
            answer = ("=" + do(self, text[1:])).encode()
        except BadAsk:
            return b"!cannot"
        return answer if len(answer) <= MOST_ANSWER else b"!has too long an answer to"


def run(target_name, test, hung_s=HUNG_S):
    """A Result of this test on "sim" or "qemu-stm32"."""
    began, clock = time.time(), time.monotonic()
    bench, target = _Bench(test), _TARGETS[target_name](test)
    try:
        said = _live(bench, target, test.within_s, hung_s)
    finally:
        target.close()
    result = bench.told.result(said)
    if bench.told.ended is not None and said:
        result.outcome, result.said = FAILED, said          # it told its end, and then did not leave
    result.began_s, result.wall_s = began, time.monotonic() - clock
    return result


def _live(bench, target, within_s, hung_s):
    """Serve one life to its end. "" where it left by itself, else what went wrong."""
    end, hung = within_s * 1_000_000, threading.Event()

    def kill():
        hung.set()
        os.kill(target.pid, signal.SIGKILL)
    bench.rig.power_on()
    bench.world.at(end, _reached)
    bench.rig.alive = lambda: bench.world.now < end
    channel = target.start()
    guard = threading.Timer(hung_s, kill)
    guard.start()
    try:
        bench.rig.serve(channel)
    except Ended:
        return ""
    except Gone as error:
        return _gone(hung.is_set(), hung_s, str(error))
    except Stuck:
        return "hangs: it waits, and nothing is going to happen"
    except (PowerCut, PowerLost):
        return "the supply failed"
    except OSError as error:            # a bus that spoke something else
        return "the bus broke: %s" % error
    finally:
        guard.cancel()
        guard.join()
    return "hangs: not done within %d s of the target's time" % within_s


def _gone(hung, hung_s, words):
    if hung:
        return "hangs: no word for %g s" % hung_s
    return "the target reset or died, and did not say why (%s)" % words


def _reached():
    """An event with no act of its own: the calendar stops here."""


class _Sim(Sim):
    """The interpreter that ships; its program is one test."""

    def __init__(self, test):
        self._folder = tempfile.TemporaryDirectory(prefix="microtill-test-")
        folder = Path(self._folder.name)
        super().__init__(console=str(folder / "console"), tree=_tree())
        (folder / _HELD).write_text(test.sent)
        (folder / "main.py").write_text(program(_BUS + _SIM % str(folder / _HELD), test))
        self._path = "%s:%s" % (folder, self._path)

    def close(self):
        self.cut()
        self._folder.cleanup()


@functools.cache
def _tree():
    """The firmware of these sources, looked for once: a run of tests is of one firmware."""
    return firmware.compiled()


@functools.cache
def _image():
    """The same for the emulated board."""
    from microtill import frozen
    return frozen.build("qemu_stm32", say=lambda text: None)


def _qemu(test):
    from microtill.bench.qemu import Qemu
    target = Qemu(image=_image(), options=("-no-reboot",), script=program(_BUS + _QEMU % _HELD, test))
    (target.folder / _HELD).write_text(test.sent)
    return target


def program(before, test):
    """The whole program of one test, for a target of the bench."""
    return "import json\n%s\n%s\nonce(%r, source, %r, %r)\nbus.end()\n" % (before, on_device(), test.file, test.name, test.waits)


_TARGETS = {Sim.name: _Sim, "qemu-stm32": _qemu}


def names():
    return list(_TARGETS)


def firmware_of(target_name):
    """Sixteen hex digits of what is under test, built where it is missing. Raises NoTarget where this machine lacks the tools, BuildFailed."""
    from microtill.bench import qemu
    if target_name == Sim.name:
        return _tree().name
    try:
        qemu.emulator()
    except qemu.NoEmulator as error:
        raise NoTarget(str(error)) from None
    if not shutil.which(_COMPILER):
        raise NoTarget("no %s here: make system installs it" % _COMPILER)
    return _image().parent.name
