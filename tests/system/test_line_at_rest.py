# test_line_at_rest.py: a line to the bank that ends while nobody pays is noticed: the light goes out, the next customer gets a new one, and nothing
# that came unasked is lost or taken for an answer.
import pytest


@pytest.fixture
def till(till):
    return till.ready().holds(lambda: "link" in till.lights, "the bank is reached").waits(30_000)


def ended(till, since=0):
    """Each time that the line ended."""
    return [row for row in till.events("trigger")[since:] if row["name"] == "link_down" and row["end"] == "started"]


@pytest.mark.parametrize("how", ["closed in good order", "broken"])
def test_the_light_goes_out_when_the_line_ends_at_rest_and_the_next_customer_pays(till, how):
    network = till.bench.network
    network.hang_up() if how == "closed in good order" else network.fall()
    till.holds(lambda: "link" not in till.lights, "the light says so", 15_000)
    assert len(ended(till.waits(100))) == 1 and till.traces() == []
    network.off = False
    till.pays().waits(30_000)
    assert "link" in till.lights and len(ended(till)) == 1 and till.agree() == 1


def test_a_line_that_stands_is_left_alone(till):
    till.waits(600_000)
    assert "link" in till.lights and ended(till) == []
    till.pays()
    assert [row["reason"] for row in till.events("dropped")] == [] and till.agree() == 1


class AgainAtRest:
    """A mood of the bank: the answer, and the same so many times more, half a minute later."""
    crash = ""

    def __init__(self, times):
        self._times = times

    def bend(self, answer, think_us, sign):
        return [(think_us, answer)] + [(30_000_000 + at, answer) for at in range(self._times)]


@pytest.mark.parametrize("times", [1, 2])
def test_what_comes_over_an_idle_line_is_dropped_and_told_at_the_next_question(till, times):
    till.bench.bank.moods.append(AgainAtRest(times))
    till.pays().waits(90_000)
    assert till.events("dropped") == [] and ended(till) == [] and "link" in till.lights
    till.pays("300")
    assert len(till.events("dropped")) == times and ended(till) == [] and till.agree() == 2


def test_the_end_of_a_line_is_seen_behind_more_than_there_is_room_for(till):
    till.bench.bank.moods.append(AgainAtRest(12))
    till.pays().waits(90_000)
    assert "link" in till.lights
    till.bench.network.hang_up()
    till.holds(lambda: "link" not in till.lights, "the light says so", 30_000)
    assert till.pays("300").agree() == 2 and till.traces() == []
