# time.py: the terminal's clock. A sleep is IDLE, so pins are heard meanwhile; ticks come from whoever owns time on this target (link).
from utime import gmtime, localtime, mktime  # noqa: F401 (the names of the module that this one replaces)
import bus
import link

ticks_us, ticks_ms, ticks_add, ticks_diff = link.ticks_us, link.ticks_ms, link.ticks_add, link.ticks_diff
ticks_cpu = ticks_us
time = link.time
time_ns = link.time_ns


def sleep_us(us):
    start = link.now_us()
    left = us
    while left > 0:
        bus.idle(left, 0)
        left = us - link.diff(link.now_us(), start)


def sleep_ms(ms):
    while ms > 100_000:             # within the 30 bits of a tick
        sleep_us(100_000_000)
        ms -= 100_000
    sleep_us(ms * 1000)


def sleep(seconds):
    sleep_ms(int(seconds * 1000))
