# looks.py: is a page as it stands fit to be seen? No axe violation, no clipped text, no sideways scroll; and its picture, in build/golden/page. A
# state is seen in one of its eight looks, the next one in the next, so that all of them come up; golden: in every one.
from importlib import resources
from pathlib import Path

from states import AGAIN, STATES, VIEWS, away
from visitor import NARROW, WIDE

BUILD = Path(__file__).resolve().parents[2] / "build" / "golden" / "page"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = [("light", "en"), ("dark", "zh"), ("dark", "en"), ("light", "zh")]
_HERE = Path(__file__).resolve().parent
CLIPPED = (_HERE / "clipped.js").read_text()
_AXE = """rules => axe.run(document, {runOnly: rules}).then(told => told.violations.map(each =>
  each.id + ': ' + each.nodes.map(one => one.target + ' ' + (one.any[0]?.message || one.failureSummary)).join(' | ')))"""
_HEIGHT = "Math.ceil(document.querySelector('.bench').getBoundingClientRect().bottom + scrollY + 70)"


def axe(page):
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(content=resources.files("axe_playwright_python").joinpath("axe.min.js").read_text())
    return page.evaluate(_AXE, RULES)


def looks(state, golden):
    """[(size, theme, language)] in which a state is seen."""
    every = [(size, *look) for size in (WIDE, NARROW) for look in LOOKS]
    return every if golden else [every[STATES.index(state) % len(every)]]


def judge(visit, state, golden):
    """Bring the page into a state and see it in its looks: a line for each thing that is wrong."""
    person = visit("lang=en&theme=light&tour=off", sharp=golden)
    state(person)
    if state is not away:
        person.console.ask("time", {"pace": "paused"})
    wrong = []
    for size, theme, lang in looks(state, golden):
        person.resize(size)
        if size == NARROW:
            person.page.click('#views [data-view="%s"]' % VIEWS.get(state, "terminal"))
        wear(person.page, theme, lang)
        if state in AGAIN:
            AGAIN[state](person)
        name = "%s-%d-%s-%s" % (state.__name__, size[0], theme, lang)
        wrong += ["%s: %s" % (name, each) for each in seen(person.page)]
        if golden:
            picture(person, name, size)
    return wrong


def wear(page, theme, lang):
    """The page in this theme and language, by its own buttons."""
    if page.evaluate("document.documentElement.dataset.theme") != theme:
        page.click('[data-do="theme"]')
    if page.evaluate("document.documentElement.lang.slice(0, 2)") != lang:
        page.click('[data-do="lang"]')


def seen(page):
    """What is wrong with the page as it stands."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return ["scrolls sideways by %d" % over] * (over > 0) + page.evaluate(CLIPPED) + axe(page)


def picture(person, name, size):
    if size == NARROW:              # as high as what is on it: bars that stick would lie over a long page
        person.resize((size[0], max(size[1], person.page.evaluate(_HEIGHT))))
    BUILD.mkdir(parents=True, exist_ok=True)
    person.page.screenshot(path=BUILD / (name + ".png"))
