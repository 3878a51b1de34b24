# test_clock.py: date and time, whichever year this board counts from; opening hours to the minute.
import time

from check import measure

from till.core import calendar, clock

FIRST = 1_767_600_000                   # 2026-01-05 08:00:00 UTC, a Monday


def test_the_terminal_knows_the_date_whatever_its_epoch():
    assert clock.fields(FIRST) == (2026, 1, 5, 8, 0, 0)
    assert clock.readable(FIRST) == "2026-01-05 08:00:00"
    assert time.gmtime(0)[0] in (1970, 2000)


def test_the_messages_have_their_own_forms_of_date_and_time():
    assert clock.sent_at(FIRST + 61) == "0105080101"
    assert clock.date_yymmdd(FIRST) == "260105" and clock.time_hhmmss(FIRST + 3599) == "085959"


def test_leap_days_and_ends_of_years_are_right():
    """To 2067: from an epoch in 2000, 31 bits of seconds end in January 2068."""
    for unix, words in ((951_782_400, "2000-02-29 00:00:00"), (1_709_164_800, "2024-02-29 00:00:00"), (1_798_761_599, "2026-12-31 23:59:59"),
                        (3_092_601_599, "2067-12-31 23:59:59")):
        assert clock.readable(unix) == words


def test_a_second_lasts_a_second():
    began, unix = time.ticks_ms(), clock.unix()
    time.sleep_ms(3000)
    assert clock.unix() - unix in (2, 3, 4)
    measure("3 s of sleep", time.ticks_diff(time.ticks_ms(), began), "ms", 2999, 3005)


def test_a_tick_that_wraps_still_tells_how_long():
    before = time.ticks_add(0, -100)
    assert time.ticks_diff(time.ticks_add(before, 250), before) == 250


def test_a_shop_east_of_greenwich_has_its_own_day():
    assert calendar.local(FIRST + 16 * 3600 - 1, 480, clock.fields) == ("2026-01-06", 1, 479)
    assert calendar.local(FIRST, -540, clock.fields) == ("2026-01-04", 6, 1380)


def test_the_last_minute_of_opening_is_open_and_the_next_is_not():
    hours = {day: ((480, 720), (840, 1200)) for day in calendar.DAYS}
    for minute, is_open in ((479, False), (480, True), (719, True), (720, False), (1199, True), (1200, False)):
        assert calendar.within(hours, ("2026-01-05", 0, minute)) == is_open
    assert calendar.opens_at(hours, ("2026-01-05", 0, 730)) == "14:00"
    assert calendar.next_change_min(hours, ("2026-01-05", 0, 1300)) == 140


def test_a_holiday_counts_once_or_every_year():
    assert calendar.is_holiday(("12-25",), ("2031-12-25", 3, 0)) and calendar.is_holiday(("2026-01-06",), ("2026-01-06", 1, 0))
    assert not calendar.is_holiday(("2026-01-06",), ("2027-01-06", 2, 0))
    assert calendar.in_period((("2026-07-01", "2026-07-14"),), ("2026-07-14", 1, 0))
