# test_looks.py: each named state of the page at two widths, by day and night, in two languages: no axe violation, no clipped text, no sideways
# scroll. With --golden, its pictures go to build/golden/page.
from importlib import resources
from pathlib import Path

import pytest
from visitor import NARROW, WIDE

BUILD = Path(__file__).resolve().parents[2] / "build" / "golden" / "page"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("light", "en"), ("dark", "zh")]                       # every state
MORE = [("dark", "en"), ("light", "zh")]                        # those of them with much on the page
_HERE = Path(__file__).resolve().parent
CLIPPED = (_HERE / "clipped.js").read_text()
_AXE = """rules => axe.run(document, {runOnly: rules}).then(told => told.violations.map(each =>
  each.id + ': ' + each.nodes.map(one => one.target + ' ' + (one.any[0]?.message || one.failureSummary)).join(' | ')))"""
_HEIGHT = "Math.ceil(document.querySelector('.bench').getBoundingClientRect().bottom + scrollY + 70)"


def ready(person):
    person.sees("ready")


def amount(person):
    person.sees("ready").keys("1250").sees("amount")


def tap(person):
    person.sees("ready").keys("1250D").sees("tap")


def pin(person):
    tap(person)
    person.tap("visa-pin").sees("pin").keys("12")
    person.page.wait_for_function("document.getElementById('oled').getAttribute('aria-label').includes('2 *')")


def approved(person):
    tap(person)
    person.tap("visa").sees("approved").page.wait_for_selector("#pile img", state="attached")
    person.papers()
    person.waits_for('#books[data-agree="true"] tbody tr')


def story(person):
    approved(person)
    person.page.locator(".ev.started", has_text="sale").locator(".head").click()
    person.waits_for(".story details").page.locator('[data-part="card"] > summary').click()
    person.page.locator(".apdus summary").last.click()


def declined(person):
    tap(person)
    person.tap("no-funds").sees("declined")


def cut(person):
    tap(person)
    person.asks_a_late_bank().press("Pull the plug").sees("off").waits_for("#books.differ")


def recovered(person):
    cut(person)
    person.console.ask("environment", {"bank": "answers"})
    person.press("Plug it in").sees("recovered", "ready").waits_for('#books[data-agree="true"] tbody tr')


def refused(person):
    person.sees("ready").keys("D").sees("refused").waits_for(".ev.refused")
    person.page.check('#filter input[value="refused"]', force=True)


def faults(person):
    person.sees("ready").page.click("#tab-faults")
    person.console.ask("fault", {"fault": "key_stuck", "key": "5"})
    person.console.ask("fault", {"fault": "sensor", "sensor": "rtc", "how": "mad"})
    person.waits_for('.fault .armed:has-text("Heal")')


def two_cards(person):
    tap(person)
    person.page.check('#how input[value="hold"]', force=True)
    person.tap("visa").waits_for("#zone.busy").tap("mc").waits_for('[data-card="mc"].away')
    person.tap("phone").waits_for("#sorry-cards:not(:empty)")


def tour(person):
    person.sees("ready").press("Training tour").reads("Step 1 of 10").keys("1250D").waits_for("#tour li.did")


def prepared(person):
    person.sees("ready").page.evaluate("location.hash = 'card=visa-pin&amount=12.50&fault=paper:out'")
    person.waits_for("#prepared:not([hidden])").press("A link to this state").waits_for("#hint:not([hidden])")


def away(person):
    person.sees("ready").page.route("**/api/state", lambda route: route.abort())
    person.console.cut_windows()
    person.waits_for(".reach")


STATES = [ready, amount, tap, pin, approved, story, declined, cut, recovered, refused, faults, two_cards, tour, prepared, away]
MUCH = (story, tour)
VIEWS = {story: "record", cut: "record", refused: "record", faults: "side"}       # on a narrow page


def axe(page):
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(content=resources.files("axe_playwright_python").joinpath("axe.min.js").read_text())
    return page.evaluate(_AXE, RULES)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_a_state_is_clean_at_every_width_by_day_and_night_in_both_languages(visit, request, state):
    person = visit("lang=en&theme=light", sharp=request.config.getoption("--golden"))
    state(person)
    if state is not away:
        person.console.ask("time", {"pace": "paused"})
    wrong = []
    for size in (WIDE, NARROW):
        person.resize(size)
        for theme, lang in LOOKS + (MORE if state in MUCH else []):
            wear(person.page, theme, lang)
            if size == NARROW:
                person.page.click('[data-view="%s"]' % VIEWS.get(state, "terminal"))
            name = "%s-%d-%s-%s" % (state.__name__, size[0], theme, lang)
            wrong += ["%s: %s" % (name, each) for each in _seen(person.page)]
            if request.config.getoption("--golden"):
                picture(person, name, size)
                person.resize(size)
    assert wrong == []


def wear(page, theme, lang):
    """The page in this theme and language, by its own buttons."""
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.click('[data-do="theme"]')
    if page.evaluate("document.documentElement.lang.slice(0, 2)") != lang:
        page.click('[data-do="lang"]')


def _seen(page):
    """What is wrong with the page as it stands."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return ["scrolls sideways by %d" % over] * (over > 0) + page.evaluate(CLIPPED) + axe(page)


def picture(person, name, size):
    if size == NARROW:              # as high as what is on it: bars that stick would lie over a long page
        person.resize((size[0], max(size[1], person.page.evaluate(_HEIGHT))))
    BUILD.mkdir(parents=True, exist_ok=True)
    person.page.screenshot(path=BUILD / (name + ".png"))


def test_a_wrong_token_is_clean_too(visit):
    person = visit("lang=en&theme=dark", token="wrong").reads("no right token")
    assert _seen(person.page) == []
