# machine.py: stands in for a pod's own: I2C targets, pins and waves at the end of a cable (cable.py) instead of copper. What the documentation of
# machine.I2CTarget promises, and no more: a hard handler, one byte at a time, flags() of what happened.
import asyncio
import os

_cable = open(int(os.getenv("CABLE_FD")), "r+b")
_targets, _watched = {}, {}


def _say(*words):
    _cable.write((" ".join(str(word) for word in words) + "\n").encode())


async def _listen():
    reader = asyncio.StreamReader(_cable)
    while True:
        words = (await reader.readline()).decode().split()
        if not words:
            return
        if words[0] == "write":
            _targets[int(words[1])].written(bytes.fromhex(words[2]))
            _say("ok")
        elif words[0] == "read":
            _say("data", _targets[int(words[1])].asked(int(words[2])).hex())
        elif words[0] == "pin":
            Pin.levels[words[1]] = int(words[2])
            if words[1] in _watched:
                _watched[words[1]]()


class I2CTarget:
    IRQ_READ_REQ, IRQ_WRITE_REQ, IRQ_END_READ, IRQ_END_WRITE = 4, 8, 16, 32
    listening = None

    def __init__(self, bus, addr, scl=None, sda=None):
        self._bus, self._handler, self._flags, self._in, self._out = bus, None, 0, [], b""
        _targets[bus] = self
        _say("target", bus, addr)
        if I2CTarget.listening is None:
            I2CTarget.listening = asyncio.create_task(_listen())

    def irq(self, handler=None, trigger=48, hard=False):
        if handler is not None:
            if trigger & 12 and not hard:
                raise ValueError("requests want a hard handler")
            self._handler = handler
        return self

    def flags(self):
        return self._flags

    def _event(self, flags):
        self._flags = flags
        self._handler(self)

    def readinto(self, buf):
        if not self._in:
            return 0
        buf[0] = self._in.pop(0)
        return 1

    def write(self, buf):
        self._out += bytes(buf[:1])
        return 1

    def written(self, data):
        for byte in data:
            self._in.append(byte)
            self._event(self.IRQ_WRITE_REQ)
        self._event(self.IRQ_END_WRITE)

    def asked(self, size):
        self._out = b""
        while len(self._out) < size:
            self._event(self.IRQ_READ_REQ)
        self._event(self.IRQ_END_READ)
        return self._out

    def deinit(self):
        _targets.pop(self._bus, None)
        _say("gone", self._bus)


class Pin:
    IN, OUT, OPEN_DRAIN, PULL_UP, IRQ_RISING, IRQ_FALLING = 0, 1, 3, 1, 1, 2
    levels = {}

    def __init__(self, name, mode=-1, pull=None, value=None):
        self.name = str(name)
        if value is not None:
            self.value(value)

    def value(self, level=None):
        if level is None:
            return self.levels.get(self.name, 1)
        self.levels[self.name] = level
        _say("pin", self.name, level)

    def irq(self, handler=None, trigger=3):
        _watched[self.name] = (lambda: handler(self)) if handler else (lambda: None)


class PWM:
    def __init__(self, pin, freq, duty_u16):
        self._name, self._hertz = pin.name, freq
        self.duty_u16(duty_u16)

    def duty_u16(self, duty):
        _say("wave", self._name, self._hertz, duty)

    def deinit(self):
        _say("wave", self._name, 0, 0)
