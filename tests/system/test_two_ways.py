# test_two_ways.py: the bank by two ways: the second where the first does not hold, at every moment of a sale; a debt by whichever is up; and back
# only once the first has held, so that two bad lines do not take turns.
import pytest
from hands import Hands

TWO = {"host": {"second": "bank.test"}}
FIRST, SECOND = 0, 1


@pytest.fixture
def till(image):
    till = Hands(image)
    till.ready().waits(1_000).settings(**TWO).ready()
    yield till
    till.close()


def ways(till):
    """The ways that its lines go now."""
    return [link.way for link in till.bench.network.links.values() if link.state == 1]


def turns(till):
    """Each time that the way changed."""
    return [row["name"] for row in till.events("trigger") if row["name"] in ("link_second", "link_first") and row["end"] == "started"]


def test_a_sale_goes_the_second_way_where_the_first_is_down(till):
    till.bench.network.fall(FIRST)
    till.waits(500).pays()
    assert ways(till) == [SECOND] and till.effects() == (1, 1)
    till.sees("On second line", 2_000)
    assert ("link_second", "notice") in till.alarms() and turns(till) == ["link_second"]


def test_a_first_way_that_refuses_costs_no_time_and_a_silent_one_less_than_half(till):
    till.bench.network.hang_up()
    till.bench.network.down.add(FIRST)
    till.keys("1250D").sees("Tap a card").taps("visa").sees("Asking")
    till.sees("Approved", 6_000)
    assert ways(till) == [SECOND]


@pytest.mark.parametrize("how", ["breaks", "falls silent"])
def test_a_line_lost_inside_a_sale_is_undone_by_the_second_way(till, how):
    """The question has gone by the first, its answer never comes: unknown, and what is owed is paid by the other at once."""
    network = till.bench.network

    def lose(direction, _number, _size):
        if direction == "to_host" and FIRST not in network.down:
            till.bench.world.after(1_000, network.fall, FIRST) if how == "breaks" else network.down.add(FIRST)
    till.keys("1250D").sees("Tap a card")
    network.on_burst = lose
    till.taps("visa").sees("No answer", 40_000).ready().waits(10_000)
    assert ways(till) == [SECOND] and till.journal()[0]["state"] == "reversed" and till.agree() == 1
    till.pays("300")
    assert till.effects() == (1, 1)


def test_both_down_is_no_connection_and_either_that_comes_back_will_do(till):
    network = till.bench.network
    for way in (FIRST, SECOND):
        network.fall(way)
    till.keys("1250D").sees("Tap a card").taps("visa").sees("No connection", 20_000).ready()
    network.down.discard(SECOND)
    till.pays()
    assert ways(till) == [SECOND]
    network.fall(SECOND)
    network.down.discard(FIRST)
    till.pays("300")
    assert ways(till) == [FIRST] and till.effects() == (2, 2)


def test_the_first_carries_again_once_it_has_held_for_so_many_looks(till):
    network = till.bench.network
    network.fall(FIRST)
    till.pays().sees("On second line", 2_000)
    network.down.clear()
    back = till.bench.world.now
    till.holds(lambda: ways(till) == [FIRST], "the first carries again", 90_000)
    assert 40_000 < (till.bench.world.now - back) / 1000 < 85_000           # three looks, 20 s apart, the first at the next one
    till.holds(lambda: "On second line" not in till.screen, "it is well", 2_000)
    assert turns(till) == ["link_second", "link_first"]
    till.pays("300")
    assert till.effects() == (2, 2)


def test_a_line_that_comes_and_goes_does_not_carry(till):
    """Up for 30 s of each 50: never for three looks in a row."""
    network = till.bench.network
    network.fall(FIRST)
    till.pays()
    for _ in range(20):
        network.down.discard(FIRST)
        till.waits(30_000)
        network.fall(FIRST)
        till.waits(20_000)
    assert turns(till) == ["link_second"] and ways(till) == [SECOND]


def test_one_that_answers_a_look_and_no_question_has_to_hold_longer_each_time(till):
    """It takes connections and says nothing: each try is put off twice as long as the last."""
    network = till.bench.network
    network.fall(FIRST)
    till.pays()
    network.down.clear()
    passing = network._passing
    network._passing = lambda link, *rest: b"" if link.way == FIRST else passing(link, *rest)
    till.waits(1_200_000)
    tried = [row["t_us"] / 1e6 for row in till.events("link") if row["what"] == "tried again"]
    apart = [later - sooner for sooner, later in zip(tried, tried[1:], strict=False)]
    assert len(tried) >= 3 and all(more > 1.5 * less for less, more in zip(apart, apart[1:], strict=False)), apart
    till.pays("300")
    assert till.effects() == (2, 2) and ways(till) == [SECOND]


def test_nobody_is_served_worse_for_it(till):
    """The way back waits while a customer is at the terminal."""
    network = till.bench.network
    till.settings(host={"second": "bank.test", "probe_s": 5, "probes": 1})
    network.fall(FIRST)
    till.pays()
    network.down.clear()
    till.keys("1250D").sees("Tap a card").waits(28_000)
    assert ways(till) == [SECOND]
    till.keys("A").sees("Cancelled").ready().holds(lambda: ways(till) == [FIRST], "the first carries again", 12_000)


def test_without_a_second_way_nothing_is_different(image):
    till = Hands(image)
    try:
        till.ready().bench.network.fall(FIRST)
        till.keys("1250D").sees("Tap a card").taps("visa").sees("No connection", 20_000)
        assert turns(till) == [] and till.effects() == (0, 0)
    finally:
        till.close()


ALONE = """
import asyncio
from till.acquirer import link
from till.core.deadline import Deadline
from till.core.errors import LinkLost

dialled, down, told = [], set(), []

class Modem:
    secure, failed = True, None
    def __init__(self, host, port):
        dialled.append(port)
        self.port = port
    def trust(self, ca):
        pass
    def state(self):
        return 2 if self.port in down else 1
    def close(self):
        pass

async def main():
    line = link.Link(Modem, (("bank", 1), ("bank", 2)), lambda: b"CA", told.append)
    async def opens():
        try:
            await line.open(Deadline(10_000), "")
            return line.way
        except LinkLost:
            return None
    down.add(1)
    print(await opens(), dialled, told)                     # the second, at once
    print(await line.probe(), dialled)                      # one that cannot be tried beside it: not dialled
    print(await line.back(Deadline(10_000), ""), line.way, dialled)
    down.add(2)
    line.drop()
    print(await opens(), dialled)
    print(await opens(), dialled)                           # the one that was tried last is first now
    down.clear()
    print(await line.back(Deadline(10_000), ""), line.way, told)

asyncio.run(main())
"""


def test_a_modem_of_one_connection_is_never_asked_for_two(micropython):
    lines = micropython(ALONE).splitlines()
    assert lines == ["1 [1, 2] ['link_up', 'link_second']", "True [1, 2]", "False 1 [1, 2, 1, 2]", "None [1, 2, 1, 2, 2, 1]",
                     "None [1, 2, 1, 2, 2, 1, 1, 2]",
                     "True 0 ['link_up', 'link_second', 'link_down', 'link_up', 'link_down', 'link_up', 'link_first']"]
