# conftest.py (system): one keyed flash image for all, and a terminal in hand for each test.
import pytest
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
