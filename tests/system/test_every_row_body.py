# test_every_row_body.py: what is seen of each row that the terminal's own body has (power, heat, light, parts), and that it is gone without the row.
import image_scenes  # noqa: F401 (its scenes are played here)
import pytest
from every_row import of, play, scene

from microtill.bench import firmware, rig

DAY, NIGHT = 0xCF, 0x08                 # contrast of the display
ALARM, WARNING, ATTENTION = 3000, 1500, 2400        # hertz with which these signs begin


def well(till, words, within_ms=2_000):
    """The ready screen no longer says these words, and no light asks for anybody."""
    return till.ready().holds(lambda: words not in till.screen and "alert" not in till.lights, "%r has ended" % words, within_ms)


def on_battery(till, percent):
    till.ready()
    till.around.mains, till.around.battery_percent = False, percent
    return till


def heated(till, celsius, words, within_ms=40_000):
    """The case is as warm as that, and the screen says so."""
    till.ready()
    till.around.case_c = celsius
    return till.sees(words, within_ms)


def head(till, celsius, words):
    till.ready()
    till.around.head.held_c = celsius
    return till.sees(words, 40_000)


@scene("health", "started", "flows.recover")
def after_power_on_what_was_open_is_looked_at_and_then_it_is_ready(till):
    till.ready().keys("700D").sees("Tap a card", 3_000).taps("visa").sees("Asking", 5_000)
    till.bench.cut()
    till.bench.start()
    till.sees("Power is back", 5_000).ready()
    assert till.effects() == (0, 0)


@scene("health", "battery_low", "flows.alarm")
def a_low_battery_is_said_and_no_sale_begins(till):
    on_battery(till, 12).sees("Battery low", 170_000)
    assert "Plug it in" in till.screen and "alert" in till.lights and ("battery_low", "warning 12") in till.alarms()


@scene("health", "battery_critical", "flows.shut_down")
def an_empty_battery_switches_the_terminal_off_and_mains_bring_it_back(till):
    on_battery(till, 4).sees("Switching off", 170_000).holds(lambda: till.bench.dark, "it is dark", 5_000).waits(1_000)
    till.around.battery_percent, till.around.mains = 40, True
    till.ready().holds(lambda: not till.bench.dark, "it is on", 1_000)
    assert ("battery_critical", "critical 4") in till.alarms() and ("switching_off", "battery 4") in till.alarms()


@scene("health", "battery_fine", "flows.alarm")
def a_battery_that_is_charged_ends_the_alarm(till):
    on_battery(till, 12).sees("Battery low", 170_000)
    till.around.mains, till.around.battery_percent = True, 40
    well(till, "Battery low", 170_000)
    assert till.alarms()[-1] == ("battery_low", "ended")


@scene("health", "mains_lost", "flows.save_power")
def mains_lost_dims_the_screen_and_says_that_it_runs_on_battery(till):
    till.ready()
    till.around.mains = False
    till.sees("On battery", 2_000).holds(lambda: till.bright == NIGHT, "the screen is dim", 1_000).waits(1_000)
    assert ("mains_lost", "notice") in till.alarms() and ATTENTION in till.heard()


@scene("health", "mains_back", "flows.save_power")
def mains_back_make_the_screen_bright_again(till):
    till.ready()
    till.around.mains = False
    till.sees("On battery", 2_000)
    till.around.mains = True
    well(till, "On battery").holds(lambda: till.bright == DAY, "the screen is bright", 1_000)
    assert till.alarms()[-1] == ("mains_lost", "ended")


@scene("health", "case_warm", "flows.climate")
def a_warm_case_starts_the_fan(till):
    heated(till, 47, "Fan is on").waits(3_000)
    assert 2_500 < till.senses.fan.rpm < 3_500 and ("case_warm", "notice 4700") in till.alarms()


@scene("health", "case_hot", "flows.climate")
def a_hot_case_runs_the_fan_at_full_speed(till):
    heated(till, 62, "Running warm").waits(3_000)
    assert till.senses.fan.rpm > 4_500 and "alert" in till.lights and ("case_hot", "warning 6200") in till.alarms()


@scene("health", "case_too_hot", "flows.climate")
def a_case_that_is_too_hot_sells_nothing(till):
    heated(till, 75, "Let it cool").sees("Too hot", 1_000).waits(3_000)
    assert till.senses.fan.rpm > 4_500 and "alert" in till.lights and ("case_too_hot", "critical 7500") in till.alarms()


@scene("health", "case_cool", "flows.climate")
def a_case_that_has_cooled_stops_the_fan(till):
    heated(till, 47, "Fan is on")
    till.around.case_c = 30
    well(till, "Fan is on", 40_000).waits(3_000)
    assert till.senses.fan.rpm < 50 and till.alarms()[-1] == ("case_warm", "ended")


@scene("health", "fan_stalled", "flows.alarm")
def a_fan_that_does_not_turn_is_an_alarm(till):
    till.senses.fan.stalled = True
    heated(till, 47, "Fan stands still", 45_000)
    assert "alert" in till.lights and ("fan_stalled", "warning") in till.alarms()


@scene("health", "fan_turns", "flows.alarm")
def a_fan_that_turns_again_ends_the_alarm(till):
    till.senses.fan.stalled = True
    heated(till, 47, "Fan stands still", 45_000)
    till.senses.fan.stalled = False
    till.sees("Fan is on", 70_000)
    assert "alert" not in till.lights and till.alarms()[-1] == ("fan_stalled", "ended")


@scene("health", "head_hot", "flows.alarm")
def a_warm_print_head_is_said(till):
    head(till, 63, "Printer warm")
    assert ("head_hot", "notice") in [(source, word.split()[0]) for source, word in till.alarms()]


@scene("health", "head_too_hot", "flows.alarm")
def a_hot_print_head_is_an_alarm_and_the_paper_waits(till):
    head(till, 73, "Printer hot").keys("1250D").sees("Tap a card", 2_000).taps("visa").sees("Printer is hot", 10_000)
    assert "alert" in till.lights and till.papers() == []
    till.around.head.held_c = 30
    till.holds(lambda: len(till.papers()) == 2, "the paper came out", 30_000)


@scene("health", "head_cool", "flows.alarm")
def a_print_head_that_has_cooled_ends_the_alarm(till):
    head(till, 73, "Printer hot")
    till.around.head.held_c = 30
    well(till, "Printer hot", 40_000)
    assert till.alarms()[-1] == ("head_too_hot", "ended")


@scene("health", "dark", "flows.light")
def the_screen_dims_in_the_dark(till):
    till.ready()
    till.around.lux = 3
    till.holds(lambda: till.bright == NIGHT, "the screen is dim", 15_000)


@scene("health", "bright", "flows.light")
def the_screen_is_bright_again_in_the_light(till):
    till.ready()
    till.around.lux = 3
    till.holds(lambda: till.bright == NIGHT, "the screen is dim", 15_000)
    till.around.lux = 300
    till.holds(lambda: till.bright == DAY, "the screen is bright", 15_000)


@scene("health", "sense_lost", "flows.alarm")
def a_sensor_that_says_nothing_is_told_on_the_ready_screen(till):
    till.ready()
    till.senses.thermometer.fault = "dead"
    till.sees("A sensor is mute", 40_000)
    assert ("sense_lost case", "notice") in till.alarms() and till.facts()["case_c"] is None


@scene("health", "sense_back", "flows.alarm")
def a_sensor_that_speaks_again_ends_the_alarm(till):
    till.ready()
    till.senses.thermometer.fault = "dead"
    till.sees("A sensor is mute", 40_000)
    till.senses.thermometer.fault = None
    well(till, "A sensor is mute", 40_000)
    assert till.alarms()[-1] == ("sense_lost case", "ended") and till.facts()["case_c"] == 2400


@scene("health", "paper_out", "flows.alarm")
def paper_that_is_out_is_an_alarm_until_some_is_in(till):
    till.ready().keys("1250D").sees("Tap a card")
    till.bench.printer.paper_out()
    till.taps("visa").sees("Paper is out", 10_000).keys("A").ready().sees("Paper is out", 2_000)
    assert "alert" in till.lights and ("paper_out", "warning") in till.alarms()


@scene("health", "printer_silent", "flows.alarm")
def a_printer_that_says_nothing_is_an_alarm(till):
    till.ready().keys("1250D").sees("Tap a card")
    till.bench.printer.deaf = True
    till.taps("visa").sees("No receipt came", 40_000).keys("A").ready().sees("Printer is mute", 2_000)
    assert "alert" in till.lights and ("printer_silent", "warning") in till.alarms() and till.effects() == (1, 1)


@scene("health", "printer_prints", "flows.alarm")
def a_printer_that_prints_again_ends_the_alarm(till):
    till.ready().keys("1250D").sees("Tap a card")
    till.bench.printer.paper_out()
    till.taps("visa").sees("Paper is out", 10_000).waits(2_000)
    assert "alert" in till.lights
    till.bench.printer.reload()
    till.keys("D").sees("Key an amount", 20_000)
    well(till, "Paper is out")
    assert till.alarms()[-1] == ("paper_out", "ended")


def deafened(till):
    """The reader dies while a card is waited for."""
    till.ready().keys("1250D").sees("Tap a card")
    till.bench.reader.deaf = "dead"
    return till.waits(8_000).keys("A").sees("Not in service", 10_000)


@scene("health", "reader_deaf", "flows.alarm")
def a_reader_that_hears_nothing_is_an_alarm_and_no_sale_begins(till):
    deafened(till).sees("Reader is mute", 2_000)
    assert "alert" in till.lights and ALARM in till.heard() and "reader_deaf" in [source for source, _word in till.alarms()]


@scene("health", "reader_heard", "flows.alarm")
def a_reader_that_hears_again_ends_the_alarm(till):
    deafened(till)
    till.bench.reader.deaf = None
    till.sees("Key an amount", 70_000)
    well(till, "Reader is mute")
    assert till.alarms()[-1] in (("reader_deaf", "ended"), ("reader", "heard")) and ("reader_deaf", "ended") in till.alarms()


@scene("health", "key_stuck", "flows.alarm")
def a_key_that_stays_down_is_an_alarm(till):
    till.ready()
    till.bench.keypad.stuck(14)
    till.sees("A key is stuck", 20_000).waits(1_000)
    assert "alert" in till.lights and WARNING in till.heard() and ("key_stuck", "warning #") in till.alarms()


@scene("health", "key_free", "flows.alarm")
def a_key_that_is_up_again_ends_the_alarm(till):
    till.ready()
    till.bench.keypad.stuck(14)
    till.sees("A key is stuck", 20_000)
    till.bench.keypad.release_all()
    well(till, "A key is stuck")
    assert till.alarms()[-1] == ("key_stuck", "ended")


@scene("health", "screen_dead", "flows.alarm")
def a_dead_screen_is_a_light_and_a_sound(till):
    till.ready()
    till.bench.screen.fault = "dead"
    till.keys("1").holds(lambda: "alert" in till.lights, "the light is on", 2_000).waits(2_000)
    assert ALARM in till.heard() and ("screen_dead", "critical") in till.alarms()


@scene("health", "screen_back", "flows.alarm")
def a_screen_that_shows_again_puts_the_light_out(till):
    till.ready()
    till.bench.screen.fault = "dead"
    till.keys("1").holds(lambda: "alert" in till.lights, "the light is on", 2_000)
    till.bench.screen.fault = None
    till.keys("2").sees("0.12", 2_000).holds(lambda: "alert" not in till.lights, "the light is off", 1_000)
    assert till.alarms()[-1] == ("screen_dead", "ended")


def breaks_its_keys(till, times):
    """The keypad's wires are gone in a way that its driver cannot bear."""
    real = till.ready().bench.rig._ops[rig.PIN_GET]

    def broken(unit, a, b, data):
        raise OSError(5, "no such pin")
    for _ in range(times):
        till.bench.rig._ops[rig.PIN_GET] = broken
        till.bench.press("1")
        till.waits(60)
        till.bench.rig._ops[rig.PIN_GET] = real if times == 1 else broken
        till.waits(800)
    return till


@scene("health", "flash_failed", "flows.flash")
def flash_that_takes_no_record_is_an_alarm_until_it_does_and_a_start_follows(till):
    till.ready().keys("1250D").sees("Tap a card")
    till.bench.flash.read_only = True
    till.taps("visa").sees("Memory fault", 5_000).sees("Not in service", 3_000)
    assert "alert" in till.lights and ALARM in till.heard()
    till.bench.flash.read_only = False
    till.sees("Key an amount", 15_000).pays()
    assert ("flash_failed", "ended") in till.alarms() and till.effects() == (1, 1)


@scene("health", "owed_long", "flows.alarm")
def a_debt_that_nobody_takes_for_long_is_an_alarm(till):
    till.long_without_a_bank().sees("Bank is away", 2_000)
    assert "alert" in till.lights and "owed_long" in [source for source, _word in till.alarms()]


@scene("health", "task_died", "flows.alarm")
def a_part_that_failed_is_told_for_a_minute(till):
    breaks_its_keys(till, 1).sees("A part failed", 2_000)
    assert "alert" in till.lights and ("task_died", "warning keypad OSError") in till.alarms()
    till.holds(lambda: "A part failed" not in till.screen, "it has passed", 65_000).pays()
    assert ("task_died", "ended") in till.alarms()


@scene("health", "safe_stop", "flows.safe_stop")
def a_part_that_keeps_failing_stops_the_terminal(till):
    breaks_its_keys(till, 8).sees("Switch off", 2_000)
    assert "alert" in till.lights and ("safe_stop", "critical keypad") in till.alarms()


@pytest.mark.parametrize("key", of("health"))
def test_every_row(key, image):
    play(key, image)


@pytest.mark.parametrize("key", of("health"))
def test_without_its_row(key, image, leaving_out, monkeypatch):
    tree = leaving_out.row(key)
    monkeypatch.setattr(firmware, "compiled", lambda *a, **k: tree)
    with pytest.raises(AssertionError):
        play(key, image)
