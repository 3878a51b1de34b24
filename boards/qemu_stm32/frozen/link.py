# link.py (qemu-stm32): the bus on two files of the host; the emulated CPU owns time, and the bench follows its ticks. A bench that has gone
# ends the emulator.
import bench
import umachine
import utime
from fingerprint import development, firmware_hash  # noqa: F401 (written when the firmware is built)

_WRITE, _READ = 5, 1
images = ""                     # it takes no application images: its modules are linked into the firmware
_EPOCH = 946684800              # Unix time of this port's epoch, 2000-01-01
trade, turn = bench.trade, bench.turn     # a turn of the loop costs what its instructions cost
now_us = ticks_us = utime.ticks_us
ticks_ms, ticks_add = utime.ticks_ms, utime.ticks_add
diff = ticks_diff = utime.ticks_diff
time, time_ns = utime.time, utime.time_ns
_in = -1


def begin():
    global _in
    _in = bench.open("rsp", _READ)
    bench.bus(bench.open("req", _WRITE), _in)


def power_off():
    while True:
        bench.readinto(_in, bytearray(1))       # the bench ends us here


def leave(status):
    bench.exit(status)


def start_clock(unix_seconds):
    umachine.set_epoch(unix_seconds - _EPOCH)
