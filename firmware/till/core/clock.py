# clock.py: date and time as the messages and papers want them. The epoch differs by board: 1970 here, 2000 on ESP32 and STM32.
import time

_TO_1970 = 946684800 if time.gmtime(0)[0] == 2000 else 0


def unix():
    """Seconds since 1970, UTC."""
    return int(time.time()) + _TO_1970


def fields(unix_seconds):
    """(year, month, day, hour, minute, second) of a time in Unix seconds, UTC."""
    return time.gmtime(unix_seconds - _TO_1970)[:6]


def sent_at(unix_seconds):
    """Field 7: MMDDhhmmss."""
    return "%02d%02d%02d%02d%02d" % fields(unix_seconds)[1:]


def date_yymmdd(unix_seconds):
    at = fields(unix_seconds)
    return "%02d%02d%02d" % (at[0] % 100, at[1], at[2])


def time_hhmmss(unix_seconds):
    return "%02d%02d%02d" % fields(unix_seconds)[3:]


def readable(unix_seconds):
    """2026-01-05 09:00:12, as on paper."""
    return "%04d-%02d-%02d %02d:%02d:%02d" % fields(unix_seconds)
