# link.py (sim): the bus on an inherited socket; the bench owns time, stepped or real, and this clock only follows it.
# Ends the process where the bench has gone.
import os
import sys
from struct import pack_into

_FIRST_MS = 1 << 50         # ahead of every real tick: asyncio's C core stamps some wake-ups with the real one, and those run at once
_TURN_US = 20               # a turn of the loop costs something, so that a task that spins still lets time pass
_now = _FIRST_MS * 1000
_unix = 0
_io = open(int(os.getenv("BENCH_FD")), "r+b")     # kept: a collected file object would close the bus
_request, _reply = bytearray(16), bytearray(16)
firmware_hash = os.getenv("FIRMWARE_HASH").encode()
development = True          # a prompt and a compiler are in it
images = "microtill/sim"    # class of the signed application images that it takes; "": none


def begin():
    """The bus is open from the start."""


def trade(said, op, unit, a, b, out, into):
    """One operation of the bus. Leaves [status, edge, level bits, quiet us] in `said`, returns the reply's value.
    A read that fills `into` allocates nothing."""
    global _now
    pack_into("<BBHIII", _request, 0, op, unit, len(out) if out else 0, _now & 0x3FFFFFFF, a, b)
    _io.write(_request)
    if out:
        _io.write(out)
    r = _reply
    if _io.readinto(r) != 16:
        sys.exit(3)                               # the bench has gone
    size = r[2] | r[3] << 8
    if size:
        _io.readinto(into if size == len(into) else memoryview(into)[:size])
    _now += r[4] | r[5] << 8 | r[6] << 16 | r[7] << 24
    said[0] = r[0]
    said[1] = r[1]
    said[2] = r[12] | r[13] << 8
    said[3] = r[8] | r[9] << 8 | r[10] << 16 | r[11] << 24
    return r[14] | r[15] << 8


def now_us():
    return _now


def diff(a, b):
    return a - b


def turn():
    global _now
    _now += _TURN_US


def power_off():
    while True:
        _io.read(1)             # the bench kills us here


def leave(status):
    sys.exit(status)


def start_clock(unix_seconds):
    global _unix
    _unix = unix_seconds - _now // 1_000_000


ticks_us = now_us
ticks_diff = diff


def ticks_ms():
    return _now // 1000


def ticks_add(tick, delta):
    return tick + delta


def time():
    return _unix + _now // 1_000_000


def time_ns():
    return time() * 1_000_000_000
