# test_memory.py: the budget of the board's memory: every flow keeps within it, and what would not is seen.
import tomllib

import pytest

from microtill import size, sweep
from microtill.bench.bench import Bench
from microtill.bench.firmware import ROOT
from microtill.bench.qemu import Qemu

BUDGET = tomllib.loads((ROOT / "boards" / "qemu_stm32" / "budget.toml").read_text())


@pytest.fixture(scope="module")
def image():
    return sweep.keyed_image()


@pytest.mark.parametrize("name", size.FLOWS)
def test_a_flow_keeps_within_the_budget(name, image, firmware):
    rows = size.rows(BUDGET, size.sections(firmware), size.measure(image, flows={name: size.FLOWS[name]}, say=lambda line: None))
    assert [row for row in rows if not size.within(*row[1:])] == []


def test_twenty_kilobytes_more_are_past_the_budget(image):
    bench = Bench(None, target=Qemu())
    bench.flash.data[:] = image
    gauge = size.Gauge(bench)
    bench.start()
    bench.run(lambda: any(row["kind"] == "signed_on" for row in bench.story.rows), 60_000)
    bench.run(lambda: False, 10_000)
    assert size.within(gauge.now, BUDGET["heap"]["idle_free"], "least")
    bench.console.ask({"op": "ballast", "kib": 20})
    bench.run(lambda: False, 10_000)
    bench.close()
    assert not size.within(gauge.now, BUDGET["heap"]["idle_free"], "least")
