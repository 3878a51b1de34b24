# test_ways_there.py: on the emulated STM32 the bank is reached through the modem, which has one connection and waits long for a silent first way:
# one customer is told so and is charged nothing, the next one pays by the second way, and the first is taken again once it is back.


def carries(network):
    return [link.way for link in network.links.values()]


def test_the_second_way_carries_a_payment_and_the_first_is_taken_again(till):
    network = till.ready().waits(8_000).settings(host={"second": "bank.test"}).ready().waits(8_000).bench.network
    network.fall(0)
    till.keys("1250D").sees("Tap a card").taps("visa").sees("No connection", 60_000).ready().waits(30_000)
    till.pays()
    assert ("link_second", "notice") in till.alarms() and carries(network) == [1]
    network.down.clear()
    till.holds(lambda: carries(network) == [0] and "On second line" not in till.screen, "the first carries", 90_000)
    till.ready().pays("4567")
    assert ("link_second", "ended") in till.alarms() and carries(network) == [0]
    assert till.effects() == (2, 2) and till.events("died") == []


def test_the_modem_says_closed_and_the_light_goes_out_while_nobody_pays(till):
    network = till.ready().holds(lambda: "link" in till.lights, "the bank is reached", 30_000).waits(20_000).bench.network
    network.hang_up()
    till.holds(lambda: "link" not in till.lights, "the light says so", 15_000).waits(500)
    downs = [row["end"] for row in till.events("trigger") if row["name"] == "link_down"]
    assert downs == ["started"] and till.events("died") == []
    till.pays()
    assert "link" in till.lights and till.effects() == (1, 1)
