# rig.py: the bench's end of the bus: one request, one reply. It moves the world to the firmware's time and answers what is true then.
# Ends by Ended (the firmware left), PowerCut (the supply failed inside an operation), PowerLost (it went by itself), Gone (it died),
# Stuck (nothing can ever happen).
#
# Little-endian. Request: op 1, unit 1, length 2, tick 4, a 4, b 4, data. Reply: status 1, edge 1, length 2, wait 4, quiet 4, ready 2, value 2, data.
# Every number stays under 30 bits, so that a 32-bit target never leaves its small integers. docs/bus.md tells each field.
import errno
import hashlib
import struct
import time

from microtill.bench.pace import Pace
from microtill.bench.targets import Gone

VERSION = 1
REQUEST, REPLY = struct.Struct("<BBHIII"), struct.Struct("<BBHIIHH")
_TICK = 0x3FFFFFFF
FOREVER = 0x1FFFFFFF
POWER_OFF = 0xFF
DARK_US = 20_000                        # in real time, how long at most nobody looks while the terminal is dark
_AHEAD_S = 0.001                        # how far the world may run ahead of the wall's clock within one operation
EDGE_LEVEL = 7                          # bit of the edge byte that carries the new level

HELLO, IDLE, NOTE, END, CLOCK, RANDOM, FUSE, MEMORY, TURN = range(1, 10)
ASK_SERVICE, ASK_MEMORY, ASK_TURNS = 1, 2, 4     # bits of the answer to HELLO
UART_OPEN, UART_WRITE, UART_READ, UART_ANY, UART_FLUSH = range(0x10, 0x15)
I2C_READ, I2C_WRITE, SPI_TRANSFER = 0x20, 0x21, 0x28
PIN_MODE, PIN_SET, PIN_GET, PIN_IRQ = range(0x30, 0x34)
ADC_READ, PWM_SET = range(0x38, 0x3A)
ADC_US = 3                              # one conversion
SOCKET_OPEN, SOCKET_SEND, SOCKET_RECV, SOCKET_CLOSE, SOCKET_STATE = range(0x50, 0x55)


class Stuck(Exception):
    """The firmware waits for ever and nothing will happen."""


class Ended(Exception):
    """The firmware said END."""


class Rig:
    """`parts` is the wired bench (bench.Bench): lines, pins, analog, i2c, spi, network, and what the board's chip itself has: seed, fuse, epoch."""

    def __init__(self, world, parts, real=False):
        self.world, self.parts, self.pace = world, parts, Pace(1 if real else None)
        parts.network.woken = self.pace.woken
        self.edges = parts.edges
        self.notes, self.trips, self.idles = [], 0, 0
        self.trace = hashlib.sha256()   # of the whole wire but sockets: TLS is never twice the same
        self.alive = lambda: True       # until(): the owner's reason to stop serving
        self.surprises = real           # people may act at any moment: nothing is promised about the time to come
        self.on_rest = None             # hook: the wall's time is about to pass, so what is seen now will be seen for a while
        self._tick, self._asked, self._held = None, 0, None
        self._moment, self._answered = 0, 0
        self.own_us = self.idle_us = self.longest_us = 0    # computed between operations; waited for in IDLE; the longest turn of the loop
        self._true_at, self._turned_at = 0, None            # when the last reply was true; world and idle time at the last turn
        self._ops = self._table()

    @property
    def real(self):
        """Does time follow the wall's clock, at whatever pace?"""
        return self.pace.speed is not None

    def _clock(self, unit, a, b, data):
        """To what the board's own clock is set at power-on: the one with the coin cell, where that one knows the time."""
        rtc = self.parts.senses.rtc
        unix = self.parts.unix_time() if rtc.osf or rtc.fault else int(rtc.time.timestamp())
        return 0, struct.pack("<II", unix & 0xFFFF, unix >> 16), 0

    def _table(self):
        p = self.parts
        return {
            HELLO: self._hello, IDLE: self._idle, NOTE: self._note, END: lambda u, a, b, d: None,
            CLOCK: self._clock,
            MEMORY: lambda u, a, b, d: p.on_memory(a, b, int.from_bytes(d, "little")),
            TURN: lambda u, a, b, d: self._turn(),
            RANDOM: lambda u, a, b, d: (0, p.random.randbytes(a), 0), FUSE: lambda u, a, b, d: (0, p.fuse, 0),
            UART_OPEN: lambda u, a, b, d: p.lines[u].open(a, b), UART_WRITE: lambda u, a, b, d: p.lines[u].from_host(d),
            UART_READ: lambda u, a, b, d: _data(p.lines[u].read(a)), UART_ANY: lambda u, a, b, d: p.lines[u].available(),
            UART_FLUSH: lambda u, a, b, d: (0, b"", p.lines[u].tx_left_us()),
            I2C_READ: self._i2c_read, I2C_WRITE: lambda u, a, b, d: (len(d), b"", p.i2c[u].write(a, d)),
            SPI_TRANSFER: self._spi,
            PIN_MODE: lambda u, a, b, d: None, PIN_SET: lambda u, a, b, d: p.pins.set(u, a),
            PIN_GET: lambda u, a, b, d: p.pins.level(u), PIN_IRQ: lambda u, a, b, d: p.pins.subscribe(u, a),
            ADC_READ: lambda u, a, b, d: (p.analog[u].read(), b"", ADC_US), PWM_SET: lambda u, a, b, d: p.pins.set_pwm(u, a, b),
            SOCKET_OPEN: lambda u, a, b, d: p.network.open(u, d.decode()), SOCKET_SEND: lambda u, a, b, d: p.network.send(u, d),
            SOCKET_RECV: lambda u, a, b, d: _data(p.network.receive(u, a)), SOCKET_CLOSE: lambda u, a, b, d: p.network.close(u),
            SOCKET_STATE: lambda u, a, b, d: p.network.state(u),
        }

    @property
    def answered_now(self):
        """How many operations were answered at this very moment of the world: what tells two acts at one moment apart."""
        return self._answered if self._moment == self.world.now else 0

    def _next(self, coming):
        """On to the next event; where people may act at any moment, to the end of all that happens at that one, as at a pace."""
        self.world.run_until(coming) if self.surprises else self.world.step()

    def power_on(self):
        """Chips forget what power kept; flash, cards in the field and the world's clock stay."""
        self.edges.clear()
        self.parts.power_on()
        self._tick = self._held = None

    def serve(self, channel):
        """Answer until `alive()` says no (then return), or until Ended, PowerCut, Gone or Stuck. A cut is not answered."""
        while self.alive():
            head, data = self._held = self._held or self._request(channel)
            op, unit, size, tick, a, b = REQUEST.unpack(head)
            while self.pace.speed == 0:         # paused: the firmware stands still in its own operation
                self._wait(None)
                if not self.alive():
                    return
            self._held = None
            self._follow(tick)
            reply = self._answer(op, unit, a, b, data)
            if op < SOCKET_OPEN:
                self.trace.update(head + data + reply)
            if op == END:
                raise Ended(unit)
            channel.write(reply)

    def _request(self, channel):
        head = channel.read(16)
        size = REQUEST.unpack(head)[2]
        return head, channel.read(size) if size else b""

    def _answer(self, op, unit, a, b, data):
        asked_us = self.world.now
        status, value, body, wait = 0, 0, b"", 0
        self.trips += 1
        try:
            got = self._ops[op](unit, a, b, data)
            if type(got) is tuple:
                value, body, wait = got
            elif got is not None:
                value = got
        except OSError as error:
            status = error.errno
        except KeyError:
            status = errno.ENODEV
        if wait:
            self._pass(asked_us + wait)
        self._true_at = self.world.now
        self._answered = self._answered + 1 if self._moment == self.world.now else 1
        self._moment = self.world.now
        edge = 0
        if self.edges and op not in (MEMORY, TURN):     # which the board's firmware knows nothing of
            source, level = self.edges.popleft()
            edge = source + 1 | level << EDGE_LEVEL
        return REPLY.pack(status, edge, len(body), self.world.now - asked_us, self._quiet(), self._ready(), value & 0xFFFF) + body

    def _quiet(self):
        """For how long nothing becomes ready unless the firmware acts; in real time people may act at once."""
        if self.surprises or self.edges:
            return 0
        coming = self.world.next_us()
        return FOREVER if coming is None else min(max(0, coming - self.world.now), FOREVER)

    def _follow(self, tick):
        """Move to the firmware's time: its ticks wrap at 30 bits, and it never computes for 17 minutes between two operations."""
        if self._tick is None:                      # first word after power came on
            self._asked = self.world.now
            self.pace.begin(self.world.now)
        else:
            elapsed = tick - self._tick & _TICK
            if elapsed > FOREVER and not self.surprises:
                raise Gone("the target's clock went back")
            self._asked += elapsed
            self.own_us += max(0, self._asked - self._true_at)
        self._tick = tick
        self._asked = max(self._asked, self.world.now)
        self.world.run_until(self._asked)

    def _pass(self, until_us):
        """Go on to that moment: an operation takes as long as its chip does, and then the wall's clock may come along."""
        self.world.run_until(max(until_us, self.world.now))
        if self.real and self.pace.speed:
            ahead_s = self.pace.seconds_until(self.world.now)
            if ahead_s > _AHEAD_S:
                time.sleep(ahead_s)

    def _wait(self, until_us):
        """Nobody does anything until that moment (None: until somebody acts): let the wall's time pass, or less of it where something
        comes from outside. The world is then where the wall is. So what happens at a pace happens in the same order as without one."""
        if self.on_rest:
            self.on_rest()
        self.pace.forgive(self.world.now)
        self.pace.resting = True
        self.parts.network.wait(None if until_us is None else self.pace.seconds_until(until_us))
        self.pace.resting = False
        self.pace.slept()
        if until_us is not None and self.pace.speed:
            self.world.run_until(max(self.world.now, min(until_us, self.pace.now_us())))

    def rest(self, until_us):
        """Time goes on while the terminal is dark: to the next event, or to that moment."""
        coming = self.world.next_us()
        if self.real:
            self._wait(min(until_us, self.world.now + DARK_US) if coming is None else min(until_us, coming))
        elif coming is None or coming > until_us:
            self.world.run_until(until_us)
        else:
            self._next(coming)

    def _ready(self):
        bits, now = self.parts.network.ready_bits() << 8, self.world.now
        for number, line in self.parts.lines.items():
            if line.readable(now):
                bits |= 1 << number
        return bits

    def _hello(self, unit, a, b, data):
        """a: the bus's version; data: the firmware's hash. The value's bit 0 asks for service: console only, no payments. Bit 1
        asks a board that can for its memory, again and again (MEMORY), bit 2 for each turn of its loop (TURN)."""
        if a != VERSION:
            raise OSError(errno.EPROTO, "bus version")
        self.parts.firmware = data.decode()
        return (ASK_SERVICE if self.parts.service else 0) | self.parts.gauges

    def _turn(self):
        """A turn of the loop begins: how long did the last one hold it, sleep left out?"""
        if self._turned_at:
            held = self.world.now - self._turned_at[0] - (self.idle_us - self._turned_at[1])
            self.longest_us = max(self.longest_us, held)
        self._turned_at = self.world.now, self.idle_us

    def _idle(self, unit, limit, interest, data):
        """To the earliest of the limit, an edge, and a level that somebody waits for."""
        self.idles += 1
        began = self.world.now
        self._sleep(began + limit, limit, interest)
        self.idle_us += self.world.now - began

    def _sleep(self, until, limit, interest):
        while not self.edges and not self._ready() & interest and self.alive():
            coming = self.world.next_us()
            if coming is None and limit == FOREVER and not self.real:
                raise Stuck
            if self.real:
                self._wait(until if coming is None else min(coming, until))
                self.parts.network.poll()
                if self.world.now >= until:
                    break
            elif coming is None or coming > until:
                self.world.run_until(until)
                break
            else:
                self._next(coming)

    def _note(self, unit, a, b, data):
        """Whoever listens may answer with bytes."""
        self.notes.append(data.decode(errors="replace"))
        answer = self.parts.on_note(self.notes[-1])
        return _data(answer[:a]) if answer else None

    def _i2c_read(self, unit, a, size, data):
        got, took = self.parts.i2c[unit].read(a & 0x7F, a >> 16 if a & 0x100 else None, size)
        return size, got, took

    def _spi(self, unit, size, b, data):
        got, took = self.parts.spi[unit].transfer(data + b"\x00" * (size - len(data)))
        return size, got if size else b"", took


def _data(got):
    return len(got), got, 0
