# calendar.py: is the shop open at a moment, and when does that change [pure]? `local` is (date "2026-01-05", weekday 0..6 from Monday, minute).
_DAY_MIN = 1440
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def local(unix_seconds, offset_min, fields):
    """A moment as a shop sees it. `fields(unix)` gives (year, month, day, hour, minute, second) of UTC."""
    at = unix_seconds + offset_min * 60
    year, month, day, hour, minute, _second = fields(at)
    return "%04d-%02d-%02d" % (year, month, day), (at // 86400 + 3) % 7, hour * 60 + minute     # 1970-01-01 was a Thursday


def within(hours, local):
    """`hours`: {"mon": ((from, to), ...)}, minutes of the day, `to` not included."""
    _date, weekday, minute = local
    return any(first <= minute < last for first, last in hours[DAYS[weekday]])


def is_holiday(holidays, local):
    """`holidays`: "2026-12-25", or "12-25" for every year."""
    return local[0] in holidays or local[0][5:] in holidays


def in_period(periods, local):
    return any(first <= local[0] <= last for first, last in periods)


def next_change_min(hours, local):
    """Minutes until an opening, a closing or midnight, whichever comes first: never 0."""
    _date, weekday, minute = local
    edges = [edge for span in hours[DAYS[weekday]] for edge in span if edge > minute] + [_DAY_MIN]
    return min(edges) - minute


def opens_at(hours, local):
    """"08:00" of today's next opening, or "" where there is none."""
    later = [first for first, _last in hours[DAYS[local[1]]] if first > local[2]]
    return "%02d:%02d" % divmod(min(later), 60) if later else ""
