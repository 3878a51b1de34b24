# idle.py: what a terminal at rest costs: how often it wakes, how long its radio field is on. Counted over ten minutes of stepped time.
from hands import Hands

from microtill import reading
from microtill.verbs import params

MINUTES = 10
# state: (the owner's settings, what is done to the surroundings, most wake-ups a second, most milliseconds of field a second)
BUDGET = {
    "ready, on mains": ({}, {}, 0.5, 0),
    "ready, on battery": ({}, {"mains": False}, 0.12, 0),
    "closed": ({"hours": {day: "closed" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}, {}, 0.5, 0),
    "kiosk that waits for a tap": ({"kiosk": {"mode": "fixed", "price": "2.50"}}, {}, 32, 150),
    "kiosk that waits for a tap, on battery": ({"kiosk": {"mode": "fixed", "price": "2.50"}}, {"mains": False}, 18, 80),
}


def cost(image, state):
    """(wake-ups a second, milliseconds of field a second) of a terminal at rest in this state."""
    owner, surroundings, _wakes, _field = BUDGET[state]
    till = Hands(image)
    try:
        bench = till.bench
        assert bench.run(lambda: reading.name(bench.shown) in reading.AT_REST, 60_000)
        if owner:
            assert params.into(bench, owner)[0] == []
        for name, value in surroundings.items():
            setattr(bench.surroundings, name, value)
        till.waits(60_000)
        wakes, field_us = bench.rig.idles, bench.reader.rf_on_us
        till.waits(MINUTES * 60_000)
        return (bench.rig.idles - wakes) / MINUTES / 60, (bench.reader.rf_on_us - field_us) / 1000 / MINUTES / 60
    finally:
        till.close()
