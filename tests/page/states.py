# states.py: the named states of the page, each a visitor's acts from a terminal that rests; which view of a narrow page shows it, and what has to be
# opened anew once the page speaks another language. What does not come about is a time-out of the browser.


def ready(person):
    person.sees("ready")


def amount(person):
    person.sees("ready").keys("1250").sees("amount")
    person.page.wait_for_function("document.getElementById('oled').getAttribute('aria-label').includes('12.50')")


def tap(person):
    person.sees("ready").keys("1250D").sees("tap")


def pin(person):
    tap(person)
    person.tap("visa-pin").sees("pin").keys("12")
    person.page.wait_for_function("document.getElementById('oled').getAttribute('aria-label').includes('2 *')")


def approved(person):
    tap(person)
    person.tap("visa").steps_to("approved").steps_for("#pile img").steps_for("#tear:not([hidden])")
    person.waits_for('#books[data-agree="true"] tbody tr')


def story(person):
    approved(person)
    person.page.locator(".ev.started .head").first.click()
    unfold(person)


def unfold(person):
    """The card's part of a story, and its last command."""
    person.waits_for(".story details")
    person.page.eval_on_selector_all('[data-part="card"]', "parts => parts.forEach(part => { part.open = true; })")
    person.page.evaluate("document.querySelectorAll('.apdus details').forEach((one, n, all) => { one.open = n === all.length - 1; })")


def story_bank(person):
    tap(person)
    person.tap("visa-pin").steps_to("pin").keys("1234D").steps_to("approved").steps_for("#tear:not([hidden])")
    person.waits_for('#books[data-agree="true"] tbody tr').page.locator(".ev.started .head").first.click()
    unfold_bank(person)


def unfold_bank(person):
    person.waits_for(".story details")
    wanted = "parts => parts.forEach(part => { part.open = ['bank', 'flash'].includes(part.dataset.part); })"
    person.page.eval_on_selector_all(".story > details", wanted)


def declined(person):
    tap(person)
    person.tap("no-funds").steps_to("declined")


def cut(person):
    tap(person)
    person.asks_a_late_bank().press("Pull the plug").sees("off").waits_for("#books.differ")


def recovered(person):
    cut(person)
    person.console.ask("environment", {"bank": "answers"})
    person.press("Plug it in").steps_to("recovered").waits_for('#books[data-agree="true"] tbody tr')


def pulled(person):
    tap(person)
    person.page.select_option("#pulled-at", "2")
    person.tap("visa").steps_to("again")


def dark(person):
    approved(person)
    person.press("Pull the plug").sees("off").waits_for('#books[data-agree="true"] tbody tr')


def twice(person):
    person.console.ask("environment", {"bank": "twice"})
    approved(person)
    person.console.ask("time", {"step_ms": 3000})


def unknown(person):
    tap(person)
    person.console.ask("environment", {"bank": "wrong_mac"})
    person.tap("visa").sees("asking").steps_to("unknown").waits_for("#books tbody tr")


def paper_out(person):
    tap(person)
    person.tap("visa").steps_to("approved").surroundings("paper", "out").steps_to("paper_out")


def battery(person):
    person.sees("ready").console.ask("environment", {"mains": False, "battery_percent": 2})
    person.steps_to("switching_off").waits_for('.ev:has-text("Battery is nearly empty")')


def paused(person):
    tap(person)
    person.console.ask("time", {"pace": "paused"})
    person.waits_for('#pace input[value="paused"]:checked')


def surroundings(person):
    person.sees("ready").console.ask("environment", {"network": "slow", "bank": "wrong_mac", "mains": False, "battery_percent": 37, "paper": "low",
                                                     "case_open": True, "case_c": 41, "head_c": 58, "lux": 12, "hole_lux": 90, "cell_mv": 3480})
    person.waits_for('.ev:has-text("Case was opened")')


def recording(person):
    person.sees("ready").press("Save or replay a recording").waits_for("#hint:not([hidden])")


def fresh(person):
    person.sees("ready").press("A fresh terminal").waits_for("#hint:not([hidden])")


def menu(person):
    person.sees("ready").keys("C").sees("menu")


def training(person):
    person.sees("ready").keys("C").sees("menu").keys("7").sees("training_on").sees("ready").keys("705D").sees("tap")
    person.tap("visa").steps_to("declined")


def yen(person):
    person.sees("ready").console.ask("settings", {"owner": {"shop": {"currency": "JPY"}}})
    person.waits_for('.ev:has-text("New settings")').sees("ready").keys("1250D").sees("tap").tap("visa").steps_for("#books tbody tr")


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


STATES = [ready, amount, tap, pin, approved, story, story_bank, declined, pulled, cut, dark, recovered, twice, unknown, paper_out, battery, paused,
          refused, faults, surroundings, two_cards, tour, prepared, recording, fresh, menu, training, yen, away]
VIEWS = {story: "record", story_bank: "record", cut: "record", twice: "record", yen: "record", refused: "record", faults: "side",
         surroundings: "side"}          # on a narrow page
AGAIN = {story: unfold, story_bank: unfold_bank}        # what a page in another language has to be shown anew
