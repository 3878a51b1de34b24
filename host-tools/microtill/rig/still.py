# still.py: makes the emulated clock stand still for a while, by QEMU's machine protocol (QMP: "stop", "cont"). Fails with Gone.
import json
import select

from microtill.bench.targets import Gone
from microtill.rig.gpio import connected


class Still:
    """`path`: the QMP socket of an emulator that has not begun (-S); `go` begins it. A CPU that waits in the bus keeps QEMU from hearing us, so
    whoever waits here goes on serving it: `serve()`, while one of `bus` is ready."""

    def __init__(self, path):
        self._socket, self._heard = connected(path), b""
        self._socket.setblocking(True)
        self._ask("qmp_capabilities")
        while not self._answered():
            pass

    def _ask(self, what):
        try:
            self._socket.sendall(json.dumps({"execute": what}).encode() + b"\n")
        except OSError:
            raise Gone("the emulator has gone") from None

    def _answered(self):
        """Take what has come; is the answer among it? Its greeting and its events are not."""
        try:
            more = self._socket.recv(65536)
        except OSError:
            more = b""
        if not more:
            raise Gone("the emulator has gone")
        *lines, self._heard = (self._heard + more).split(b"\n")
        return any("return" in json.loads(line) for line in lines if line.strip())

    def _done(self, bus, serve):
        while True:
            ready, _, _ = select.select([self._socket, *bus], [], [])
            if self._socket in ready and self._answered():
                return
            if any(fd in ready for fd in bus):
                serve()

    def go(self, bus, serve):
        self._ask("cont")
        self._done(bus, serve)

    def during(self, act, bus, serve):
        """Call `act()` while no time passes for the emulated CPU."""
        self._ask("stop")
        self._done(bus, serve)
        try:
            act()
        finally:
            self.go(bus, serve)

    def close(self):
        self._socket.close()
