# matrix.py: every part failed against everything that people come for, each pair once of a sudden and once when it is known: run, looked at,
# mended, judged. Each use is walked once up to the moment before it, and split there as a torture is (branch.py). Linux alone.
# A module to run: python -m microtill.torture.matrix; ends 1 where a cell is not good, and writes nothing then.
import argparse
import gc
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

from microtill import reading, sweep
from microtill.bench import firmware
from microtill.bench.chips.nor import PowerCut
from microtill.torture import faults, journal, judge, matrix_page
from microtill.torture.branch import Branching
from microtill.torture.engine import HANGS_S, answer_of, listen
from microtill.torture.parts import PARTS, USES
from microtill.torture.scene import Scene
from microtill.verbs.pay import plain

SUDDEN, START = WHEN = ("sudden", "start")
PAGE = firmware.ROOT / "docs" / "degradation.md"
_BOOT_MS, _ERRAND_MS, _MENDED_MS = 120_000, 400_000, 900_000
_KNOWN_MS, _SENSED_MS = 65_000, 5_000   # after a start: until somebody comes, when what has failed is known; until each sense was looked at once
_STILL_US = 5_000_000                   # so long nothing happens, and the errand is over
_OPEN = ("ready", "ready_fixed")


class Walk:
    """One use of a terminal, walked up to the moment before it begins; there a branch for each of `cells` = [(part, when)]. `told(answer)`
    hears of each: part, use, when, and what `_look` gives."""

    def __init__(self, use, cells, image, told, seed=1):
        self.use, self.cells, self.told = use, cells, told
        self.scene = Scene(use, image, seed, Branching(console=os.devnull), flow=USES[use].flow)
        self.cell = self._out = None
        self._split_done, self._began_us = False, 0

    def go(self):
        scene = self.scene
        scene.prepare()
        gc.collect()
        gc.freeze()
        scene.bench.world.after(1_000, self._split)
        scene.run(lambda: self._split_done or self.cell, _BOOT_MS)
        if self.cell:                       # we are a branch
            os.write(self._out, json.dumps(self._look()).encode())
            scene.bench.target.cut()
            os._exit(0)
        scene.close()
        gc.unfreeze()

    def _split(self):
        for cell in self.cells:
            come, out = os.pipe()
            pid = os.fork()
            if pid == 0:
                os.close(come)
                self.cell, self._out = cell, out
                signal.alarm(HANGS_S + 5)
                return self._fail()
            os.close(out)
            answer, why = answer_of(pid, come)
            self.told({"part": cell[0], "use": self.use, "when": cell[1], **(answer or {"violations": ["the run %s" % why]})})
        self._split_done = True

    def _fail(self):
        """In a branch: the part fails, here and now; where it is to fail before a start, the power goes and comes."""
        bench, (part, when) = self.scene.bench, self.cell
        if when == SUDDEN:
            bench.target.branch(bench.channel)
            PARTS[part].fails(bench)
            return
        bench.target.leave()
        if not PARTS[part].after_start:
            PARTS[part].fails(bench)
        raise PowerCut

    # what comes of it
    def _look(self):
        """{"boots" (did it come to rest after a start?), "read" [(screen, its words)], "outcome" [(screen, reason)], "codes" of what was refused,
        "papers", "state" of the payments that were made, "shown" (screens by the terminal's own word), "alert" (the light), "ready_s" (seconds
        from mended to ready, or None), "violations"}."""
        scene, bench = self.scene, self.scene.bench
        boots = True
        if self.cell[1] == START:
            boots = scene.run(lambda: scene.at_rest, _BOOT_MS)
            if PARTS[self.cell[0]].after_start:
                scene.run(_never, _SENSED_MS)
                PARTS[self.cell[0]].fails(bench)
            scene.run(_never, _KNOWN_MS)
        found = {"boots": boots, **self._errand()}
        found["ready_s"] = self._mend()
        verdict = judge.verdict(scene)
        return {**found, "violations": verdict["violations"] if scene.resolved else [*verdict["violations"], "it never came to rest"],
                "lives": bench.lives}

    def _errand(self):
        """Somebody comes, does what the display asks, and leaves once nothing more happens."""
        scene, bench, read = self.scene, self.scene.bench, []
        scene.send(self.scene.flow.errand)
        person, mark = scene.person, len(bench.story.rows)
        see = bench.on_screen

        def seen(text):
            read.append((reading.name(text), plain(text)))
            see(text)
        bench.on_screen = seen
        read.append((reading.name(bench.shown), plain(bench.shown)))
        self._began_us = bench.world.now
        scene.begin()
        scene.run(lambda: scene.at_rest and self._still(person, mark), _ERRAND_MS)
        rows = bench.story.rows[mark:]
        bench.on_screen = see
        new = [row for row in journal.payments(bench.flash.data) if (row["stan"], row["field7"]) not in scene.before]
        return {"read": read, "outcome": [(row["screen"], row["reason"]) for row in rows if row["kind"] == "outcome"],
                "codes": [row["reason"] for row in rows if row["kind"] == "trigger" and row["end"] == "refused" and row["origin"] in (
                    "customer", "operator")],
                "papers": len(bench.printer.receipts) - scene.papers,
                "state": [row["state"] for row in new], "shown": [row["name"] for row in rows if row["kind"] == "screen"],
                "alert": bool(bench.lights.state["alert"])}

    def _still(self, person, mark):
        rows, now = self.scene.bench.story.rows, self.scene.bench.world.now
        last = max((row["t_us"] for row in rows[mark:] if row["kind"] in ("screen", "trigger")), default=0)
        return now - max(last, person.busy_until, self._began_us) > _STILL_US

    def _mend(self):
        """Everything is well again. Seconds until the next customer may begin, or None; then he pays, and is approved."""
        scene, bench = self.scene, self.scene.bench
        scene.counting = False
        mended_us, mark = bench.world.now, len(bench.story.rows)
        faults.heal(bench)
        scene.resolved = scene.run(lambda: reading.name(bench.shown) in _OPEN and self._seen_again(mark), _MENDED_MS)
        ready_s = (bench.world.now - mended_us) / 1e6 if scene.resolved else None
        scene.resolved = scene.resolved and scene.rests()
        if scene.resolved and scene.flow.settles:
            scene.settle_again()
        if scene.resolved:
            scene.life_goes_on()
        scene.run(_never, 1_000)
        return ready_s

    def _seen_again(self, mark):
        """A display that was dead shows what it showed before, so the terminal's own word has to say that it is back."""
        rows = self.scene.bench.story.rows
        return self.cell[0] != "display" or any(row["kind"] == "trigger" and row["name"] == "screen_back" for row in rows[mark:])


def _never():
    return False


def run(pairs, image, told, jobs=2, seed=1):
    """Both cells of each (part, use) of `pairs`, in `jobs` processes; `told(answer)` hears of each. Returns how many workers ended early."""
    shares = [[pair for pair in pairs if list(USES).index(pair[1]) % jobs == number] for number in range(jobs)]
    workers, buffers = {}, {}
    for number, share in enumerate(shares):
        come, out = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if pid == 0:
            os.close(come)
            _work(share, image, out, number, seed)
        os.close(out)
        workers[come], buffers[come] = pid, b""
    return listen(workers, buffers, told)


def _work(pairs, image, out, number, seed):
    """In a worker's own process: a line of JSON for each cell as it ends."""
    status = 1
    try:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
        for use in dict.fromkeys(use for _part, use in pairs):
            cells = [(part, when) for part, mine in pairs if mine == use for when in WHEN]
            Walk(use, cells, image, lambda answer: os.write(out, json.dumps(answer).encode() + b"\n"), seed).go()
        status = 0
    except BaseException:                   # noqa: BLE001  the worker's last word; the parent sees its status
        traceback.print_exc()
    finally:
        os._exit(status)


def main():
    words = argparse.ArgumentParser(description="Every part failed against every use; writes docs/degradation.md.")
    words.add_argument("--out", type=Path, default=PAGE)
    words.add_argument("--jobs", type=int, default=2)
    given, found, begin_s = words.parse_args(), [], time.monotonic()
    failed = run([(part, use) for use in USES for part in PARTS], sweep.keyed_image(), found.append, given.jobs)
    bad = [cell for cell in found if cell["violations"]]
    for cell in bad:
        print("%(part)s, %(use)s, %(when)s: " % cell + "; ".join(cell["violations"]))
    if not bad and not failed:
        given.out.write_text(matrix_page.page(found))
    print("%d cells in %.0f s, %d not good%s" % (len(found), time.monotonic() - begin_s, len(bad), "" if bad or failed else "; %s" % given.out))
    return 1 if bad or failed else 0


if __name__ == "__main__":
    sys.exit(main())
