# test_payment.py: a person pays at the page: with the mouse or the keyboard alone, in both languages and both widths, in one window or two.
import pytest
from visitor import NARROW, WIDE

APPROVED = {"en": "approved", "zh": "已批准"}


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_person_keys_an_amount_taps_enters_the_pin_and_gets_paper(visit, lang, size):
    person = visit("lang=%s" % lang, size=size).sees("ready")
    person.keys("1250D").sees("tap")
    assert "12.50" in person.display()
    person.tap("visa-pin").sees("pin").keys("1234D").sees("approved").papers()
    if size == NARROW:
        person.page.click('#views [data-view="record"]')
    assert person.books() == [(2, "12.50 " + APPROVED[lang], "12.50 " + APPROVED[lang])]
    assert person.console.ask("books")["agree"]


def test_the_keyboard_alone_does_a_payment(visit):
    person = visit("lang=en").sees("ready")
    keyboard = person.page.keyboard
    keyboard.press("Tab")
    assert person.page.evaluate("document.activeElement.className") == "skip"
    keyboard.press("Enter")
    assert person.page.evaluate("document.activeElement.id") == "terminal"
    keyboard.type("1250", delay=60)
    keyboard.press("Enter")
    person.sees("tap")
    while person.page.evaluate("document.activeElement.dataset.card || ''") != "visa-pin":
        keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    person.sees("pin")
    person.page.focus("#terminal")
    keyboard.type("123", delay=60)
    keyboard.press("Backspace")
    keyboard.type("1234", delay=60)
    keyboard.press("Enter")
    person.sees("approved")
    assert person.books() == [(2, "12.50 approved", "12.50 approved")]


def test_keys_typed_elsewhere_do_not_reach_the_terminal(visit):
    person = visit("lang=en").sees("ready")
    person.page.focus('[data-card="visa"]')
    person.page.keyboard.type("123")
    person.keys("7").sees("amount")
    person.page.wait_for_function("document.getElementById('oled').getAttribute('aria-label').includes('0.07')")


def test_a_key_held_is_held_at_the_terminal(visit):
    person = visit("lang=en").sees("ready")
    person.page.hover('[data-key="5"]')
    person.page.mouse.down()
    person.sees("amount").waits_for('[data-key="5"].held')
    person.page.mouse.up()
    assert "0.05" in person.display()


def test_two_windows_stay_in_step_and_one_that_closes_stops_nothing(visit):
    one, other = visit("lang=en").sees("ready"), visit("lang=zh&theme=dark").sees("ready")
    one.keys("500D").sees("tap")
    assert other.sees("tap").dots() == one.dots()
    other.tap("visa")
    other.close()
    one.sees("approved").papers()
    assert one.books() == [(2, "5.00 approved", "5.00 approved")]


def test_a_line_that_breaks_is_mended_and_what_was_missed_is_read(visit):
    person = visit("lang=en").sees("ready")
    person.page.route("**/api/state", lambda route: route.abort())
    person.console.cut_windows()
    person.reads("The bench is not reached")
    person.console.ask("key", {"key": "7"})
    person.page.unroute("**/api/state")
    person.sees("amount").page.wait_for_selector(".reach", state="detached")
    person.waits_for('.ev:has-text("Digit keyed")')


def test_a_wrong_token_is_told_in_a_sentence(visit):
    for lang, words in (("en", "This address has no right token"), ("zh", "此地址没有正确的令牌")):
        person = visit("lang=%s" % lang, token="wrong").reads(words)
        assert not person.page.is_visible("#terminal")


def test_what_the_bench_refuses_is_told_in_place(visit):
    person = visit("lang=en").sees("ready")
    person.page.check('#how input[value="hold"]', force=True)
    person.tap("visa").waits_for("#zone.busy").tap("mc").waits_for('[data-card="mc"].away').tap("phone")
    person.waits_for("#sorry-cards:not(:empty)")
    assert "two cards" in person.page.inner_text("#sorry-cards").lower()
    person.page.click("#zone")
    person.page.wait_for_selector("#zone:not(.busy)")


def test_time_stands_still_steps_and_jumps(visit):
    person = visit("lang=en").sees("ready")
    person.page.check('#pace input[value="paused"]', force=True)
    person.page.wait_for_function("document.getElementById('clock').innerText.endsWith(document.getElementById('clock').lastChild.innerText)")
    before = person.console.ask("state")["at_ms"]
    person.press("Step 1 s")
    person.page.wait_for_function("before => fetch('api/state', {headers: {Authorization: 'Bearer ' + sessionStorage.getItem('microtill.token')}})"
                                  ".then(told => told.json()).then(now => now.at_ms >= before + 1000)", arg=before)
    assert 1000 <= person.console.ask("state")["at_ms"] - before < 1100
    person.press("03:00 tomorrow")
    person.page.wait_for_function("document.getElementById('clock').innerText.startsWith('03:00:00')")
    assert person.console.ask("state")["pace"] == "paused"


def test_a_recording_can_be_saved_and_is_one(visit, tmp_path):
    person = visit("lang=en").sees("ready")
    person.keys("5A").sees("cancelled", "ready").press("Save or replay a recording")
    with person.page.expect_download() as saved:
        person.press("Save recording")
    saved.value.save_as(tmp_path / "it.jsonl")
    assert '"microtill recording"' in (tmp_path / "it.jsonl").read_text().split("\n")[0]


def test_paper_is_torn_off_and_lies_on_the_mat_as_a_picture(visit):
    person = visit("lang=en", still=False).sees("ready").keys("300D").sees("tap").tap("visa").sees("ready").papers()
    person.press("Tear off")
    person.waits_for("#pile img")
    assert person.page.get_attribute("#pile a", "download").endswith(".png")
    person.page.wait_for_selector("#paper", state="hidden")
