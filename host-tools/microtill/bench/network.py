# network.py: TCP as the terminal sees it: connections to the bench's bank in world time, or to a real host. It can be off, slow or cut.
# A name that leads nowhere, a host that is off and a cut line look to the firmware just as on a real network: nothing, or a closed socket.
import errno
import random
import select
import socket

CONNECTING, CONNECTED, CLOSED = 0, 1, 2
CONNECT_US, LATENCY_US, RESEND_US = 30_000, 15_000, 1_000_000
TO_HOST, TO_TERMINAL = "to_host", "to_terminal"


class Link:
    """One socket of the terminal: what has arrived for it, how the connection stands, and by which way it goes (an index, None: nowhere)."""

    def __init__(self, way=None):
        self.way = way
        self.state, self.inbox = CONNECTING, bytearray()
        self.session = self.real = None
        self.arrives = {TO_HOST: 0, TO_TERMINAL: 0}     # when the last burst so far does
        self.changed = False            # the state moved since the terminal last looked
        self.torn = False               # cut in a burst: nothing passes any more, and the end is near


class Network:
    """`bank`: a tls.TlsBank at each of `addresses` ("host:port"), a way of its own to each; or None. `reach` maps names to real (host, port)s.

    `slow_us`: how much later every burst comes; `lossy`: a fifth of them only after TCP has sent them again.
    Faults: `off` (nothing connects, nothing passes), `down` (the same for these ways alone), `refuse` (the host's port is shut),
    `cut_at` = (direction, n) or (direction, n, bytes): the line breaks in the n-th burst after the handshake that way, and only its first bytes
    (none) arrive. `bursts` counts them, and `on_burst(direction, n, size)` hears of each."""

    def __init__(self, world, bank=None, addresses=(), reach=None):
        self.world, self.bank, self.addresses, self.reach = world, bank, addresses, reach or {}
        self.off = self.refuse = False
        self.down = set()
        self.cut_at, self.on_burst, self.woken = None, None, None
        self.slow_us, self.lossy, self._random = 0, False, random.Random(7)
        self.links = {}
        self.reset_counts()

    def reset_counts(self):
        self.bursts = {TO_HOST: 0, TO_TERMINAL: 0}

    def power_on(self):
        for link in self.links.values():
            self._drop(link)
        self.links = {}

    def _drop(self, link):
        if link.real:
            link.real.close()
            link.real = None
        if link.session:
            link.session.close()

    def fall(self, way=None):
        """The line breaks: what is connected (by this way) ends now, and nothing connects until `off` is taken back (`down`, for one way)."""
        if way is None:
            self.off = True
        else:
            self.down.add(way)
        self.hang_up(way)

    def hang_up(self, way=None):
        """Whoever is at the other end closes what is connected, by this way or by all."""
        for link in self.links.values():
            if link.state != CLOSED and way in (None, link.way):
                self._drop(link)
                self._move(link, CLOSED)

    # what the firmware does
    def open(self, number, where):
        if number in self.links:
            self._drop(self.links[number])
        link = self.links[number] = Link(self.addresses.index(where) if where in self.addresses else None)
        if where in self.reach:
            self._dial(link, self.reach[where])
        else:
            self.world.after(CONNECT_US, self._connected, link)

    def _connected(self, link):
        if self._dead(link) or link.state != CONNECTING:
            return                      # silence: the terminal's own deadline ends the wait
        if self.refuse or self.bank is None or not self.bank.up or link.way is None:
            return self._move(link, CLOSED)
        link.session = self.bank.open()
        self._move(link, CONNECTED)

    def _dead(self, link):
        """Does nothing pass by its way?"""
        return self.off or link.way in self.down

    def _dial(self, link, address):
        link.real = socket.socket()
        link.real.setblocking(False)
        got = link.real.connect_ex(address)
        if got not in (0, errno.EINPROGRESS):
            self._move(link, CLOSED)

    def _move(self, link, state):
        link.state, link.changed = state, True

    def _link(self, number):
        if number not in self.links:
            raise OSError(errno.EBADF, "no such socket")
        return self.links[number]

    def state(self, number):
        link = self._link(number)
        self._poll_one(link)
        link.changed = False
        return link.state

    def send(self, number, data):
        link = self._link(number)
        if link.state != CONNECTED:
            raise OSError(errno.ECONNRESET, "not connected")
        if link.real:
            try:
                return link.real.send(data)
            except OSError:
                self._move(link, CLOSED)
                raise OSError(errno.ECONNRESET, "reset") from None
        passing = self._passing(link, TO_HOST, data)
        if passing:
            self._later(link, TO_HOST, self._at_host, link, passing)
        return len(data)

    def _later(self, link, direction, act, *args):
        """At the other end, after the line's delay; what was sent first arrives first."""
        late_us = LATENCY_US + self.slow_us + (RESEND_US if self.lossy and self._random.random() < 0.2 else 0)
        when = link.arrives[direction] = max(self.world.now + late_us, link.arrives[direction])
        self.world.at(when, act, *args)

    def _passing(self, link, direction, data):
        """What of this burst passes: all of it, or nothing where the line is off, or its first bytes where it is cut in this very burst."""
        if self._dead(link) or link.torn or link.state == CLOSED:
            return b""
        if getattr(link, "secured", False):
            self.bursts[direction] += 1
            if self.on_burst:
                self.on_burst(direction, self.bursts[direction], len(data))
            if self.cut_at and self.cut_at[:2] == (direction, self.bursts[direction]):
                data, link.torn, self.cut_at = data[:self.cut_at[2] if len(self.cut_at) > 2 else 0], True, None
                self.world.after(0, self._later, link, direction, self._ended, link)    # after what passes has been put on its way
        return data

    def _ended(self, link):
        """A line that was cut is closed for both, once what had passed has arrived."""
        link.session.close()
        self._move(link, CLOSED)

    def _at_host(self, link, data):
        if link.session is None or link.session.closed:
            return self._move(link, CLOSED)
        now, later = link.session.take(data)
        if now:
            self._to_terminal(link, now)
        if link.session.closed:
            self._later(link, TO_TERMINAL, self._move, link, CLOSED)
        for delay_us, message in later:
            link.secured = True
            self.world.after(delay_us, self._say, link, message)
        if not later and not now:
            link.secured = True

    def _say(self, link, message):
        self._to_terminal(link, link.session.say(message))

    def _to_terminal(self, link, data):
        passing = self._passing(link, TO_TERMINAL, data) if data else b""
        if passing:
            self._later(link, TO_TERMINAL, link.inbox.extend, passing)

    def receive(self, number, size):
        link = self._link(number)
        self._poll_one(link)
        data = bytes(link.inbox[:size])
        del link.inbox[:size]
        return data

    def close(self, number):
        self._drop(self._link(number))
        del self.links[number]

    def ready_bits(self):
        bits = 0
        for number, link in self.links.items():
            if link.inbox or link.changed:
                bits |= 1 << number
        return bits

    # real sockets
    def foreign(self):
        """True while a real host is on the other end of a socket: then time outside matters."""
        return any(link.real for link in self.links.values())

    def poll(self):
        for link in self.links.values():
            self._poll_one(link)

    def _poll_one(self, link):
        if link.real is None or link.state == CLOSED:
            return
        readable, writable, _ = select.select([link.real], [link.real] if link.state == CONNECTING else [], [], 0)
        if writable and link.state == CONNECTING:
            failed = link.real.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            self._move(link, CLOSED if failed else CONNECTED)
        if readable and link.state == CONNECTED:
            try:
                data = link.real.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            if data:
                link.inbox += data
            else:
                self._move(link, CLOSED)

    def wait(self, seconds):
        """Let real time pass (None: until something happens), or less of it where a real socket has something to say, or somebody woke us."""
        sockets = [link.real for link in self.links.values() if link.real and link.state != CLOSED] + ([self.woken] if self.woken else [])
        select.select(sockets, [], [], seconds)
