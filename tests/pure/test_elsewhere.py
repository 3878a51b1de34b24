# test_elsewhere.py: a recording on a slower or faster machine: what may be missing, what counts as the same, and when an act is due.
import pytest

from microtill.bench.world import World
from microtill.console.elsewhere import Paced, Plain, aligned


def rows(text):
    """"a ~b c" as [[time, hash]]."""
    return [[at, mark] for at, mark in enumerate(text.split())]


@pytest.mark.parametrize("was, now", [
    ("a b c", "a b c"), ("a c", "~s a c"), ("~p ~t a", "~s ~x p ~t a"), ("a ~p b", "a b"), ("a ~p b", "a p b"), ("a", "a ~p"), ("", "~p"),
    ("a ~p ~q b", "a ~q b")])
def test_the_same_was_seen(was, now):
    one, other = aligned(rows(was), rows(now))
    assert [mark for _at, mark in one] == [mark for _at, mark in other]


@pytest.mark.parametrize("was, now, at", [("a b c", "a x c", 1), ("a b", "a", 1), ("a", "a b", 1), ("a ~p b", "a ~p x", 2), ("~p a", "b", 0)])
def test_another_one_was_seen(was, now, at):
    one, other = ([mark for _at, mark in each] for each in aligned(rows(was), rows(now)))
    differ = next(n for n in range(max(len(one), len(other))) if one[n:n + 1] != other[n:n + 1])
    assert differ <= at and one != other


def test_what_stands_for_an_instant_behind_a_start_may_be_missing():
    plain = Plain()
    ready, amount = "Microtill\nKey an amount", "Amount\n%s\nEUR\nD go on\nA cancel B clear"
    for at_us, text in ((300_000, "Microtill\nStarting"), (350_000, ready), (6_000_000, amount % "0.01"), (6_100_000, amount % "0.12")):
        plain.seen("screens", at_us, text)
    plain.power_us = 8_000_000
    plain.seen("screens", 8_400_000, ready)
    plain.seen("receipts", 9_000_000, "at 09:00:59")
    told = plain.told()
    assert [mark[0] == "~" for mark in told["screens"]] == [True, False, False, False, False]
    assert told["screens"][1] == told["screens"][4] and len(told["receipts"]) == 1
    later = Plain()
    later.seen("receipts", 9_500_000, "at 09:01:00")
    assert later.told()["receipts"] == told["receipts"]


class Session:
    """The part of a Session that Paced uses: a calendar."""

    def __init__(self):
        self.world, self.bench, self.story, self.listeners = World(), self, self, []

    def at(self, moment, act):
        self.world.at(moment[0], act)

    def shows(self, at_us):
        self.world.at(at_us, lambda: [hear({"kind": "display", "t_us": at_us}) for hear in self.listeners])


def done(shown, acts, seen, until=90_000_000):
    """When each of these acts is done, where these screens are shown at these times."""
    session, times = Session(), []
    paced = Paced(session, [(at, lambda at=at: times.append((at, session.world.now))) for at in acts], seen, until, lambda: times.append("end"))
    for at_us in shown:
        session.shows(at_us)
    paced.begin()
    session.world.run_until(400_000_000)
    assert times.pop() == "end"
    return [now for _at, now in times]


def test_an_act_waits_for_its_screen_and_for_as_long_behind_it():
    assert done([1_700_000], [1_200_000], [1_000_000]) == [1_900_000]


def test_acts_that_are_late_keep_their_distance_and_catch_up_after_a_pause():
    assert done([3_000_000], [1_200_000, 1_300_000, 9_000_000], [1_000_000]) == [3_200_000, 3_300_000, 9_000_000]


def test_a_screen_that_never_comes_is_waited_for_a_minute():
    assert done([], [1_200_000], [1_000_000]) == [61_200_000]
