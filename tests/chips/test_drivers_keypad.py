# test_drivers_keypad.py: drivers/matrix_keypad on bouncing contacts: one press, one key; chords and ghosts none; a stuck key is told.
import pytest
from driver_rig import KEYPAD, DriverRig

READ = """
async def main():
    say("ready")
    while True:
        key = await pad.key()
        if key == "D":
            break
        say(key)
"""
LEGEND = "123A456B789C*0#D"
MS = 1000


def typed(keys, pitch_ms, hold_ms, seed=1):
    """What the driver says where these keys are pressed at such a pace; D ends it, well after."""
    rig = DriverRig(seed)

    def press():
        for i, key in enumerate(keys):
            rig.world.after((20 + i * pitch_ms) * MS, rig.keypad.press, LEGEND.index(key), hold_ms * MS)
        rig.world.after((400 + len(keys) * pitch_ms + hold_ms) * MS, rig.keypad.press, LEGEND.index("D"), 90 * MS)
    said = rig.when("ready", press).run(KEYPAD, READ)
    assert rig.held_us < 10_000
    return "".join(said[1:])


def test_every_key_at_a_calm_pace():
    assert typed(LEGEND[:-1], 180, 90) == LEGEND[:-1]


def test_quick_typing_loses_nothing():
    for seed in range(4):
        assert typed("4711088005553111", 80, 40, seed) == "4711088005553111"


def test_rolled_over_keys_count_each_also_in_one_column():
    assert typed("147", 100, 130) == "147"
    assert typed("123", 100, 130) == "123"


def test_a_held_key_counts_once():
    assert typed("5", 100, 3000) == "5"


def test_a_bounce_too_short_is_no_key():
    rig = DriverRig()

    def touch():
        rig.keypad.closed.add(5)
        rig.keypad.wires.changed()
        rig.world.after(4 * MS, rig.keypad.release_all)
        rig.world.after(200 * MS, rig.keypad.press, 15, 90 * MS)
    assert rig.when("ready", touch).run(KEYPAD, READ) == ["ready"]


def test_a_chord_and_a_ghost_are_no_key():
    rig = DriverRig()

    def chord():
        for key in (0, 1, 4):               # and 5 is their ghost
            rig.keypad.press(key, 100 * MS)
        rig.world.after(300 * MS, rig.keypad.press, LEGEND.index("9"), 90 * MS)
        rig.world.after(500 * MS, rig.keypad.press, 15, 90 * MS)
    assert rig.when("ready", chord).run(KEYPAD, READ) == ["ready", "9"]


def test_a_stuck_key_is_told_once_and_so_is_its_end():
    rig = DriverRig()
    rig.when("ready", lambda: (rig.world.after(MS, rig.keypad.stuck, 6), rig.world.after(15_000 * MS, rig.keypad.release_all),
                               rig.world.after(17_000 * MS, rig.keypad.press, 15, 90 * MS)))
    assert rig.run(KEYPAD, "pad.on_stuck = lambda index: say('stuck', index, time.ticks_ms() - began > 10_000)\nbegan = time.ticks_ms()\n"
                   + READ) == ["ready", "6", "stuck 6 True", "stuck None True"]


def test_a_key_that_is_down_at_power_on_is_not_a_press():
    rig = DriverRig()
    rig.keypad.wires.out, rig.keypad.wires.irq = {}, {}
    rig.keypad.stuck(3)
    rig.when("ready", lambda: (rig.world.after(100 * MS, rig.keypad.release_all),
                               rig.world.after(300 * MS, rig.keypad.press, 15, 90 * MS)))
    assert rig.run(KEYPAD, READ) == ["ready"]


def test_a_cancelled_wait_loses_no_key():
    rig = DriverRig()
    rig.when("ready", lambda: rig.world.after(20 * MS, rig.keypad.press, 4, 90 * MS))
    assert rig.run(KEYPAD, """
async def main():
    say("ready")
    task = asyncio.create_task(pad.index())
    await asyncio.sleep_ms(25)                  # amid the bounces
    task.cancel()
    await asyncio.sleep_ms(5)
    say(await pad.index())
""") == ["ready", "4"]


def test_nothing_runs_while_no_key_is_down():
    rig = DriverRig()
    before = {}
    rig.when("ready", lambda: (before.update(trips=rig.rig.trips), rig.world.after(3_000_000 * MS, rig.keypad.press, 15, 90 * MS)))
    script = READ.replace('say("ready")', 'await asyncio.sleep_ms(2)\n    PROBE.cancel()\n    say("ready")')
    rig.run(KEYPAD, script.replace("PROBE", "watching"), within_s=3600)
    assert rig.rig.trips - before["trips"] < 150


@pytest.mark.parametrize("stuck", [0, 6, 11, 15])
def test_beside_a_stuck_key_each_other_one_goes_on(stuck):
    """In its row, in its column and elsewhere; three together make a ghost, and count as none."""
    rig, keys = DriverRig(), [key for key in LEGEND if key not in ("D", LEGEND[stuck])]

    def press():
        for i, key in enumerate(keys):
            rig.world.after((12_000 + i * 400) * MS, rig.keypad.press, LEGEND.index(key), 90 * MS)
        rig.world.after(20_000 * MS, rig.keypad.release_all)
        rig.world.after(21_000 * MS, rig.keypad.press, stuck, 90 * MS)
        rig.world.after(22_000 * MS, rig.keypad.press, 15, 90 * MS)
    rig.when("ready", lambda: (rig.world.after(MS, rig.keypad.stuck, stuck), press()))
    script = READ.replace('key == "D"', 'key == "D" and pad.stuck is None and time.ticks_ms() - began > 20_500')
    got = rig.run(KEYPAD, "pad.on_stuck = lambda index: say('stuck', index)\nbegan = time.ticks_ms()\n" + script)
    last = [] if LEGEND[stuck] == "D" else [LEGEND[stuck]]
    assert got == ["ready", LEGEND[stuck], "stuck %d" % stuck, *keys, "stuck None", *last]
