# test_looks_more.py: the other half of the states of test_looks.py.
import pytest
from looks import judge
from states import STATES


@pytest.mark.parametrize("state", STATES[1::2], ids=lambda state: state.__name__)
def test_a_state_is_clean_at_every_width_by_day_and_night_in_both_languages(visit, request, state):
    assert judge(visit, state, request.config.getoption("--golden")) == []
