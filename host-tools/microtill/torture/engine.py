# engine.py: the runs of a torture, planned from one clean run a scene, then done: each fault in a fork of bench and terminal at its very point.
# A worker a core walks each scene once and branches where its share of the plan says so. A branch that dies or hangs is told as unresolved.
import contextlib
import gc
import json
import os
import select
import signal
import sys
import traceback
from dataclasses import dataclass, field

from microtill.bench import targets
from microtill.day import one_core
from microtill.torture import faults
from microtill.torture.branch import Branching
from microtill.torture.key_scenes import KEY_SCENES
from microtill.torture.key_scenes import SWEEPS as OF_KEYS
from microtill.torture.scene import Scene, chance

HANGS_S = 60                            # a branch takes a tenth of a second
_SECOND_WITHIN = 40                     # points after the first fault within which a second one falls


@dataclass
class Run:
    """One run: at the `index`-th point of `scene` (from 1), `fault`; and `second` = (points later, seed) for another by chance, or None."""
    scene: str
    index: int
    kind: str
    fault: tuple
    sweep: str
    second: tuple | None = None

    def as_row(self):
        return {"scene": self.scene, "index": self.index, "kind": self.kind, "fault": list(self.fault), "sweep": self.sweep,
                "second": list(self.second) if self.second else None}


@dataclass
class Clean:
    """A scene without a fault: its points in order [(kind, size)], what the chips counted, and the verdict."""
    scene: str
    points: list = field(default_factory=list)
    chips: dict = field(default_factory=dict)
    verdict: dict = field(default_factory=dict)


def staged(name, image, seed, target):
    return KEY_SCENES.get(name, Scene)(name, image, seed, target)


def sweeps_of(name, sweeps):
    """Those that a scene of this name goes through."""
    return [sweep for sweep in sweeps if name not in KEY_SCENES or sweep in OF_KEYS]


def clean(name, image, seed=1):
    scene, found = staged(name, image, seed, Branching(console=os.devnull)), Clean(name)
    try:
        scene.hear = lambda kind, size: found.points.append((kind, size))
        scene.prepare().play()
        found.chips = scene.chips()
        found.verdict = scene.quiet().verdict()
        return found
    finally:
        scene.close()


def plan(cleans, sweeps, pairs=0, seed=1):
    """Every run of these sweeps over these clean runs, and so many pairs of faults, by chance from `seed`."""
    out = []
    for each in cleans:
        for index, (kind, size) in enumerate(each.points, 1):
            for sweep in sweeps_of(each.scene, sweeps):
                for fault in faults.of(sweep, kind, size, seed << 16 ^ index):
                    out.append(Run(each.scene, index, kind, fault, sweep))
    for number in range(pairs):
        by = chance("pair", seed, number)
        each = by.choice([one for one in cleans if one.points])
        index = by.randint(1, len(each.points))
        kind, size = each.points[index - 1]
        second = (by.randint(1, _SECOND_WITHIN), by.randrange(1 << 30))
        out.append(Run(each.scene, index, kind, faults.any_of(sweeps_of(each.scene, sweeps), kind, size, by), "pairs", second))
    return out


class Walk:
    """One scene, walked by one worker: at each point a branch for each of its `runs`; how each ended goes to the descriptor `lines`.
    `first`: no more after one that is not good; then `stop` is set."""

    def __init__(self, scene, runs, sweeps, lines, first):
        self.scene, self.sweeps, self.lines, self.first = scene, sweeps, lines, first
        self.runs, self._at, self.run, self._out = {}, 0, None, None
        for run in runs:
            self.runs.setdefault(run.index, []).append(run)
        self.stop = False
        scene.hear = self._point

    def go(self):
        self.scene.prepare()
        gc.collect()
        gc.freeze()
        self.scene.play()
        if self.run:                        # we are a branch
            self.finish()

    def told(self, run, verdict):
        os.write(self.lines, json.dumps({"run": run.as_row(), "verdict": verdict}).encode() + b"\n")
        self.stop = self.first and bool(verdict["violations"] or not verdict["resolved"])

    def _point(self, kind, size):
        self._at += 1
        if self.run:
            self._second(kind, size)
            return
        for run in self.runs.get(self._at, ()):
            if not self.stop and self._branch(run, kind):
                return

    def _second(self, kind, size):
        if self.run.second and self._at == self.run.index + self.run.second[0]:
            by = chance("second", self.run.second[1])
            faults.do(self.scene, faults.any_of(sweeps_of(self.scene.name, self.sweeps), kind, size, by), kind)

    def _branch(self, run, kind):
        """True in the branch, whose fault has been set going; in the trunk only after the branch has ended."""
        come, out = os.pipe()
        pid = os.fork()
        if pid:
            os.close(out)
            self.told(run, _verdict_of(pid, come))
            return False
        os.close(come)
        self.run, self._out = run, out
        signal.alarm(HANGS_S + 5)
        bench = self.scene.bench
        if run.fault[0] in ("plug", "flash"):
            bench.target.leave()
        else:
            bench.target.branch(bench.channel)
        faults.do(self.scene, run.fault, kind)
        return True

    def finish(self):
        """The end of a branch: its verdict to the trunk, and nothing of it stays."""
        verdict = self.scene.quiet().verdict()
        with contextlib.suppress(BrokenPipeError):      # nobody waits any more
            os.write(self._out, json.dumps(verdict).encode())
        self.scene.bench.target.cut()
        os._exit(0)


def answer_of(pid, come):
    """(what a branch answered, "") as it ends, or (None, what became of it)."""
    got = b""
    while True:
        ready, _, _ = select.select([come], [], [], HANGS_S)
        more = os.read(come, 65536) if ready else b""
        if not more:
            break
        got += more
    os.close(come)
    if not ready:
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return (json.loads(got), "") if got else (None, "died" if ready else "hangs")


def _verdict_of(pid, come):
    answer, why = answer_of(pid, come)
    return answer or {"resolved": False, "violations": [], "approved": None, "lives": None, "said": [], "why": why}


def _work(runs, image, sweeps, out, first, seed):
    """In a worker's own process: its share of the runs, scene after scene; a line of JSON for each as it ends."""
    for name in dict.fromkeys(run.scene for run in runs):
        scene = staged(name, image, seed, Branching(console=os.devnull))
        walk = Walk(scene, [run for run in runs if run.scene == name], sweeps, out, first)
        try:
            walk.go()
        except BaseException:
            if walk.run:
                traceback.print_exc()
                os._exit(3)                 # the trunk tells it as a branch that died
            raise
        scene.close()
        gc.unfreeze()
        if walk.stop:
            return


def torture(runs, image, sweeps, heard, jobs=2, first=False, seed=1):
    """Do the runs in `jobs` processes; `heard(run as_row, verdict)` hears of each. `first`: stop soon after the first that is not good."""
    workers, buffers = {}, {}
    for number in range(jobs):
        come, out = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(come)
            status = 1
            try:
                os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[number % len(os.sched_getaffinity(0))]})
                _work(runs[number::jobs], image, sweeps, out, first, seed)
                status = 0
            except BaseException:           # noqa: BLE001  the worker's last word; the parent sees its status
                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(out)
        workers[come], buffers[come] = pid, b""
    return listen(workers, buffers, lambda row: heard(row["run"], row["verdict"]), first)


def listen(workers, buffers, heard, first=False):
    """{pipe: pid} and {pipe: b""} of workers, each of which writes lines of JSON: `heard(row)` of each. `first`: where it says True, all are
    stopped. Returns how many ended early."""
    failed = 0
    while workers:
        ready, _, _ = select.select(list(workers), [], [])
        for come in ready:
            data = os.read(come, 65536)
            lines = (buffers[come] + data).split(b"\n")
            buffers[come] = lines.pop()
            bad = [heard(row) for row in map(json.loads, lines)]
            if not data:
                os.close(come)
                failed += os.waitpid(workers.pop(come), 0)[1] != 0
            elif first and any(bad):
                for pid in workers.values():
                    os.kill(pid, signal.SIGTERM)
    return failed


def again(row, image, sweeps, seed=1):
    """One run, from power on and without a branch, on the chosen target: how a recording is played. Returns its verdict."""
    run = Run(**{**row, "fault": tuple(row["fault"]), "second": tuple(row["second"]) if row["second"] else None})
    scene = staged(run.scene, image, seed, targets.chosen(console=os.devnull))
    at = 0

    def hear(kind, size):
        nonlocal at
        at += 1
        if at == run.index:
            faults.do(scene, run.fault, kind)
        elif run.second and at == run.index + run.second[0]:
            faults.do(scene, faults.any_of(sweeps_of(run.scene, sweeps), kind, size, chance("second", run.second[1])), kind)
    scene.hear = hear
    try:
        with one_core():
            scene.prepare().play()
            return scene.quiet().verdict()
    finally:
        scene.close()
