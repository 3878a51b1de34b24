# test_mended_there.py: what fails and comes back on the emulated STM32, in one life after another: its older interpreter, its modem, its flash.


def test_flash_display_and_a_key_fail_and_are_mended(till):
    bench = till.ready().waits(8_000).bench
    till.keys("1250D").sees("Tap a card")
    bench.flash.read_only = True
    till.taps("visa").sees("Memory fault", 8_000).sees("Not in service", 8_000)
    bench.flash.read_only = False
    till.ready().waits(8_000).pays()
    assert ("restart", "flash") in till.alarms() and bench.lives == 2
    bench.flash.read_only, bench.screen.fault = True, "dead"
    bench.cut()
    bench.start()
    till.waits(10_000)
    bench.flash.read_only, bench.screen.fault = False, None
    till.sees("Key an amount", 30_000)
    bench.keypad.stuck(14)
    till.sees("A key is stuck", 12_000).waits(8_000).pays("4567")
    bench.keypad.release_all()
    till.holds(lambda: "A key is stuck" not in till.screen, "the alarm has ended", 2_000)
    assert till.events("died") == [] and till.effects() == (2, 2)
