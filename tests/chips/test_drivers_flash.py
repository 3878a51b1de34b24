# test_drivers_flash.py: drivers/nor on a flash model: what is programmed is there, an erase sleeps, a cut tears, a dead chip is told.
import pytest
from driver_rig import FLASH, DriverRig

from microtill.bench.chips.nor import PowerCut


def test_a_page_is_programmed_and_read_back():
    rig = DriverRig()
    said = rig.run(FLASH, """
async def main():
    say(flash.identify().hex())
    await flash.erase(0x3000)
    flash.program(0x3010, b"owed")
    found = bytearray(6)
    flash.read(0x300f, found)
    say(found.hex(), flash.programs, flash.erases)
    large = bytearray(700)
    flash.read(0x3010, large)
    say(bytes(large[:5]), large[699])
""")
    assert said == ["ef4014", "ff6f776564ff 1 1", "b'owed\\xff' 255"]
    assert rig.flash.programs == rig.flash.erases == 1
    assert rig.held_us < 10_000


def test_a_program_during_an_erase_waits_for_it():
    rig = DriverRig()
    rig.flash.data[0x1000:0x1004] = b"junk"
    said = rig.run(FLASH, """
async def main():
    task = asyncio.create_task(flash.erase(0x1000))
    await asyncio.sleep_ms(10)
    flash.program(0x2000, b"kept")
    await task
    found = bytearray(4)
    flash.read(0x2000, found)
    say(bytes(found))
    flash.read(0x1000, found)
    say(bytes(found))
""")
    assert said == ["b'kept'", "b'\\xff\\xff\\xff\\xff'"]
    assert rig.flash.programs == 1


def test_a_cancelled_erase_is_waited_for_by_the_next_call():
    rig = DriverRig()
    said = rig.run(FLASH, """
async def main():
    task = asyncio.create_task(flash.erase(0x1000))
    await asyncio.sleep_ms(10)
    task.cancel()
    await flash.erase(0x2000)
    flash.erase_now(0x4000)
    flash.program(0x2000, b"x")
    found = bytearray(1)
    flash.read(0x2000, found)
    say(bytes(found), flash.erases)
""")
    assert said == ["b'x' 3"] and rig.flash.erases == 3


@pytest.mark.parametrize("fault, said", [("deaf", ["deaf", "busy"]), ("stuck_busy", ["fine", "busy"])])
def test_a_dead_chip_is_told(fault, said):
    rig = DriverRig()
    rig.when("fails", lambda: setattr(rig.flash, fault, True))
    assert rig.run(FLASH, """
async def main():
    if %r == "deaf":
        say("fails")
    try:
        flash.identify()
        say("fine")
    except NorError as error:
        say(error.code)
    say("fails")
    try:
        flash.program(0, b"x")
    except NorError as error:
        say(error.code)
""" % fault)[-3::2] == said
    assert rig.held_us < 520_000


def test_an_erase_that_an_earlier_life_began_is_waited_for():
    rig = DriverRig()
    rig.flash.data[0:4] = b"kept"
    rig.when("restarted", lambda: setattr(rig.flash, "busy_until", rig.world.now + 45_000))
    assert rig.run(FLASH, """
async def main():
    say("restarted")
    found = bytearray(4)
    flash.read(0, found)
    say(bytes(found))
""") == ["restarted", "b'kept'"]


def test_what_no_chip_could_do_is_refused():
    said = DriverRig().run(FLASH, """
async def main():
    for address, data in ((250, bytes(7)), (0, b""), (-1, b"x"), (1 << 20, b"x")):
        try:
            flash.program(address, data)
        except NorError as error:
            say(error.code)
    say(await tried(flash.erase(100)), await tried(flash.erase(1 << 20)))
    try:
        flash.read((1 << 20) - 1, bytearray(2))
    except NorError as error:
        say(error.code)
""")
    assert said == ["page", "page", "range", "range", "!range !range", "range"]


def test_a_cut_tears_a_program_and_the_next_life_sees_what_is_there():
    rig = DriverRig()
    rig.flash.cut = (2, 0.5)
    with pytest.raises(PowerCut):
        rig.run(FLASH, """
async def main():
    flash.program(0, bytes(64))
    flash.program(256, bytes(64))
""")
    torn = bytes(rig.flash.data[256:320])
    assert bytes(rig.flash.data[:64]) == bytes(64) and torn not in (bytes(64), b"\xff" * 64)
    assert rig.run(FLASH, """
async def main():
    found = bytearray(64)
    flash.read(256, found)
    say(found.hex())
""") == [torn.hex()]


def test_a_program_is_ten_trips_on_the_bus():
    said = DriverRig().run(FLASH, """
async def main():
    flash.read(0, bytearray(1))             # the first call looks whether the chip is at work
    before = bus.calls
    flash.program(0, bytes(96))
    say(bus.calls - before)
    found = bytearray(96)
    before = bus.calls
    flash.read(0, found)
    say(bus.calls - before)
""")
    assert said == ["10", "3"]
