# wifi.py: the chip's own network: a connection that is being made while others run. TLS goes over it elsewhere (till/acquirer/link).
# A network that cannot be joined, or a host that does not answer, is a socket that is CLOSED, with a word in `failed`; it never waits by itself,
# but for a name server: a host's name holds everything up until it is known.
import io
import select
import socket

import network

CONNECTING, CONNECTED, CLOSED = 0, 1, 2
_POLL_IN, _POLL_OUT, _POLL_BAD = 1, 4, 8 | 16
_WLAN = network.WLAN(network.WLAN.IF_STA)
_BAD = (network.STAT_WRONG_PASSWORD, network.STAT_NO_AP_FOUND, network.STAT_ASSOC_FAIL, network.STAT_BEACON_TIMEOUT)


_keys = None                            # (name, password) of the network that is wanted


def join(name, password):
    """The network to join when it is needed; the one before it is left."""
    global _keys
    if _keys and _keys != (name, password) and _WLAN.isconnected():
        _WLAN.disconnect()
    _keys = (name, password) if name else None


def radio_on():
    if not _WLAN.active():
        _WLAN.active(True)


class Socket(io.IOBase):
    """One TCP connection, over the network that join() was told of where none is joined."""

    def __init__(self, host, port):
        self.failed, self._state, self._to, self._raw = None, CONNECTING, (host, port), None
        self._poll = select.poll()
        radio_on()
        if not _WLAN.isconnected():
            self._join()

    def _join(self):
        if _keys is None:
            self._end("not_joined")
        elif _WLAN.status() != network.STAT_CONNECTING:
            _WLAN.disconnect()
            _WLAN.connect(*_keys)

    def _end(self, why):
        self.failed = self.failed or why
        self._state = CLOSED
        if self._raw is not None:
            self._poll.unregister(self._raw)
            self._raw.close()
            self._raw = None

    def _step(self):
        """One step towards a connection, as far as it goes without a wait."""
        if self._raw is None:
            if not _WLAN.isconnected():
                if _WLAN.status() in _BAD:
                    self._end("not_joined")
                return
            self._dial()
        for _, events in self._poll.ipoll(0):
            if events & _POLL_BAD:
                self._end("refused")
            elif events & _POLL_OUT:
                self._state = CONNECTED
                self._poll.modify(self._raw, _POLL_IN)
            return

    def _dial(self):
        try:
            address = socket.getaddrinfo(self._to[0], self._to[1], 0, socket.SOCK_STREAM)[0][-1]
            self._raw = socket.socket()
            self._raw.setblocking(False)
            self._poll.register(self._raw, _POLL_OUT)
            self._raw.connect(address)
        except OSError as error:
            if error.errno not in (115, 119):           # EINPROGRESS, by both of the libraries that this chip was built with
                self._end("refused")

    def state(self):
        if self._state == CONNECTING:
            self._step()
        return self._state

    def readinto(self, buf, size=-1):
        """Bytes put into `buf`, None for not yet, 0 for the end."""
        if self._state != CONNECTED or self._raw is None:
            return 0 if self._state == CLOSED else None
        try:
            got = self._raw.readinto(buf)
        except OSError:
            got = 0
        if got == 0:
            self._end("dropped")
        return got

    def write(self, data):
        """How many bytes were taken, None for none now. Raises OSError where it is not connected."""
        if self._raw is None:
            raise OSError(104)
        return self._raw.write(data)

    def ioctl(self, request, flags):
        if request == 4:
            self.close()
            return 0
        if request != 3:
            return -1
        if self.state() != CONNECTED:
            return flags & _POLL_IN if self._state == CLOSED else 0
        ready = flags & _POLL_OUT
        for _, events in self._poll.ipoll(0):
            ready |= flags & _POLL_IN if events & (_POLL_IN | _POLL_BAD) else 0
        return ready

    def close(self):
        self._end(None)
