# test_guide.py: the tour's ten steps as the page itself shows them, links that prepare acts, and words that none is missing of.
import re
from pathlib import Path

import pytest
from looks import CLIPPED

STATIC = Path(__file__).resolve().parents[2] / "host-tools" / "microtill" / "console" / "static"


@pytest.mark.timeout(240)
def test_all_ten_steps_of_the_tour_can_be_done_and_are_noticed(visit):
    person = visit("lang=en&tour=on").sees("ready")
    person.console.ask("time", {"pace": "x10"})
    for step in range(1, 11):
        person.reads("Step %d of 10" % step)
        assert person.page.evaluate(CLIPPED) == []
        while not person.page.locator('[data-focus="tour-next"]').count():
            person.waits_for('[data-focus="tour-show"], [data-focus="tour-next"]')
            if person.page.evaluate("""() => { const show = document.querySelector('[data-focus="tour-show"]'); show?.click(); return !!show; }"""):
                assert not person.page.locator("#tour .sorry").count(), person.page.inner_text("#tour")
        person.sees("ready", "training_off", "settled", "done", "cancelled", "approved", "declined", "recovered")
        person.page.click('[data-focus="tour-next"]')
    person.reads("All ten done")
    assert person.books()


def test_the_tour_is_resumed_where_it_was_left(visit):
    person = visit("lang=en").sees("ready").press("Training tour").reads("Step 1 of 10")
    person.keys("1250D").waits_for("#tour li.did")
    person.press("Close the tour")
    person.page.wait_for_selector("#tour", state="hidden")
    person.page.reload()
    person.sees("tap").press("Training tour").reads("Step 1 of 10")
    person.waits_for("#tour li.did")


def test_a_link_prepares_acts_that_are_done_on_go(visit):
    person = visit("lang=zh&theme=dark&tour=off&card=visa&amount=12.50&fault=bank:twice").sees("ready").reads("12.50")
    assert person.page.evaluate("document.documentElement.dataset.theme") == "dark"
    person.press("执行").sees("approved").papers()
    assert person.console.ask("environment")["bank"] == "twice"


def test_a_link_that_asks_for_what_is_not_there_says_so(visit):
    person = visit("lang=en&tour=off&card=gold").sees("ready").press("Go").reads("No such card here: gold.")
    person.press("Drop it").page.wait_for_selector("#prepared", state="hidden")


def test_every_word_exists_in_both_languages(visit):
    person = visit("lang=en").sees("ready")
    words = person.page.evaluate("import('/static/js/words.js').then(words => words.WORDS)")
    for key, pair in words.items():
        assert len(pair) == 2 and all(pair), key
        assert pair[0].count("%s") == pair[1].count("%s"), key
    source = "\n".join(path.read_text() for path in sorted((STATIC / "js").glob("*.js"))) + (STATIC / "index.html").read_text()
    used = set(re.findall(r'\bt\("([\w.-]+)"', source)) | set(re.findall(r'data-(?:t|label)="([\w.-]+)"', source))
    assert used - set(words) == set()


def test_every_trigger_guard_and_refusal_of_the_bench_has_words(visit):
    from microtill.names import rules
    person = visit("lang=en").sees("ready")
    words = set(person.page.evaluate("import('/static/js/words.js').then(words => Object.keys(words.WORDS))"))
    wanted = ({"trigger.%s.%s" % pair for pair in rules.TRIGGERS} | {"guard.%s" % name for name in rules.GUARDS}
              | {"refusal.%s" % code for code in rules.REFUSALS} | {"card.%s" % card["name"] for card in person.console.ask("cards")})
    assert wanted - words == set()
