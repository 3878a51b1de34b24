# test_drivers_screen.py: drivers/ssd1306 on the display model: what is drawn is seen, unchanged pages stay home, one that left is told.
from driver_rig import SCREEN, DriverRig


def test_a_drawing_is_seen_dot_for_dot():
    rig = DriverRig()
    rig.run(SCREEN, """
async def main():
    await screen.start()
    screen.frame.rect(3, 5, 20, 10, 1)
    screen.frame.pixel(127, 63, 1)
    screen.mark()
    await screen.flush()
""")
    rows = rig.screen.rows()
    assert rows[5][3:23] == "#" * 20 and rows[5][2] == rows[5][23] == "." and rows[14][3:23] == "#" * 20 and rows[10][3:6] == "#.."
    assert rows[63][127] == "#" and sum(row.count("#") for row in rows) == 57
    assert rig.held_us < 10_000


def test_only_pages_that_changed_go_out():
    rig = DriverRig()
    said = rig.run(SCREEN, """
async def main():
    await screen.start()
    for y, rows in ((0, 64), (17, 1), (23, 2), (-5, 6), (70, 3), (0, 0)):
        sent = screen.pages_sent
        screen.frame.pixel(y & 127, max(0, y), 1)
        screen.mark(y, rows)
        await screen.flush()
        say(screen.pages_sent - sent)
    screen.mark()
    before = bus.calls
    await screen.flush()
    say(bus.calls - before)
""")
    assert said == ["1", "1", "1", "1", "0", "0", "0"]


def test_garbage_in_the_display_is_gone_before_it_lights_up():
    rig = DriverRig()
    rig.screen.gddram[:] = b"\xa5" * 1024
    lit = []
    rig.screen.on_change = lambda: lit.append(sum(rig.screen.pixels()))
    rig.run(SCREEN, "async def main():\n    await screen.start()\n")
    assert not any(lit) and rig.screen.lit


def test_contrast_inversion_and_power():
    rig = DriverRig()
    rig.run(SCREEN, """
async def main():
    await screen.start()
    screen.contrast(7)
    screen.invert(True)
    say("inverted")
    screen.power(False)
""")
    assert rig.screen.contrast == 7 and rig.screen.inverse and not rig.screen.lit


def test_a_display_that_left_is_told_and_comes_back_whole():
    rig = DriverRig()
    rig.when("pull", rig.i2c[0].chips.clear)

    def plug():
        rig.screen.power_on()
        rig.screen.gddram[:] = bytes(1024)
        rig.i2c[0].chips[rig.screen.address] = rig.screen
    rig.when("plug", plug)
    said = rig.run(SCREEN, """
async def main():
    await screen.start()
    screen.frame.fill_rect(0, 0, 4, 4, 1)
    screen.mark()
    await screen.flush()
    say("pull")
    screen.frame.fill_rect(4, 0, 4, 4, 1)
    screen.mark(0, 4)
    say(await tried(screen.flush()), await tried(screen.flush()), await tried(screen.start()))
    say("plug")
    say(await tried(screen.start()))
""")
    assert said == ["pull", "!absent !absent !absent", "plug", "None"]
    assert rig.screen.lit and rig.screen.rows()[0].startswith("########.")
