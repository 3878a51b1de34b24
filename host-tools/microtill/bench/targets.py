# targets.py: where the firmware runs. A target gives a channel, can lose its power at once, and comes back on the same bench.
# Fails with Gone where the firmware ended without saying so.
import os
import signal
import socket
import sys

from microtill.bench import firmware


_FD_MOST = 4096
BUILDS = "development", "production"        # of the firmware of a board


class Gone(Exception):
    """The target ended without saying so."""


class Channel:
    """Bytes both ways over a file descriptor; a reply goes out in one write."""

    def __init__(self, fd):
        self.fd, self._come = fd, b""

    def read(self, size):
        while len(self._come) < size:
            self._come += self.some()
        got, self._come = self._come[:size], self._come[size:]
        return got

    def some(self):
        """What has come; waits for the first byte. Raises Gone."""
        try:
            got = os.read(self.fd, 65536)
        except ConnectionResetError:
            raise Gone("the firmware closed the bus") from None
        if not got:
            raise Gone("the firmware closed the bus")
        return got

    def write(self, data):
        try:
            os.write(self.fd, data)
        except BrokenPipeError:
            raise Gone("the firmware closed the bus") from None


def names():
    return list(_TARGETS)


def choose(name):
    """From now on a bench that is told nothing else has this target. KeyError for one that there is not."""
    global _chosen
    _chosen = _TARGETS[name]


def choose_build(kind):
    """Of the targets that have several: "development", "production"."""
    global _build
    _build = kind


def chosen(console=None):
    """`console`: a file for what the sim's firmware prints; the emulator has one of its own."""
    return _chosen(console=console) if _chosen is Sim else _chosen()


def chosen_is(name):
    return _chosen is _TARGETS[name]


class Sim:
    """MicroPython's unix port. The wheel is a CPython extension: it is loaded once here, and each life of a terminal is a fork (10 ms).
    MICROPYTHON in the environment names another build, which is then started anew for each life."""

    name = "sim"
    has_modem = False           # the way to the bank: a socket of the bench's network, or an ESP-AT modem on a UART

    def __init__(self, heap="2m", console=None, tree=None):
        """`tree`: firmware.compiled() of a moment ago, where many are made in a row."""
        self.heap, self.console = heap, console
        self.pid, self._socket = None, None
        self.own = os.environ.get("MICROPYTHON")
        if not self.own:
            import micropython_module
            self._run = micropython_module.run_main
        tree = tree or firmware.compiled()
        self.firmware_hash = tree.name
        self._path = ":".join(str(tree / part) for part in ("boards/sim", "boards/bench_bus", "firmware", "drivers")) + ":.frozen"

    def start(self):
        ours, theirs = socket.socketpair()
        self._socket = ours
        os.set_inheritable(theirs.fileno(), True)
        names = dict(MICROPYPATH=self._path, BENCH_FD=str(theirs.fileno()), FIRMWARE_HASH=self.firmware_hash)
        arguments = ["micropython", "-X", "heapsize=" + self.heap, "-m", "main"]
        if self.own:
            self.pid = os.posix_spawn(self.own, arguments, dict(os.environ, **names))
        else:
            sys.stdout.flush()
            sys.stderr.flush()
            self.pid = os.fork()
            if self.pid == 0:
                self._child(names, arguments)
        theirs.close()
        return Channel(ours.fileno())

    def _child(self, names, arguments):
        """In the forked process: become the terminal. Its prints are the developer's console, so they go to stderr or a file."""
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            bus = int(names["BENCH_FD"])
            os.closerange(3, bus)               # nothing else of the bench is the terminal's: no socket of a page, no other terminal's bus
            os.closerange(bus + 1, _FD_MOST)
            os.environ.update(names)
            target = os.open(self.console, os.O_WRONLY | os.O_CREAT | os.O_APPEND) if self.console else 2
            os.dup2(target, 1)
            os.dup2(target, 2)
            self._run(arguments)
        finally:
            os._exit(0)

    def close(self):
        self.cut()

    def cut(self):
        """Power away, at once."""
        if self.pid:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass                    # it ended by itself a moment ago
            os.waitpid(self.pid, 0)
            self._socket.close()
            self.pid = None


def _qemu():
    from microtill.bench.qemu import Qemu
    return Qemu(kind=_build)


_TARGETS = {Sim.name: Sim, "qemu-stm32": _qemu}
_chosen, _build = Sim, BUILDS[0]
