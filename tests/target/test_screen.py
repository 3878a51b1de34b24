# test_screen.py: the display's driver on the bench's display: what is drawn is what a person reads; a display that is not there is told.
from check import ask, fails, measure

import board
from ssd1306 import SSD1306, ScreenError

needs = ("screen",)


async def test_a_person_reads_what_was_drawn():
    screen = board.screen()
    await screen.start()
    screen.frame.text("Key an amount", 8, 24)
    screen.mark()
    await screen.flush()
    assert ask("screen reads").strip() == "Key an amount"


async def test_a_display_is_dark_until_its_memory_is_ours():
    screen = board.screen()
    assert ask("screen dots") == "0"
    await screen.start()
    assert ask("screen dots") == "0"


async def test_only_what_changed_goes_out():
    screen = board.screen()
    await screen.start()
    sent = screen.pages_sent
    screen.frame.pixel(0, 17, 1)
    screen.mark()
    await screen.flush()
    measure("pages sent for one dot", screen.pages_sent - sent, "", 1, 1)


async def test_a_display_that_is_not_there_is_told():
    from machine import I2C
    error = await fails(ScreenError, SSD1306(I2C(0), 0x3D).start())
    assert error.code == "absent"


async def test_dark_on_light_and_off():
    screen = board.screen()
    await screen.start()
    screen.invert(True)
    assert ask("screen dots") == str(128 * 64)
    screen.power(False)
    assert ask("screen dots") == "0"
