# test_looks.py: each named state of the page at two widths, by day and night, in two languages, is fit to be seen (looks.py). The other half of the
# states is in test_looks_more.py, so that two workers share them.
import pytest
from looks import BUILD, judge, seen
from states import STATES
from visitor import NARROW, WIDE


@pytest.mark.parametrize("state", STATES[::2], ids=lambda state: state.__name__)
def test_a_state_is_clean_at_every_width_by_day_and_night_in_both_languages(visit, request, state):
    assert judge(visit, state, request.config.getoption("--golden")) == []


@pytest.mark.parametrize("theme, lang, words", [("light", "en", "no right token"), ("dark", "zh", "没有正确的令牌"),
                                                ("dark", "en", "no right token"), ("light", "zh", "没有正确的令牌")])
def test_a_wrong_token_is_clean_too(visit, request, theme, lang, words):
    golden = request.config.getoption("--golden")
    person = visit("lang=%s&theme=%s" % (lang, theme), token="wrong", sharp=golden).reads(words)
    for size in (WIDE, NARROW):
        person.resize(size)
        assert seen(person.page) == []
        if golden:
            BUILD.mkdir(parents=True, exist_ok=True)
            person.page.screenshot(path=BUILD / ("token-%d-%s-%s.png" % (size[0], theme, lang)))
