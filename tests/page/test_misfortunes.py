# test_misfortunes.py: what goes wrong in a shop, done at the page: after each, the page's two books agree with one another and with the bench's.


def agree(person):
    """The books on the page are those of the bench, and they agree."""
    shown = person.books()
    told = person.console.ask("books")
    assert told["agree"]
    assert [row["stan"] for row in told["rows"]] == [row[0] for row in shown]
    return [(terminal.split()[-1], bank.split()[-1]) for _stan, terminal, bank in shown]


def at_the_tap(visit, keys="1250D"):
    return visit("lang=en").sees("ready").keys(keys).sees("tap")


def test_a_card_that_leaves_too_soon(visit):
    person = at_the_tap(visit)
    person.page.select_option("#pulled-at", "2")
    person.tap("visa").sees("again")
    person.page.select_option("#pulled-at", "")
    person.page.wait_for_selector("#zone:not(.busy)")
    person.tap("visa").sees("approved").papers()
    assert agree(person) == [("approved", "approved")]


def test_power_off_between_the_answer_and_the_paper(visit):
    person = at_the_tap(visit).tap("visa").sees("approved")
    person.press("Pull the plug").sees("off")
    assert person.display() == "The display is dark"
    person.press("Plug it in").sees("ready")
    assert agree(person) == [("approved", "approved")]


def test_power_off_before_the_answer_shows_red_until_it_is_mended(visit):
    person = at_the_tap(visit).asks_a_late_bank()
    person.press("Pull the plug").sees("off").waits_for('#books[data-agree="false"] .differs').reads("1 payment differs.")
    person.page.select_option('select[data-focus="bank"]', "answers")
    person.press("Plug it in").waits_for('#books[data-agree="true"] tbody tr')
    assert agree(person) == [("reversed", "reversed")]


def test_a_bank_that_answers_twice(visit):
    person = at_the_tap(visit)
    person.page.select_option('select[data-focus="bank"]', "twice")
    person.tap("visa").sees("approved").sees("ready")
    assert agree(person) == [("approved", "approved")]


def test_paper_that_runs_out_in_the_middle(visit):
    person = at_the_tap(visit).tap("visa").sees("approved")
    person.surroundings("paper", "out").sees("paper_out").surroundings("paper", "full").keys("D").sees("ready").papers()
    assert agree(person) == [("approved", "approved")]


def test_a_battery_that_is_nearly_empty(visit):
    person = at_the_tap(visit, "700D").tap("visa").sees("approved")
    person.console.ask("environment", {"mains": False, "battery_percent": 2})
    person.page.wait_for_function("document.querySelector('[data-focus=battery_percent]').value === '2'")
    person.steps_to("switching_off").console.ask("time", {"pace": "x10"})
    person.sees("off")
    assert agree(person) == [("approved", "approved")]


def test_somebody_drills_a_hole_and_feeds_the_terminal_another_voltage(visit):
    person = visit("lang=en").sees("ready")
    bar = {name: person.page.locator('[data-focus="%s"]' % name) for name in ("hole_lux", "cell_mv")}
    assert bar["cell_mv"].get_attribute("aria-valuetext") == "its own"
    bar["hole_lux"].fill("60")
    person.waits_for('.ev:has-text("Case light: 999 lx")')
    bar["cell_mv"].fill("10")
    person.waits_for('.ev:has-text("Cell: 2680 mV")')
    assert {name: person.console.ask("state")["environment"][name] for name in bar} == {"hole_lux": 999, "cell_mv": 2680}
    bar["cell_mv"].fill("0")
    person.waits_for('[data-focus="cell_mv"][aria-valuetext="its own"]')
    person.waits_for('.ev:has-text("Cell: its own")')
    assert person.console.ask("state")["environment"]["cell_mv"] == 0
