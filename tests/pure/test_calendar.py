# test_calendar.py: is the shop open at a moment, and when does that change: against Python's own calendar, in any zone, and by walking minutes.
import datetime

from hypothesis import given
from hypothesis import settings as running
from hypothesis import strategies as st
from settings_files import hours as hours_of_a_day

from till.core import calendar

UNIX = st.integers(0, 4_102_444_800)                # until 2100
OFFSETS = st.integers(-720, 840)
DATE, MONDAY = "2026-01-05", 0


def fields(unix):
    return datetime.datetime.fromtimestamp(unix, datetime.UTC).timetuple()[:6]


def weeks():
    return st.fixed_dictionaries({day: hours_of_a_day().map(lambda pair: pair[1]) for day in calendar.DAYS})


@given(UNIX.filter(lambda at: at > 86400), OFFSETS)
def test_local_time_is_what_a_clock_on_the_wall_says(unix, offset_min):
    wall = datetime.datetime.fromtimestamp(unix, datetime.timezone(datetime.timedelta(minutes=offset_min)))
    assert calendar.local(unix, offset_min, fields) == (wall.date().isoformat(), wall.weekday(), wall.hour * 60 + wall.minute)


@running(max_examples=60, deadline=None)
@given(weeks(), st.integers(0, 6), st.integers(0, 1439))
def test_the_next_change_is_where_open_turns_to_closed_or_a_day_ends(week, weekday, minute):
    now = calendar.within(week, (DATE, weekday, minute))
    step = calendar.next_change_min(week, (DATE, weekday, minute))
    assert step >= 1 and minute + step <= 1440
    for later in range(minute, minute + step):      # nothing changes before
        assert calendar.within(week, (DATE, weekday, later)) == now
    if minute + step < 1440:
        edges = {edge for span in week[calendar.DAYS[weekday]] for edge in span}
        assert minute + step in edges


@running(max_examples=60, deadline=None)
@given(weeks(), st.integers(0, 6), st.integers(0, 1439))
def test_it_opens_at_the_first_minute_that_is_open_after_a_closed_one(week, weekday, minute):
    spans = week[calendar.DAYS[weekday]]
    said = calendar.opens_at(week, (DATE, weekday, minute))
    later = [at for at in range(minute + 1, 1440) if calendar.within(week, (DATE, weekday, at)) and any(at == first for first, _ in spans)]
    assert said == ("%02d:%02d" % divmod(later[0], 60) if later else "")


def test_opening_time_is_open_and_closing_time_is_closed():
    week = {day: ((480, 720), (840, 1440)) for day in calendar.DAYS}
    assert [calendar.within(week, (DATE, MONDAY, minute)) for minute in (479, 480, 719, 720, 839, 840, 1439)] == [
        False, True, True, False, False, True, True]


def test_holidays_are_of_one_year_or_of_every_year():
    assert calendar.is_holiday(("12-25",), ("2031-12-25", 3, 0)) and calendar.is_holiday(("2031-12-25",), ("2031-12-25", 3, 0))
    assert not calendar.is_holiday(("2030-12-25",), ("2031-12-25", 3, 0)) and not calendar.is_holiday((), ("2031-12-25", 3, 0))


@given(st.dates(), st.dates(), st.dates())
def test_a_period_holds_both_its_days(first, last, day):
    if first.year < 1000 or last.year < 1000 or day.year < 1000:
        return
    assert calendar.in_period(((first.isoformat(), last.isoformat()),), (day.isoformat(), 0, 0)) == (first <= day <= last)
