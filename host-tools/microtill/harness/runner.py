# runner.py: a list of tests on one target, one after the other, each told as it ends. Raises NoTarget, BoardError.
import time
from dataclasses import dataclass, field

from microtill.harness import life
from microtill.harness.life import FAILED, PASSED, SKIPPED, Result

BENCH = "the bench's %s: there is none at a port"


@dataclass
class Run:
    """All results of one target. `serial`: of what was tested; `firmware`: its hash."""
    target: str
    serial: str
    firmware: str
    began_s: float = 0.0
    ended_s: float = 0.0
    results: list = field(default_factory=list)

    def count(self, outcome):
        return sum(result.outcome == outcome for result in self.results)

    @property
    def well(self):
        return self.count(FAILED) == 0

    @property
    def line(self):
        return "%d passed, %d failed, %d skipped" % tuple(map(self.count, (PASSED, FAILED, SKIPPED)))


class Target:
    """Where tests run: "sim", "qemu-stm32", or a serial port. `rig`: a rig.joined.Running that plays parts at that board's wires."""

    def __init__(self, name, hung_s=life.HUNG_S, rig=None):
        self.name, self._hung_s, self._board, self._played = name, hung_s, None, rig.provides if rig else ()
        if name in life.names():
            self.serial, self.firmware = name, life.firmware_of(name)
        else:
            from microtill.harness.port import Board
            self._board = Board(name, rig)
            self.serial, self.firmware = self._board.serial, self._board.firmware

    def run(self, test):
        """A Result, whatever happens."""
        if test.wrong:
            return Result(test, FAILED, test.wrong, began_s=time.time())
        missing = [part for part in test.needs if part not in self._played] if self._board else []
        why = test.why_not(self.name) or (BENCH % ", ".join(missing) if missing else "")
        if why:
            return Result(test, SKIPPED, why, began_s=time.time())
        return self._board.run(test, self._hung_s) if self._board else life.run(self.name, test, self._hung_s)


def run_all(target, tests, on_result=lambda result: None):
    """A Run; `on_result(result)` hears of each as it ends."""
    run = Run(target.name, target.serial, target.firmware, time.time())
    for test in tests:
        run.results.append(target.run(test))
        on_result(run.results[-1])
    run.ended_s = time.time()
    return run
