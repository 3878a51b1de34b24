# cable.py: two boards and the copper between them: a pod (the wheel's MicroPython, at its pseudo-terminal) and a terminal (the sim), whose I2C bus,
# keypad, charger and thermistor hang on the pod's wires. Fails where the pod does not answer within 5 s.
import os
import queue
import select
import socket
import subprocess
import sys
import threading
import time
import tty
from pathlib import Path

from driver_rig import DriverRig

from microtill.bench.rig import Rig
from microtill.bench.wires import UartLine
from microtill.harness.parts import NoNetwork
from microtill.rig.pod import Pod
from microtill.rig.pod_chips import PodChips

ROOT = Path(__file__).resolve().parents[2]
_LATE_S = 5


class PodBoard:
    """The pod's firmware in a process. `port`: what its USB would be. `targets`: False for a MicroPython without machine.I2CTarget."""

    def __init__(self, folder, targets=True):
        (folder / "frame.py").write_text((ROOT / "firmware/till/wire/frame.py").read_text())        # as its package.json lays them
        (folder / "begin.py").write_text(("" if targets else "import machine\ndel machine.I2CTarget\n") + "import main\nprint('at the prompt')\n")
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.port = os.ttyname(self._theirs)
        self._cable, theirs = socket.socketpair()
        self.pins, self.waves, self.targets, self._answers, self._came = {}, {}, {}, [], threading.Condition()
        self.moves = []                 # (pin, level), each as it came
        path = ":".join(str(place) for place in (ROOT / "tests/rig/stand_in", ROOT / "boards/pod", folder)) + ":.frozen"
        self._fd, slave = os.openpty()
        tty.setraw(slave)
        self._process = subprocess.Popen([str(Path(sys.executable).parent / "micropython"), str(folder / "begin.py")], stdin=slave, stdout=slave,
                                         env=dict(os.environ, MICROPYPATH=path, CABLE_FD=str(theirs.fileno())), pass_fds=[theirs.fileno()])
        os.close(slave)
        theirs.close()
        self.said = b""
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._listen, self._pump)]
        for thread in self._threads:
            thread.start()

    def _pump(self):
        """Its pseudo-terminal outlives it, as a USB port outlives a program."""
        while True:
            ready, _, _ = select.select([self._ours, self._fd], [], [])
            try:
                for fd in ready:
                    data = os.read(fd, 4096)
                    self.said = (self.said + data)[-64:] if fd == self._fd else self.said
                    os.write(self._fd if fd == self._ours else self._ours, data)
            except OSError:
                return

    def _listen(self):
        for line in self._cable.makefile():
            words = line.split()
            with self._came:
                if words[0] == "pin":
                    self.pins[words[1]] = int(words[2])
                    self.moves.append((words[1], int(words[2])))
                elif words[0] == "wave":
                    self.waves[words[1]] = (int(words[2]), int(words[3]))
                elif words[0] == "target":
                    self.targets[int(words[1])] = int(words[2])
                elif words[0] == "gone":
                    self.targets.pop(int(words[1]), None)
                else:
                    self._answers.append(words)
                self._came.notify_all()

    def transact(self, *words):
        """One transaction at its I2C wires."""
        with self._came:
            self._answers.clear()
            self._cable.sendall((" ".join(str(word) for word in words) + "\n").encode())
            assert self._came.wait_for(lambda: self._answers, _LATE_S), "the pod's wires are dead"
            return bytes.fromhex(self._answers[0][1]) if self._answers[0][0] == "data" else None

    def drive(self, pin, level):
        self._cable.sendall(b"pin %s %d\n" % (str(pin).encode(), level))

    def ended(self):
        return self._process.poll() is not None

    def close(self):
        self._process.kill()
        self._process.wait()
        self._cable.close()
        for fd in (self._ours, self._theirs, self._fd):
            os.close(fd)


class OnWire:
    """Where the terminal's bus meets the pod's: a chip of the bench's bus that is nothing but wire."""

    fault = None

    def __init__(self, board, bus, address):
        self._board, self._bus, self.address = board, bus, address

    def write(self, data):
        self._board.transact("write", self._bus, data.hex())

    def read(self, size):
        return self._board.transact("read", self._bus, size)


class Lead:
    """A UART of the terminal that leaves it: `port` is where an adapter's other end would be."""

    def __init__(self):
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        os.set_blocking(self._ours, False)
        self.port, self.line = os.ttyname(self._theirs), None

    def on_bytes(self, data, baud):
        os.write(self._ours, data)

    def come(self):
        try:
            self.line.to_host(os.read(self._ours, 4096))
        except BlockingIOError:
            pass                        # nothing has

    def close(self):
        os.close(self._ours)
        os.close(self._theirs)


class _Wall(NoNetwork):
    """`follow()` is called while the terminal waits: its wires move meanwhile."""

    def __init__(self, follow):
        self._follow = follow

    def wait(self, seconds):
        time.sleep(min(seconds or 0.001, 0.001))
        self._follow()


class Terminal(DriverRig):
    """The sim with nothing at its pins, in real time. `wire_i2c`, `wire_keys`, `wire_uart`, then `run` as any DriverRig."""

    def __init__(self, board=None):
        super().__init__()
        self.pod_board, self.network, self._switches, self._leads = board, _Wall(self._follow), (), []
        self.rig = Rig(self.world, self, real=True)

    def wire_i2c(self, terminal_bus, pod_bus, address):
        self.i2c[terminal_bus].chips[address] = OnWire(self.pod_board, pod_bus, address)

    def wire_keys(self, pins):
        """An analog switch across each key's row and column, closed while this pin of the pod is high."""
        self._switches = tuple(pins)

    def wire_uart(self, number, lead):
        self.lines[number] = UartLine(self.world, number, self.edges, lead)
        self._leads.append(lead)

    def _follow(self):
        for lead in self._leads:
            lead.come()
        if not self._switches:
            return
        closed = {key for key, pin in enumerate(self._switches) if self.pod_board.pins.get(str(pin))}
        if closed != self.keypad.closed:
            self.keypad.closed = closed
            self.pins.changed()


class Playing:
    """The host's end: a Pod and its chips, in a thread of their own."""

    def __init__(self, port, world):
        self.chips, self._stop, self._jobs = PodChips(world, Pod(port)), False, queue.SimpleQueue()
        self._thread = threading.Thread(target=self.chips.run, args=(self._stopped,), daemon=True)

    def _stopped(self):
        while not self._jobs.empty():
            self._jobs.get()()
        return self._stop

    def begin(self):
        self._thread.start()

    def do(self, act):
        """Soon, in its thread."""
        self._jobs.put(act)

    def close(self):
        self._stop = True
        if self._thread.is_alive():
            self._thread.join(_LATE_S)
