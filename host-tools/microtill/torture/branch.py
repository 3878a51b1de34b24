# branch.py: a bench and its terminal split in two where they stand, so that what came before a fault is run once for all faults. Linux alone.
# The firmware waits in read() for the bus; a signal makes it fork there, and its twin goes on with a socket of its own. The bench forks itself.
# Raises CannotBranch where the firmware is not waiting, or where MICROPYTHON names another build: then every run begins at power on.
import ctypes
import os
import signal
import socket
import struct
import time

from microtill.bench.targets import Gone, Sim

_CALL = signal.SIGUSR1
_HANDLER = ctypes.CFUNCTYPE(None, ctypes.c_int)
_PID = struct.Struct("<i")
_WITHIN_S = 10


class CannotBranch(Exception):
    code = "U15"


class Branching(Sim):
    """A Sim whose running firmware can be split. `branch()` is called between a request and its reply."""

    def __init__(self, **more):
        super().__init__(**more)
        if self.own:
            raise CannotBranch("MICROPYTHON names another build")
        self._door, self._name, self._twin = None, "", False

    def start(self):
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind("")                         # a name of the kernel's choice, in no folder
        self._door.listen(1)
        self._door.settimeout(_WITHIN_S)
        self._name = self._door.getsockname()
        return super().start()

    def _child(self, names, arguments):
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        keep = _install(self._name, int(names["BENCH_FD"]))      # noqa: F841  a handler that is collected is a crash
        super()._child(names, arguments)

    def branch(self, channel):
        """In a fork of the bench: from now on `channel` leads to a twin of the firmware, and the first one is nobody's here."""
        self._wait_until_it_reads()
        os.kill(self.pid, _CALL)
        with self._door.accept()[0] as caller:
            ours, theirs = socket.socketpair()
            socket.send_fds(caller, [b"t"], [theirs.fileno()])
            theirs.close()
            told = caller.recv(_PID.size)
        if len(told) < _PID.size:
            raise Gone("the firmware closed the bus")
        self._socket.close()
        self._door.close()
        self.pid, self._twin, self._socket, channel.fd = _PID.unpack(told)[0], True, ours, ours.fileno()

    def leave(self):
        """In a fork of the bench whose power goes at once: the first firmware is nobody's here, and no twin is needed."""
        self._socket.close()
        self._door.close()
        self.pid = None

    def _wait_until_it_reads(self):
        until = time.monotonic() + _WITHIN_S
        while True:
            with open("/proc/%d/stat" % self.pid) as file:
                state = file.read().rpartition(")")[2].split()[0]
            if state == "S":
                return
            if state in "ZX" or time.monotonic() > until:
                raise CannotBranch("the firmware does not wait for the bench")
            os.sched_yield()

    def cut(self):
        if self.pid and self._twin:
            try:
                os.kill(self.pid, signal.SIGKILL)       # its parent, the first firmware, never waits for it: nobody has to
            except ProcessLookupError:
                pass
            self._socket.close()
            self.pid, self._twin = None, False
            return
        if self.pid:
            self._door.close()
        super().cut()


def _install(door, bus):
    """In the firmware's process: at the signal, a fork whose bus is the socket that comes through the door. Runs while the firmware sleeps in
    read(), so nothing is half done."""
    def split(_number):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(door)
            _data, fds, _flags, _from = socket.recv_fds(caller, 1, 1)
            pid = os.fork()
            if pid:
                caller.send(_PID.pack(pid))
            else:
                os.dup2(fds[0], bus)
            os.close(fds[0])
    handler = _HANDLER(split)
    libc = ctypes.CDLL(None)
    libc.signal.restype = ctypes.c_void_p
    libc.signal(int(_CALL), handler)            # glibc: what was interrupted is done again, on whatever the descriptor names by then
    return handler, libc
