# test_bench_dark.py: a bench whose terminal switches itself off, or runs empty: time goes on in the dark, and mains bring it back.
import pytest
from driver_rig import ScriptSim

from microtill.bench.bench import Bench

BOOT = "import asyncio, board, bus\nhold, piezo = board.hold(), board.piezo()\nbus.note('boot')\n"
OFF_SOON = BOOT + "async def main():\n    await asyncio.sleep(5)\n    hold(0)\n    bus.note('never')\nasyncio.run(main())\n"
STAYS = BOOT + "async def main():\n    await asyncio.sleep(100000)\nasyncio.run(main())\n"
MINUTE = 60_000_000


@pytest.fixture
def bench():
    made = []

    def make(script):
        made.append(Bench(None, target=ScriptSim(script)))
        return made[-1]
    yield make
    for one in made:
        one.close()
        one.target.close()


def acts(bench):
    return [row["what"] for row in bench.story.rows if row["kind"] == "act"]


def test_it_switches_itself_off_stays_dark_and_comes_back_on_mains(bench):
    bench = bench(OFF_SOON)
    bench.surroundings.mains = False
    bench.start()
    assert bench.run(lambda: bench.dark, 60_000)
    assert acts(bench) == ["switched off"] and bench.rig.notes == ["boot"] and bench.lives == 1
    before = bench.world.now
    assert not bench.run(lambda: not bench.dark, 3_600_000)
    assert bench.world.now - before == 3600 * 1_000_000 and bench.shown == ""
    bench.later(10 * MINUTE, setattr, bench.surroundings, "mains", True)
    assert bench.run(lambda: bench.rig.notes.count("boot") == 2, 3_600_000)
    assert bench.world.now - before == pytest.approx((3600 + 600) * 1e6, rel=0.001) and bench.lives == 2


def test_on_mains_it_is_back_at_once(bench):
    bench = bench(OFF_SOON)
    bench.start()
    assert bench.run(lambda: bench.lives == 3, 60_000)
    assert acts(bench) == ["switched off"] * 2 and bench.rig.notes.count("never") == 0


def test_an_empty_cell_cuts_the_terminal_off(bench):
    bench = bench(STAYS)
    bench.surroundings.mains, bench.surroundings.battery_percent, bench.surroundings.drain_per_hour = False, 2, 60
    bench.start()
    assert bench.run(lambda: bench.dark, 600_000)
    assert acts(bench) == ["battery empty"] and bench.world.now == pytest.approx(2 * MINUTE, rel=0.001)
    assert bench.surroundings.battery_percent == 0
    bench.surroundings.charge_per_hour = 60
    bench.surroundings.mains = True
    bench.run(lambda: False, 600_000)
    assert bench.lives == 2 and not bench.dark and bench.surroundings.battery_percent == pytest.approx(10, abs=0.1)


def test_a_plan_outlives_a_cut(bench):
    bench = bench(STAYS)
    done = []
    bench.start()
    bench.later(MINUTE, done.append, "plan")
    bench.run(lambda: False, 10_000)
    bench.cut()
    bench.start()
    assert bench.run(lambda: done, 100_000) and bench.world.now == MINUTE


def test_the_clock_on_its_coin_cell_keeps_the_worlds_time_in_the_dark(bench):
    bench = bench(OFF_SOON)
    bench.surroundings.mains = False
    bench.start()
    bench.run(lambda: False, 600_000)
    assert bench.dark and bench.senses.rtc.time == bench.now() and not bench.senses.rtc.osf
