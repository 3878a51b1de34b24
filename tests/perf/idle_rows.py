# idle_rows.py: the budget of a terminal at rest, as figures.
from idle import BUDGET, cost

from microtill import sweep


def rows():
    image, out = sweep.keyed_image(), []
    for state, (_owner, _surroundings, most_wakes, most_field) in BUDGET.items():
        wakes, field = cost(image, state)
        out.append(_row("wake-ups at rest: " + state, wakes, "a second", most_wakes))
        out.append(_row("field on at rest: " + state, field, "ms a second", most_field))
    return out


def _row(name, ours, unit, goal):
    return {"name": name, "ours": round(ours, 3), "peer": None, "ratio": None, "unit": unit, "goal": goal, "met": ours <= goal}
