# test_ways_of_people.py: who stands at the terminal: somebody who learns it, somebody who logs in, who hears, who is slow, sees badly, reads Chinese.
import ast
from pathlib import Path

import drawn
import pytest

from microtill.verbs import params

PINS = {"operator": params.hashed("1234", bytes(16)), "supervisor": params.hashed("314159265358", bytes(range(16)))}
ROLES = {"void": "supervisor", "x_totals": "operator", "minutes": 2}
DIGIT_HZ, TICK_US = 2700, 1_000         # no tone and no pulse is measured finer than the clock that ends it


def cjk(text):
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


# Training
def learner(till):
    """In training, the line to the bank at rest, its bursts counted from here."""
    till.ready().holds(lambda: till.events("signed_on"), "it has signed on").menu("7").sees("No bank is").ready().waits(1_000)
    till.bench.network.reset_counts()
    return till


def test_training_says_so_everywhere_and_neither_bank_nor_books_hear_of_it(till):
    flash, seen = learner(till).bench.flash.operations, len(till.screens)
    till.keys("1250D").sees("Tap a card").taps("visa-pin").sees("any PIN", 5_000).keys("9999D").sees("Approved", 10_000).ready()
    till.keys("1255D").sees("Tap a card").taps("visa").sees("For practice", 10_000).ready()
    assert till.bench.network.bursts == {"to_host": 0, "to_terminal": 0} and till.bench.bank.records() == []
    assert till.journal() == [] and till.bench.flash.operations == flash
    assert [screen for screen in till.screens[seen:] if "TRAINING" not in screen] == []
    assert len(till.papers()) == 4 and all("TRAINING - NO PAYMENT" in paper for paper in till.papers())


def test_in_training_no_money_can_be_moved_from_the_menu(till):
    till.pays()
    for digit in "1256":
        learner(till).menu(digit).sees("Training is on", 3_000).ready().menu("7").sees("Training is over").ready()
    assert till.effects() == (1, 1) and till.records("closing") == []


def test_a_card_that_is_not_taken_is_not_taken_in_training_either(till):
    learner(till).keys("1250D").sees("Tap a card").taps("other-scheme").sees("Not taken here").ready()
    assert till.journal() == []


def test_a_restart_ends_training(till):
    learner(till).bench.cut()
    till.bench.start()
    till.pays()
    assert "TRAINING" not in till.screen and till.effects() == (1, 1)


FLOWS = Path(__file__).resolve().parents[2] / "firmware/till/flows"
FORBIDDEN = {"outbox", "link", "messages", "next_stan", "envelope", "pin_block", "account_hash", "owe", "happened", "reversal", "printed", "closed",
             "acquirer", "counters", "ring", "authorise", "online", "conclude", "kick_outbox", "new_payment"}


def functions():
    """{(flow, function): its syntax tree}, and {flow: {name it has for another flow: that flow}}, and {flow: all modules that it imports}."""
    found, known, imported = {}, {}, {}
    for path in FLOWS.glob("*.py"):
        tree = ast.parse(path.read_text())
        known[path.stem], imported[path.stem] = {}, set()
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[path.stem, node.name] = node
            elif isinstance(node, ast.ImportFrom):
                imported[path.stem] |= {"%s.%s" % (node.module, alias.name) for alias in node.names}
                if node.module == "till.flows":
                    known[path.stem].update({alias.asname or alias.name: alias.name for alias in node.names})
            elif isinstance(node, ast.Import):
                imported[path.stem] |= {alias.name for alias in node.names}
    return found, known, imported


def reached(flow, name):
    """Every (flow, function) that this one can come to, by whatever name it is called or handed on."""
    found, known, _ = functions()
    todo, seen = [(flow, name)], set()
    while todo:
        here = todo.pop()
        if here in seen or here not in found:
            continue
        seen.add(here)
        for node in ast.walk(found[here]):
            if isinstance(node, ast.Name):
                todo.append((here[0], node.id))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in known[here[0]]:
                todo.append((known[here[0]][node.value.id], node.attr))
    return seen


def names(functions_, found):
    return {(where, node.attr) for where in functions_ for node in ast.walk(found[where]) if isinstance(node, ast.Attribute)}


def test_practice_can_reach_neither_the_bank_nor_a_payments_record():
    found, _, imported = functions()
    ways = reached("practice", "run")
    assert {("tapping", "card"), ("asking", "amount"), ("common", "on_paper")} <= ways
    assert sorted(use for use in names(ways, found) if use[1] in FORBIDDEN) == []
    assert not any("acquirer" in name or "secure" in name or "crypto" in name for name in imported["practice"])
    writes = {node.func.attr for where in ways for node in ast.walk(found[where]) if isinstance(node, ast.Call)
              and isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "till.ledger"}
    assert writes <= {"alarm", "refuse", "since"}       # a card that misbehaved; a wish refused, which training does not write; a look back


def test_the_look_at_practice_has_eyes():
    """The same look finds what a real sale does."""
    found, _, _ = functions()
    assert {"outbox", "owe", "envelope"} <= {use[1] for use in names(reached("sale", "run"), found)}


# Roles
def logs_in(till, role, pin, words, within_ms=10_000):
    return till.menu("9").sees("1 operator").keys(role).sees("D go on").keys(pin + "D").sees(words, within_ms).ready()


def test_what_is_kept_for_a_role_wants_its_log_in(till):
    till.pays().settings(pins=PINS, roles=ROLES).menu("1").sees("Log in first", 3_000).menu("4").sees("Log in first", 3_000)
    logs_in(till, "1", "1234", "Welcome").menu("4").sees("X TOTALS", 3_000).menu("1").sees("Log in first", 3_000)
    logs_in(till, "2", "314159265358", "Welcome").menu("4").sees("X TOTALS", 3_000).menu("1").sees("Payment number", 3_000).keys("A").ready()
    till.menu("9").sees("0 log out").keys("0").sees("Logged out").menu("4").sees("Log in first", 3_000)
    assert [row for row in till.alarms() if row[0] == "login"] == [("login", "operator in"), ("login", "supervisor in")]
    assert "314159" not in str(till.bench.story.rows)


def test_a_role_without_a_pin_cannot_log_in(till):
    till.ready().settings(pins=PINS).menu("9").keys("3").sees("No PIN is set", 3_000)


def test_a_log_in_ends_after_minutes_without_an_act(till):
    logs_in(till.ready().settings(pins=PINS, roles=ROLES), "1", "1234", "Welcome").waits(100_000).menu("4").sees("X TOTALS", 3_000)
    till.ready().waits(100_000)
    assert till.facts()["role"] == "operator"           # the report was an act
    till.waits(30_000).menu("4").sees("Log in first", 3_000)
    assert till.facts()["role"] == ""


def test_five_wrong_pins_bring_a_wait_that_doubles_and_no_restart_shortens(till):
    till.ready().settings(pins=PINS, roles=ROLES)
    for _ in range(5):
        logs_in(till, "1", "9999", "Wrong PIN")
    till.menu("9").keys("1").sees("Too many tries", 3_000).ready().waits(40_000).bench.cut()
    till.bench.start()
    till.ready().waits(30_000).menu("9").keys("1").sees("Too many tries", 3_000).ready().waits(35_000)
    logs_in(till, "1", "9999", "Wrong PIN").waits(70_000).menu("9").keys("1").sees("Too many tries", 3_000).ready().waits(60_000)
    logs_in(till, "1", "1234", "Welcome")
    logs_in(till, "1", "9999", "Wrong PIN")             # the right one gave five new tries
    logs_in(till, "1", "1234", "Welcome").menu("4").sees("X TOTALS", 3_000)


# Ears, patience, eyes, language
def test_all_ten_digits_of_a_pin_sound_and_feel_alike(till):
    till.ready().keys("1250D").sees("Tap a card").taps("visa-pin").sees("Enter PIN").waits(1_000)
    tones, pulses = till.senses.piezo.tones, till.senses.motor.pulses
    heard, felt = len(tones), len(pulses)
    till.keys("1234567890").waits(500)
    digits = tones[heard:]
    assert len(digits) == 10 and {hertz for _at, hertz, _us in digits} == {DIGIT_HZ}
    assert max(us for _at, _hertz, us in digits) - min(us for _at, _hertz, us in digits) < 2 * TICK_US
    lengths = [us for _at, us in pulses[felt:]]
    assert len(lengths) == 10 and max(lengths) - min(lengths) < 2 * TICK_US


def test_tones_and_haptics_can_be_off(till):
    till.ready().settings(people={"tones": False, "haptic": False}).waits(1_000)
    heard, felt = len(till.senses.piezo.tones), len(till.senses.motor.pulses)
    till.pays()
    assert (len(till.senses.piezo.tones), len(till.senses.motor.pulses)) == (heard, felt)


@pytest.mark.parametrize("patience, seconds", [(100, 30), (200, 60), (400, 120)])
def test_patience_stretches_the_wait_for_a_card(till, patience, seconds):
    till.ready().settings(people={"patience": patience}).ready().keys("1250D").sees("Tap a card").waits((seconds - 2) * 1000)
    assert "Tap a card" in till.screen
    till.sees("Nobody came", 3_000)


def test_patience_does_not_stretch_the_banks_wait(till):
    till.ready().settings(people={"patience": 400}).ready().waits(500).keys("1250D").sees("Tap a card")
    till.bench.bank.moods.append("never")
    till.taps("visa").sees("No answer", 33_000)


def test_large_letters_pay_as_small_ones_do(till):
    drawn.needs_font()
    till.ready().settings(people={"large_text": True}).ready().keys("6000").sees("Amount, then D").keys("D").sees("Tap a card").taps("mc-pin")
    till.sees("PIN, then D").keys("2468D").sees("Approved").ready()
    assert till.effects() == (1, 1) and len(till.screen.split("\n")) <= 4


def test_a_terminal_speaks_the_language_of_the_card_and_then_its_own_again(till):
    drawn.needs_font()
    till.ready().settings(shop={"languages": ["en", "zh"]}).ready().keys("6000D").sees("Tap a card").taps("mc-pin").sees("输入密码")
    till.keys("2468D").sees("付款成功").ready()
    assert [cjk(paper) for paper in till.papers()] == [False, True]     # the merchant's copy is the merchant's
    till.pays()
    assert not any(cjk(paper) for paper in till.papers()[2:]) and till.effects() == (2, 2)


def test_a_card_of_a_language_that_the_shop_has_not_is_spoken_to_in_the_shops_own(till):
    till.ready().keys("6000D").sees("Tap a card").taps("mc-pin").sees("Enter PIN").keys("2468D").sees("Approved").ready()
    assert not any(cjk(paper) for paper in till.papers())
