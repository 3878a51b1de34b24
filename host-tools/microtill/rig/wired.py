# wired.py: the emulated STM32 with reader, printer, modem and keypad on its real USARTs and pins, in real time, so that the port's own drivers
# run too; everything else stays on the bus. The chips are the same models. Fails as qemu.py does.
#
# Three clocks meet: the wall's, the world's (which follows it) and the emulated CPU's, which waits in its own time (HELLO's bit 3): a CPU that
# waited in the bench would hear none of its lines. What takes our Python long (a receipt, reading the display) is done while the CPU's clock
# stands still, or chips would answer too late meanwhile. Nothing repeats to the byte here; the bus alone does that.
import runpy
import select
import time
from collections import deque

from microtill.bench.chips.pty import Host, Pty
from microtill.bench.firmware import ROOT
from microtill.bench.qemu import Qemu
from microtill.bench.rig import END, REQUEST, Ended, Rig
from microtill.rig.gpio import KeypadPins
from microtill.rig.still import Still

PINS = runpy.run_path(str(ROOT / "boards" / "qemu_stm32" / "frozen" / "wired_pins.py"))
OWN_TIME = 8                            # bit of the answer to HELLO: wait by yourself, IDLE only looks
SETTLED = 0x34                          # do the keypad's columns follow its rows?
_LOOK_S = 0.02                          # how long at most nobody looks
_SLOW_S = 0.002                         # an act that took so long once is done while the clock stands still
_NAMES = ("READER", "PRINTER", "MODEM")
_FIRST_USART = 2                        # the first that is not the prompt's


class WiredQemu(Qemu):
    """`ends`: a pseudo-terminal for each USART that a chip hangs on, by its name, new in each life. `parts`: the numbers of their lines on the
    bench, by name."""

    def __init__(self, board, image=None):
        super().__init__(image, clock=None)
        self.parts, self.ends = {name: getattr(board, name + "_UART") for name in _NAMES}, {}
        self.pins_socket, self.clock_socket = str(self.folder / "pins"), str(self.folder / "clock")
        (self.folder / "wired").touch()

    def start(self):
        self.ends = {name: Pty(str(self.folder / name)) for name in self.parts}
        self.options = ["-S", "-accel", "tcg", "-qtest", "unix:%s,server=on,wait=off" % self.pins_socket,
                        "-qmp", "unix:%s,server=on,wait=off" % self.clock_socket]
        at = {PINS[name + "_UART"]: name for name in self.ends}
        for usart in range(_FIRST_USART, max(at) + 1):
            name = at.get(usart)
            if name:
                self.options += ["-chardev", "serial,id=%s,path=%s" % (name, self.folder / name)]
            self.options += ["-serial", "chardev:" + name if name else "null"]
        return super().start()

    def cut(self):
        super().cut()
        for end in self.ends.values():
            end.close()
        self.ends = {}


class WiredRig(Rig):
    """Serves the bus, the lines and the pins of one WiredQemu, each as something comes."""

    def __init__(self, world, parts, real=True):
        super().__init__(world, parts, real=True)
        self._channel, self._hosts, self._pins, self._still, self._slow, self._come = None, [], None, None, set(), b""
        self._ops[SETTLED] = lambda unit, a, b, data: int(self._pins.settled())

    def _join(self, channel):
        """A new life: its lines, its pins and its clock."""
        target = self.parts.target
        self._hosts = []
        for name, number in target.parts.items():
            line = self.parts.lines[number]
            line.edges = deque(maxlen=0)                # the chip's own interrupt tells the firmware
            self._hosts.append(Host(self.world, line.chip, target.ends[name], line=line))
        self._leave()
        self._pins = KeypadPins(target.pins_socket, self.parts.keypad, PINS["KEYPAD_ROWS"], PINS["KEYPAD_COLUMNS"])
        self._still = Still(target.clock_socket)
        self.pace.begin(self.world.now)
        self._channel, self._come = channel, b""
        self._still.go(channel.fds, self._heard)

    def _leave(self):
        for end in (self._pins, self._still):
            if end:
                end.close()

    def serve(self, channel):
        if channel is not self._channel:
            self._join(channel)
        ends = [host.end for host in self._hosts]
        while self.alive():
            coming = self.world.next_us()
            wait_s = _LOOK_S if coming is None else min(_LOOK_S, self.pace.seconds_until(coming))
            heard = [*channel.fds, self._pins, *ends]
            select.select(heard, [], [], wait_s)
            self._to_now()
            ready, _, _ = select.select(heard, [], [], 0)
            for host in self._hosts:
                host.pass_on(host.end in ready)
            self._pins.take()
            self.parts.network.poll()
            if any(fd in ready for fd in channel.fds):
                self._heard()
            if any(end.unread() for end in ends):
                self._pins.nudge()

    def _to_now(self):
        """The world on to where the wall is."""
        while (coming := self.world.next_us()) is not None and coming <= self.pace.now_us():
            act, began = self.world.next_act(), time.monotonic()
            if act in self._slow:
                self._still.during(self.world.step, self._channel.fds, self._heard)
                self.pace.begin(self.world.now)
                continue
            self.world.step()
            if time.monotonic() - began > _SLOW_S:
                self._slow.add(act)
        self.world.run_until(max(self.world.now, self.pace.now_us()))

    def _heard(self):
        """Something has come on the bus. A request is answered once it is whole: the CPU may stand still in the middle of one."""
        self._come += self._channel.some()
        if len(self._come) < REQUEST.size:
            return
        op, unit, size, _, a, b = REQUEST.unpack_from(self._come)
        if len(self._come) < REQUEST.size + size:
            return
        data, self._come = self._come[REQUEST.size:], b""
        reply = self._answer(op, unit, a, b, data)
        if op == END:
            raise Ended(unit)
        self._channel.write(reply)

    def _hello(self, unit, a, b, data):
        return super()._hello(unit, a, b, data) | OWN_TIME

    def _idle(self, unit, limit, interest, data):
        """The target has waited already: what is true now?"""

    def _pass(self, until_us):
        """The reply says how long the operation takes; the target lets that time pass by itself."""
        self.world.run_until(max(until_us, self.world.now))
