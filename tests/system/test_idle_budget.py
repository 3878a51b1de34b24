# test_idle_budget.py: a terminal at rest sleeps: wake-ups and radio field are counted, each state within its budget.
import pytest
from idle import BUDGET, cost


@pytest.mark.parametrize("state", BUDGET)
def test_a_terminal_at_rest_stays_within_its_budget(state, image):
    _owner, _surroundings, most_wakes, most_field = BUDGET[state]
    wakes, field = cost(image, state)
    assert 0 < wakes <= most_wakes
    assert field <= most_field
    assert (field > 0) == (most_field > 0)      # where a tap may pay, the field must look for it
