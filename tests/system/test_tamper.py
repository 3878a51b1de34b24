# test_tamper.py: what is held after an attack stays held, over a restart and a cut, until whoever may lets it go; what is owed is paid all the same.
import pytest
from attacks import acts, forged, looked_at, started_with_the_clock
from hands import Hands

from microtill import demo
from microtill.show import Output
from microtill.terminal import Refused
from microtill.verbs import params
from microtill.verbs import tamper as verb

PINS = {role: params.hashed(pin, bytes([salt] * 16)) for role, pin, salt in (("supervisor", "2222", 2), ("technician", "3333", 3))}


def opened(till):
    """Somebody opens the case and shuts it again."""
    till.ready()
    till.around.case_open = True
    till.sees("Case was opened", 3_000)
    till.around.case_open = False
    return till.waits(2_000)


def restarted(till):
    till.bench.cut()
    till.bench.start()
    return till.sees("Not in service", 30_000)


def logs_in(till, digit, pin):
    return till.keys("C").sees("Menu").keys("9").sees("1 operator").keys(digit).sees("D go on").keys(pin + "D").sees("Welcome", 10_000) \
        .sees("Not in service")


def self_test(till):
    return till.keys("C").sees("Menu").keys("8").sees("Self-test", 5_000)


def test_the_lock_outlives_a_restart_and_only_a_technician_ends_it(till):
    restarted(opened(till.ready().settings(pins=PINS))).sees("Case was opened", 10_000).waits(2_000)
    self_test(till).sees("Log in first", 30_000).sees("Not in service", 5_000)
    logs_in(till, "2", "2222")
    self_test(till).sees("Log in first", 30_000).sees("Not in service", 5_000)
    logs_in(till, "3", "3333")
    looked_at(till).pays()
    till.bench.cut()
    till.bench.start()
    till.pays("300").waits(1_000)
    assert till.effects() == (2, 2) and acts(till) == ["case_opened ", "case_closed ", "lifted S11 by technician"]
    assert acts(till, "refused") == ["lift S11"] * 2


def test_whoever_says_not_yet_leaves_it_held(till):
    self_test(opened(till)).sees("Payments held", 30_000).keys("A").sees("Not in service", 3_000).sees("Case was opened", 1_000)
    assert till.facts()["tampered"] == "S11"


def test_a_held_terminal_pays_what_it_owes_and_undoes_nothing_else(till):
    till.ready().waits(500).keys("1250D").sees("Tap a card")
    till.bench.bank.moods.append("never")
    till.bench.world.after(3_000_000, setattr, till.bench.network, "refuse", True)
    till.taps("visa").sees("No answer", 90_000)
    till.around.case_open = True
    till.sees("Case was opened", 30_000).keys("1").sees("Not now")
    till.bench.network.refuse = False
    till.holds(lambda: [row["state"] for row in till.events("money")][-1:] == ["reversed"], "it is reversed", 700_000)
    assert till.effects() == (0, 0) and till.agree() == 1 and ("digit", "S11") in till.refusals()


def test_a_payment_that_has_begun_ends_as_it_would_have(till):
    till.ready().keys("1250D").sees("Tap a card")
    till.around.case_open = True
    till.taps("visa").sees("Approved", 20_000).sees("Not in service", 10_000)
    assert till.effects() == (1, 1)


def test_a_storm_of_keys_loses_no_tamper(till):
    till.ready()
    for at_ms in range(0, 3_000, 20):
        till.bench.world.after(at_ms * 1000, till.bench.press, "0123456789ABC*#D"[at_ms // 20 % 16])
    till.bench.world.after(1_500_000, setattr, till.around, "case_open", True)
    till.waits(3_500)
    assert [row["end"] for row in till.events("trigger") if row["name"] == "case_opened"] == ["started"]
    assert till.keys("AA").sees("Case was opened", 40_000).facts()["tampered"] == "S11" and acts(till) == ["case_opened "]


def test_false_answers_are_counted_over_a_restart_and_a_good_one_forgives_them(till):
    forged(till, 2).ready().waits(70_000)                       # the sale and its reversal; then the repeat is believed
    assert till.journal()[0]["state"] == "reversed" and till.facts()["wrong_macs"] == 0
    forged(till, 2).waits(30_000)
    assert till.facts()["wrong_macs"] == 2
    till.bench.bank.moods.insert(0, "wrong_mac")                # the sign-on of the next life
    till.bench.cut()
    till.bench.start()
    till.sees("Forged answers", 60_000).sees("Not in service", 30_000).waits(120_000)
    assert ("macs_wrong", "critical 3") in till.alarms() and till.agree() == 2       # and what it owed is paid
    looked_at(till).pays()


def test_no_number_of_false_answers_holds_where_the_owner_says_so(till):
    forged(till.ready().settings(tamper={"wrong_macs": 0}), 6).ready().waits(400_000).pays("300")
    assert till.facts()["tampered"] == ""


def emptied(image, cut=None):
    """A terminal whose owner wants its keys gone is opened; power goes before the n-th operation of its flash from then on, and the case is shut
    again before it comes back. How many operations there were."""
    till = Hands(image)
    till.ready().settings(tamper={"case": "zeroise"}).waits(2_000)
    before = till.bench.flash.operations
    if cut:
        till.bench.flash.cut = (before + cut, 0.0)
    till.around.case_open = True
    if cut:
        till.holds(lambda: till.bench.lives == 2, "power is back", 40_000)
        till.around.case_open = False
    till.sees("No keys yet", 40_000).waits(2_000)
    operations, keyed, kept = till.bench.flash.operations - before, till.ask("identity")[0]["keyed"], acts(till, "keys")
    till.close()
    assert not keyed
    return operations, kept


def test_an_opened_case_leaves_no_key_where_the_owner_wants_that_whatever_is_cut(image):
    operations, kept = emptied(image)
    assert kept == ["zeroise case_opened"]
    for cut in (2, 4, operations // 2):         # once begun it comes to its end
        emptied(image, cut)


def test_keys_go_at_once_also_while_the_bank_is_asked_and_what_is_owed_stays_owed(till):
    till.ready().settings(tamper={"case": "zeroise"}).ready().waits(1_000).keys("1250D").sees("Tap a card")
    till.bench.bank.moods.append("late 20000")
    till.taps("visa").sees("Asking").waits(1_000)
    till.around.case_open = True
    till.waits(1_000)
    assert not till.ask("identity")[0]["keyed"]
    till.sees("No answer", 60_000).sees("No keys yet", 20_000)
    assert [row["state"] for row in till.journal()] == ["reversal due"] and till.facts()["deaths"] == {}


def test_whoever_is_served_is_let_go_when_the_keys_go(till):
    till.ready().settings(tamper={"case": "zeroise"}).ready().waits(1_000).keys("1250D").sees("Tap a card")
    till.around.case_open = True
    till.sees("No keys yet", 5_000)
    assert till.effects() == (0, 0) and till.facts()["deaths"] == {}


def test_the_first_reason_for_which_payments_are_held_stays(till):
    opened(till.ready().settings(tamper={"temperature": "lock"}))
    till.around.case_c = -15
    till.holds(lambda: any(row["name"] == "temperature_odd" for row in till.events("trigger")), "the cold was seen", 120_000)
    till.waits(2_000)
    assert till.facts()["tampered"] == "S11" and till.screen.startswith("Not in service\nCase was opened")


def test_a_clock_that_was_set_back_is_taken_by_a_supervisor_and_counts_from_there(till):
    till.pays().settings(pins=PINS).ready().waits(500)
    started_with_the_clock(till, -86_400).sees("Clock went back", 30_000)
    self_test(till).sees("Log in first", 30_000).sees("Not in service", 5_000)
    logs_in(till, "2", "2222")
    looked_at(till).ready()
    till.bench.cut()
    till.bench.start()
    till.ready().waits(65_000).pays("300")
    assert till.facts()["behind"] == 0 and acts(till)[-1] == "lifted S16 by supervisor"


def test_the_hosts_time_sets_the_clock_right_and_is_on_the_audit(till):
    started_with_the_clock(till.pays(), -86_400).sees("Clock went back", 30_000)
    till.ask("set_clock", unix=till.bench.unix_time())
    till.pays("300").waits(500)                                 # after a start that it made by itself
    told = [words for words in acts(till) if words.startswith("clock_set")]
    assert len(told) == 1 and told[0].startswith("clock_set 2026-01-04 09:") and " to 2026-01-05 09:" in told[0]
    till.senses.rtc.fault = "dead"
    for unix in (0, "noon", till.bench.unix_time()):
        till.bench.console.ask({"op": "set_clock", "unix": unix})
        till.holds(till.bench.console.answered, "it answers")
        assert till.bench.console.last["code"] == "P01"


def test_the_command_says_what_is_held_and_lifts_it_where_nobody_has_to_look(till, tmp_path):
    out = Output(as_json=True)
    (tmp_path / "flash.bin").write_bytes(opened(till).waits(1_000).bench.flash.data)
    assert verb.tamper(out, str(tmp_path), None) == (1, {"held": "S11", "words": "the case was opened", "wrong_macs": 0})
    with pytest.raises(Refused):
        verb.tamper(out, str(tmp_path), "MT-OTHER")
    assert verb.tamper(out, str(tmp_path), demo.SERIAL)[0] == 0
    assert verb.tamper(out, str(tmp_path), None) == (0, {"held": "", "words": "", "wrong_macs": 0})
    till.settings(pins=PINS).waits(1_000)
    (tmp_path / "flash.bin").write_bytes(till.bench.flash.data)
    with pytest.raises(verb.HasToLook):
        verb.tamper(out, str(tmp_path), demo.SERIAL)


# Velocity
@pytest.mark.parametrize("velocity, first, then, words, code", [
    ({"hour_count": 2}, ("300", "400"), "500", "Too many an hour", "L06"),
    ({"hour_sum": "10.00"}, ("300", "600"), "101", "Too much an hour", "L07"),
    ({"same_count": 2}, ("300", "300"), "300", "Same sum again", "L08"),
], ids=["number", "sum", "same amount"])
def test_what_comes_too_often_is_refused_before_a_card_is_asked_for_also_after_a_restart(till, velocity, first, then, words, code):
    till.ready().settings(velocity=velocity)
    for minor in first:
        till.pays(minor)
    till.bench.cut()
    till.bench.start()
    till.ready().keys(then + "D").sees(words, 3_000).ready()
    assert till.effects() == (2, 2) and len(till.journal()) == 2 and [row["reason"] for row in till.records("refused")] == [code]
    if code == "L08":
        till.pays("301")


def test_a_card_that_is_used_too_often_is_refused_and_another_one_is_not(till):
    till.ready().settings(velocity={"card_count": 1, "card_hours": 1}).pays()
    till.keys("200D").sees("Tap a card").taps("visa").sees("Card used often", 5_000).ready().pays("200", "mc")
    assert till.effects() == (2, 2) and till.agree() == 2 and [row["reason"] for row in till.records("refused")] == ["L09"]
    till.waits(3_600_000).pays("200")


def test_a_kiosk_at_its_bound_refuses_a_tap_and_takes_one_again_when_the_time_has_passed(till):
    """What it counted at rest is too much by then: it looks again, and asks for the card that lies there once more."""
    till.ready().settings(kiosk={"mode": "fixed", "price": "2.50"}, velocity={"same_count": 1, "same_minutes": 1}).sees("Tap to pay")
    till.waits(5_000).taps("visa").sees("Approved").sees("Tap to pay").waits(20_000)
    till.taps("mc").sees("Same sum again", 5_000).sees("Tap to pay").waits(60_000)
    shown = len(till.events("screen"))
    till.taps("mc").sees("Approved", 20_000)
    assert [row["name"] for row in till.events("screen")[shown:]][:2] == ["tap", "reading"] and till.agree() == 2


def test_one_who_sets_nothing_is_held_by_none_of_it(till):
    till.around.case_c, till.around.ambient_c, till.around.hole_lux, till.around.battery_percent = 65, 24, 5_000, 3
    for _ in range(3):
        till.pays("300")
    assert till.waits(300_000).facts()["tampered"] == "" and till.records("refused") == [] and acts(till) == []
