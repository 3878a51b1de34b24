# select.py: poll() over bench objects and Python streams. Replaces the built-in for the frozen asyncio too.
# A wait is the bus's IDLE. A stream is anything with ioctl(3, events); bench streams also carry `bus_bit`.
import bus
import link

POLLIN, POLLOUT, POLLERR, POLLHUP = 1, 4, 8, 16


class Poll:
    def __init__(self):
        self._streams = []      # lists, in order of registration: a dict by id() would order by address, so differ by run
        self._events, self._ioctl, self._bits = [], [], []      # of each: what is asked, how to ask, its level bit on the bus

    def register(self, stream, events=POLLIN | POLLOUT):
        if stream in self._streams:
            return self.modify(stream, events)
        self._streams.append(stream)
        self._events.append(events)
        self._ioctl.append(stream.ioctl)
        self._bits.append(getattr(stream, "bus_bit", 0))
        bus.ask_again()         # its level is not known yet

    def modify(self, stream, events):
        self._events[self._streams.index(stream)] = events
        bus.ask_again()

    def unregister(self, stream):
        at = self._streams.index(stream)
        for column in (self._streams, self._events, self._ioctl, self._bits):
            column.pop(at)

    def _scan(self):
        hits, at = (), 0
        for ask in self._ioctl:
            got = ask(3, self._events[at])
            if got:
                hits += ((self._streams[at], got),)
            at += 1
        return hits

    def _interest(self):
        bits, at = 0, 0
        for bit in self._bits:
            if self._events[at] & POLLIN:
                bits |= bit
            at += 1
        return bits

    def ipoll(self, timeout_ms=-1, flags=0):
        """Ready (stream, events) pairs. With a timeout it may come back early and empty; without one, never empty:
        asyncio pops its queue after an endless poll and would fail on an empty one."""
        link.turn()
        hits = self._scan()
        if hits or (timeout_ms == 0 and bus.quiet()):
            return hits
        while True:
            bus.idle(bus.FOREVER if timeout_ms < 0 else min(timeout_ms, bus.FOREVER // 1000) * 1000, self._interest())
            hits = self._scan()
            if hits or timeout_ms >= 0:
                return hits

    def poll(self, timeout_ms=-1, flags=0):
        return list(self.ipoll(timeout_ms, flags))


def poll():
    return Poll()
