# conftest.py (system): one keyed flash image for all, a terminal in hand for each test, and the firmware with a row of its table left out.
import pytest
from every_row import Without
from hands import Hands

from microtill import sweep


@pytest.fixture(scope="session")
def image():
    return sweep.keyed_image()


@pytest.fixture
def till(image):
    hands = Hands(image)
    yield hands
    hands.close()


@pytest.fixture
def till_with(image):
    """till_with(setup): a terminal whose bench was prepared before power came on."""
    made = []

    def make(setup):
        made.append(Hands(image, setup=setup))
        return made[-1]
    yield make
    for hands in made:
        hands.close()


@pytest.fixture(scope="session")
def leaving_out(tmp_path_factory):
    """leaving_out.row(key): the compiled firmware without this row of the trigger table."""
    return Without(tmp_path_factory.mktemp("rows"))
