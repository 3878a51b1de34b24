# test_levels.py: levels between edges, and when a sensor's reading is believed.
from hypothesis import given
from hypothesis import strategies as st

from till.devices import levels, senses

EDGES = st.lists(st.integers(-50, 150), min_size=1, max_size=4, unique=True).map(sorted)
NUMBERS = st.integers(-100, 250)


def test_a_case_grows_warm_and_cools_only_below_the_hysteresis():
    at, seen = None, []
    for celsius in (24, 45, 44, 43, 42, 41, 60, 70, 69, 67, 66, 56, 41):
        at = levels.level(celsius, (45, 60, 70), at, 3)
        seen.append(at)
    assert seen == [0, 1, 1, 1, 1, 0, 2, 3, 3, 3, 2, 1, 0]


def test_a_battery_falls_and_comes_back_only_above_the_hysteresis():
    at, seen = None, []
    for percent in (80, 16, 15, 18, 19, 15, 5, 8, 9, 18, 19):
        at = levels.level(percent, (15, 5), at, 3, True)
        seen.append(at)
    assert seen == [0, 0, 1, 1, 0, 1, 2, 2, 1, 1, 0]


@given(EDGES, st.integers(0, 20), st.one_of(st.none(), st.integers(0, 4)), st.booleans())
def test_unknown_in_unknown_out(edges, hysteresis, now, falling):
    assert levels.level(None, edges, now, hysteresis, falling) is None


@given(EDGES, NUMBERS)
def test_without_a_past_the_edges_alone_count(edges, value):
    assert levels.level(value, edges) == sum(value >= edge for edge in edges)


@given(EDGES, NUMBERS, NUMBERS, st.integers(0, 4), st.integers(0, 20))
def test_more_is_never_a_lower_level(edges, one, other, now, hysteresis):
    low, high = sorted((one, other))
    now = min(now, len(edges))
    assert levels.level(low, edges, now, hysteresis) <= levels.level(high, edges, now, hysteresis)


@given(EDGES, NUMBERS, st.integers(1, 20), st.lists(st.integers(0, 100), max_size=60), st.booleans())
def test_noise_within_the_hysteresis_never_flaps(edges, base, hysteresis, noise, falling):
    """Once the level has risen on a signal that trembles by less than the hysteresis, it stays."""
    edges = edges[::-1] if falling else edges
    at, seen = None, []
    for share in noise:
        tremble = share * (hysteresis - 1) // 100
        at = levels.level(base - tremble if falling else base + tremble, edges, at, hysteresis, falling)
        seen.append(at)
    assert seen == sorted(seen)                 # it may rise, and never comes back


@given(EDGES, NUMBERS, st.integers(0, 4), st.integers(0, 20))
def test_falling_is_the_mirror_of_rising(edges, value, now, hysteresis):
    now = min(now, len(edges))
    assert levels.level(-value, [-edge for edge in edges], now, hysteresis, True) == levels.level(value, edges, now, hysteresis)


@given(EDGES, NUMBERS, st.integers(0, 4), st.integers(0, 20))
def test_a_level_asked_again_stays(edges, value, now, hysteresis):
    at = levels.level(value, edges, min(now, len(edges)), hysteresis)
    assert levels.level(value, edges, at, hysteresis) == at


# --- belief

def taken(step, readings):
    belief = senses.Belief(step)
    return [(belief.take(reading), belief.value) for reading in readings]


def test_a_jump_is_believed_when_the_next_reading_agrees():
    assert taken(10, (50, 52, 90, 91)) == [(None, 50), (None, 52), (None, 52), (None, 91)]


def test_a_single_outlier_changes_nothing():
    assert [value for _, value in taken(10, (50, 99, 51, None, 50))] == [50, 50, 51, 51, 50]


def test_three_failures_in_a_row_lose_a_sense_and_two_that_agree_bring_it_back():
    assert taken(10, (50, None, None, None, None, 50, 70, 71)) == [
        (None, 50), (None, 50), (None, 50), ("lost", None), (None, None), (None, None), (None, None), ("back", 71)]


def test_readings_that_never_agree_end_as_unknown():
    assert taken(10, (50, 0, 90, 20, 70, 35))[-1] == (None, None)


@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), max_size=80), st.integers(0, 30))
def test_a_value_is_never_one_that_was_not_read(readings, step):
    belief, read = senses.Belief(step), set()
    for reading in readings:
        read.add(reading)
        turn = belief.take(reading)
        assert belief.value is None or belief.value in read
        assert belief.lost == (belief.value is None) or not belief.lost
        assert turn in (None, "lost", "back") and (turn != "back" or belief.value == reading)


@given(st.lists(st.integers(0, 3), min_size=3, max_size=60))
def test_a_sense_is_lost_and_back_by_turns(kinds):
    belief = senses.Belief(5)
    turns = [belief.take(None if kind == 0 else 50 + kind) for kind in kinds]
    told = [turn for turn in turns if turn]
    assert told == ["lost", "back"] * (len(told) // 2) + ["lost"] * (len(told) % 2)
