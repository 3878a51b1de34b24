# pod.py (pod): a second board that plays chips at a terminal's wires, under the orders of a bench at its USB serial port: I2C chips, contacts,
# levels. Orders and answers are JSON in the frames of the admin line (frame.py), what the terminal did comes as short events; docs/rig.md.
# Two Ctrl-C between frames bring the prompt back. A wrong order is answered with a word; nothing that it says ends the pod.
import asyncio
import json
import select
import sys
import time

import machine
import micropython
from machine import Pin

from frame import ANSWER, EVENT, REQUEST, START, encode, take
from i2c_chip import Chip

VERSION = 1
_MOST = 1024                        # bytes of an order
_LATE_MS = 500                      # a frame whose rest does not come is forgotten
_HERTZ = 50_000                     # of a level: far above what 10 kOhm and 100 nF let through
_STOP = 3                           # Ctrl-C
_MODES = {"in": Pin.IN, "out": Pin.OUT, "drain": Pin.OPEN_DRAIN}


class Refused(Exception):
    """args[0]: the word of the answer."""


class Pod:
    """`send(kind, payload)` writes a frame. `answer(order)` does one; `events()` sends what the terminal did; `news` tells that there is some."""

    def __init__(self, send):
        self._send, self.news, self._last = send, asyncio.ThreadSafeFlag(), (None, b"")
        self._chips, self._pins, self._waves, self._edges, self._watched = {}, {}, {}, [], []
        self._orders = {"hello": self._hello, "chip": self._chip, "answers": self._answers, "pin": self._pin, "set": self._set, "get": self._get,
                        "watch": self._watch, "level": self._level, "pulse": self._pulse, "rest": self.rest}

    def answer(self, payload):
        """The answer to one order, as bytes; the order's `id` comes back with it. One that is told again is answered again, and not done again."""
        number = None
        try:
            order = json.loads(payload)
            number = order.pop("id", None)
            if number is not None and number == self._last[0]:
                return self._last[1]
            said = self._orders[order.pop("op")](**order) or {}
            said["ok"] = True
        except Refused as refused:
            said = {"ok": False, "word": refused.args[0]}
        except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
            said = {"ok": False, "word": "%s %s" % (type(error).__name__, error)}
        said["id"] = number
        self._last = number, json.dumps(said).encode()
        return self._last[1]

    def events(self):
        for bus in self._chips:
            chip = self._chips[bus]
            record = chip.fetch()
            while record is not None:
                self._send(EVENT, bytes((record[0], bus)) + memoryview(record)[1:])
                record = chip.fetch()
            if chip.lost:
                self._send(EVENT, bytes((0x4C, bus, min(chip.lost, 255))))      # L
                chip.lost = 0
        while self._edges:
            number = self._edges.pop(0)
            self._send(EVENT, bytes((0x45, number, self._watched[number].value())))     # E

    # orders

    def _hello(self):
        return {"pod": VERSION, "machine": sys.implementation._machine, "i2c": hasattr(machine, "I2CTarget")}

    def _chip(self, bus, address, scl=None, sda=None, pointed=True):
        """A chip at this address of the board's I2C peripheral `bus`; one a peripheral."""
        if not hasattr(machine, "I2CTarget"):
            raise Refused("no machine.I2CTarget: it wants MicroPython 1.26 or newer, on a port that has it")
        if bus in self._chips:
            self._chips.pop(bus).close()
        where = {} if scl is None else {"scl": Pin(scl), "sda": Pin(sda)}
        self._chips[bus] = Chip(machine.I2CTarget(bus, address, **where), pointed, self.news.set)

    def _answers(self, bus, answers):
        """`answers`: {register: hex}."""
        for register in answers:
            self._chips[bus].answer(int(register), bytes.fromhex(answers[register]))

    def _pin(self, pin, mode, level=None, up=False):
        self._pins[pin] = Pin(pin, _MODES[mode], Pin.PULL_UP if up else None, value=level)

    def _set(self, levels):
        """`levels`: [[pin, level], ...], in this order."""
        for pin, level in levels:
            self._pins[pin].value(level)

    def _get(self, pin):
        return {"level": self._pins[pin].value()}

    def _watch(self, pin):
        """Tell of each edge, by the number that is answered."""
        number, one = len(self._watched), self._pins[pin]
        self._watched.append(one)

        def moved(_):
            self._edges.append(number)
            self.news.set()
        one.irq(moved, Pin.IRQ_RISING | Pin.IRQ_FALLING)
        return {"number": number, "level": one.value()}

    def _level(self, pin, u16):
        """A voltage, 0 to 65535 of the supply: by a DAC where the pin has one, else by a PWM and the filter behind it."""
        if pin not in self._waves and hasattr(machine, "DAC"):
            try:
                self._waves[pin] = machine.DAC(Pin(pin))
            except ValueError:
                pass                            # another pin
        wave = self._waves.get(pin)
        if wave is None:
            self._waves[pin] = machine.PWM(Pin(pin), freq=_HERTZ, duty_u16=u16)
        elif hasattr(wave, "duty_u16"):
            wave.duty_u16(u16)
        else:
            wave.write(u16 >> 8)

    def _pulse(self, pin, hertz):
        """A square wave, such as a tachometer's; 0: none."""
        if pin in self._waves:
            self._waves.pop(pin).deinit()
        if hertz:
            self._waves[pin] = machine.PWM(Pin(pin), freq=hertz, duty_u16=32768)

    def rest(self):
        """Let go of every wire."""
        for chip in self._chips.values():
            chip.close()
        for wave in self._waves.values():
            if hasattr(wave, "deinit"):
                wave.deinit()
        for one in self._watched:
            one.irq(None)
        for pin in self._pins:
            Pin(pin, Pin.IN)
        self._chips, self._pins, self._waves, self._edges, self._watched = {}, {}, {}, [], []


def _say(kind, payload):
    sys.stdout.buffer.write(encode(kind, payload))


async def _listen(pod):
    """Orders, one after the other. Ends where the prompt is wanted."""
    reader, ready = asyncio.StreamReader(sys.stdin.buffer), select.poll()
    ready.register(sys.stdin, select.POLLIN)
    buf, have, stops, last = bytearray(_MOST), 0, 0, time.ticks_ms()
    while True:
        came = await reader.read(1)
        if not came:
            return                              # the line has gone
        byte, now = came[0], time.ticks_ms()
        if have and time.ticks_diff(now, last) > _LATE_MS or have == len(buf):
            have = 0
        last = now
        if have == 0 and byte != START:
            stops = stops + 1 if byte == _STOP else 0
            if stops == 2:
                return
            continue
        buf[have] = byte
        have += 1
        if ready.poll(0):
            continue                            # more is here already
        kind, start, end, used = take(buf, have)
        while kind is not None:
            if kind == REQUEST:
                _say(ANSWER, pod.answer(bytes(buf[start:end])))
            have -= used
            buf[:have] = buf[used:used + have]
            kind, start, end, used = take(buf, have)
        have -= used
        buf[:have] = buf[used:used + have]


async def _tell(pod):
    while True:
        await pod.news.wait()
        pod.events()


async def _serve():
    pod = Pod(_say)
    telling = asyncio.create_task(_tell(pod))
    try:
        await _listen(pod)
    finally:
        telling.cancel()
        pod.rest()


def run():
    """Until the prompt is wanted."""
    micropython.kbd_intr(-1)
    try:
        asyncio.run(_serve())
    finally:
        micropython.kbd_intr(3)
