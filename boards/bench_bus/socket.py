# socket.py: TCP over the bench's network, in the shape that firmware on a board uses: open, then readinto and write as it can take them.
# Fails with OSError: ECONNRESET when the other side has gone. Four sockets at most, as on a small modem.
import io
import bus

CONNECTING, CONNECTED, CLOSED = 0, 1, 2
_MOST = 4
_taken = [False] * _MOST


class Socket(io.IOBase):
    """A connection being made; `state()` says how far it is."""

    def __init__(self, host, port):
        self.number = _taken.index(False)
        self.bus_bit = 0x100 << self.number
        bus.call(bus.SOCKET_OPEN, self.number, out=("%s:%d" % (host, port)).encode())
        _taken[self.number] = self._open = True

    def state(self):
        return bus.call(bus.SOCKET_STATE, self.number)

    def readinto(self, buf, size=-1):
        """Bytes put into `buf`, None for not yet, 0 for the end."""
        got = bus.call(bus.SOCKET_RECV, self.number, len(buf), into=buf)
        if got:
            return got
        return None if self.state() != CLOSED else 0

    def write(self, data):
        return bus.call(bus.SOCKET_SEND, self.number, out=data)

    def ioctl(self, request, flags):
        if request == 3:
            return (flags & 1 if bus.ready & self.bus_bit else 0) | flags & 4
        if request == 4:
            self.close()
            return 0
        return -1

    def close(self):
        """Once: a TLS object that is collected late closes its socket again, and the number may be another's by then."""
        if self._open:
            _taken[self.number] = self._open = False
            bus.call(bus.SOCKET_CLOSE, self.number)
