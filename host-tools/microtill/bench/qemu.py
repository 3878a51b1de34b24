# qemu.py: the terminal on the STM32L475 that QEMU emulates: our own firmware, frozen into its flash, over the same bus as the sim's.
# Fails with Gone where it ended (args: the last words on its console), with NoEmulator where there is none.
import os
import select
import shutil
import subprocess
import tempfile
from pathlib import Path

from microtill.bench.targets import Channel, Gone

MACHINE = "b-l475e-iot01a"
CLOCK = "shift=3,sleep=off"                 # an instruction is 8 ns of the world's time; nobody waits for the wall's clock
INSTRUCTION_NS = 8


class NoEmulator(Exception):
    """There is no QEMU that knows this board."""
    code = "B04"


def emulator():
    """The program's path; QEMU in the environment names another than the one installed."""
    found = os.environ.get("QEMU") or shutil.which("qemu-system-arm")
    if not found:
        raise NoEmulator("no qemu-system-arm here: make system installs it, or QEMU= names it")
    return found


class Bus(Channel):
    """The two FIFOs to one emulator. An emulator that has died never closes them for us, so its process is watched as well."""

    def __init__(self, reading, writing, process, last_words):
        super().__init__(reading)
        self._writing, self._last_words = writing, last_words
        self._died = os.pidfd_open(process.pid)
        self._ready = select.poll()
        self.fds = reading, self._died          # something comes, or it ended
        for fd in self.fds:
            self._ready.register(fd, select.POLLIN)

    def some(self):
        if self.fd not in (fd for fd, _ in self._ready.poll()):
            raise Gone(self._last_words())
        return os.read(self.fd, 65536)

    def write(self, data):
        os.write(self._writing, data)

    def close(self):
        os.close(self._died)


class Qemu:
    """A life is a process, and losing power is its end. `image`: an ELF file; by default the firmware of these sources, built where it
    is missing. `options`: more for QEMU's command line. `clock`: how the world's time counts instructions, None for the wall's.
    `script`: the text of a program that runs instead of the terminal's. `kind`: of the build, where there is no `image`. `serial`: what
    its first USART is joined to; a file that keeps what it prints."""

    name = "qemu-stm32"
    has_modem = True

    def __init__(self, image=None, options=(), clock=CLOCK, script=None, kind="development", serial=None):
        from microtill import frozen
        self.image = Path(image) if image else frozen.build("qemu_stm32", say=lambda text: None, kind=kind)
        self.firmware_hash, self.options, self._clock = self.image.parent.name, tuple(options), clock
        self.folder = Path(tempfile.mkdtemp(prefix="microtill-qemu-"))
        self.console = self.folder / "console"
        self._serial = serial or "file:%s" % self.console
        self._process = self._bus = None
        self._ends = []
        if script is not None:
            (self.folder / "script.py").write_text(script)

    @property
    def pid(self):
        return self._process.pid if self._process else None

    def _pipes(self):
        """New ones for each life: no byte of the last one may reach the next."""
        for name in ("req", "rsp"):
            (self.folder / name).unlink(missing_ok=True)
            os.mkfifo(self.folder / name)
        self._ends = [os.open(self.folder / name, os.O_RDWR | os.O_CLOEXEC) for name in ("req", "rsp")]

    def start(self):
        self._pipes()
        self._process = subprocess.Popen(
            [emulator(), "-M", MACHINE, *(("-icount", self._clock) if self._clock else ()), "-semihosting", "-kernel", str(self.image),
             "-display", "none", "-monitor", "none", "-serial", self._serial, *self.options],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._bus = Bus(*self._ends, self._process, self._last_words)
        return self._bus

    def _last_words(self):
        try:
            lines = self.console.read_text(errors="replace").strip().splitlines()
        except FileNotFoundError:
            lines = []
        return lines[-1] if lines else "the emulator ended"

    def cut(self):
        """Power away, at once."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._bus.close()
            for fd in self._ends:
                os.close(fd)
            self._process = self._bus = None

    def close(self):
        self.cut()
        shutil.rmtree(self.folder, ignore_errors=True)
