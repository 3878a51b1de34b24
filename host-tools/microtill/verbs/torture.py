# torture.py: `microtill torture`: faults at every point of the flows named. Ends 0 where each run had one effect and came to rest, 1 where not.
import os
import sys
import time
from collections import Counter
from pathlib import Path

from microtill import sweep
from microtill.bench import firmware
from microtill.torture import engine, faults, recording
from microtill.torture.branch import CannotBranch
from microtill.torture.flows import FLOWS
from microtill.torture.key_scenes import KEY_FLOWS

_SHOWN_EACH_S = 0.5
_LISTED = 20                            # violations that people see; a file each for all of them


class UnknownName(Exception):
    code = "U17"


def chosen(words, known, what):
    """"a,b" as a list of known names."""
    names = [word.strip() for word in words.split(",") if word.strip()]
    for name in names:
        if name not in known:
            raise UnknownName("no such %s: %s; there are: %s" % (what, name, ", ".join(known)))
    return names


class Tally:
    """What has come out so far, and the line on which people see it grow."""

    def __init__(self, out, total, keep):
        self.out, self.total, self.keep = out, total, keep
        self.runs, self.by_sweep, self.one_effect, self.violations, self.unresolved = 0, Counter(), 0, [], []
        self._began = self._shown = time.monotonic()

    def heard(self, row, verdict):
        """True where it is not good."""
        self.runs += 1
        self.by_sweep[row["sweep"]] += 1
        bad = verdict["violations"] or not verdict["resolved"]
        if bad:
            path = self.keep(row, verdict)
            found = {**row, "violations": verdict["violations"], "said": verdict["said"], "recording": str(path)}
            (self.violations if verdict["violations"] else self.unresolved).append(found)
        self.one_effect += not bad
        self._show()
        return bool(bad)

    def _show(self, end="\r"):
        now = time.monotonic()
        if self.out.as_json or self.out.quiet or not sys.stderr.isatty() or (end == "\r" and now - self._shown < _SHOWN_EACH_S):
            return
        self._shown = now
        words = "  %d of %d, %.0f a second, %d violations, %d unresolved   " % (
            self.runs, self.total, self.runs / max(now - self._began, 0.001), len(self.violations), len(self.unresolved))
        print(words, end=end, file=sys.stderr, flush=True)

    def seconds(self):
        self._show("\n")
        return time.monotonic() - self._began


def counted(cleans, sweeps):
    """({sweep: points that its chips counted}, words for each scene whose points are not what its chips counted)."""
    points, wrong = dict.fromkeys(sweeps, 0), []
    for each in cleans:
        told = Counter(kind for kind, _size in each.points)
        wrong += ["%s: %d points at %s, its chip counted %d" % (each.scene, told[kind], kind, count)
                  for kind, count in each.chips.items() if told[kind] != count]
        for name in sweeps:
            points[name] += sum(faults.counted(name, kind) for kind, _size in each.points)
    return points, wrong


def run(out, sweeps, flows, pairs, folder, jobs, first=False, every=1, seed=1):
    """The answer of `microtill --json torture`. `every`: only each so-manieth run, for a look; `first`: stop at the first violation."""
    image, scenes = sweep.keyed_image(), [scene for flow in flows for scene in {**FLOWS, **KEY_FLOWS}[flow]]
    cleans = [engine.clean(name, image, seed) for name in scenes]
    points, wrong = counted(cleans, sweeps)
    runs = engine.plan(cleans, sweeps, pairs, seed)[::every]
    mark = firmware.tree_hash()
    tally = Tally(out, len(runs), lambda row, verdict: recording.save(folder, row, verdict, sweeps, seed, mark))
    for each in cleans:
        if each.verdict["violations"] or not each.verdict["resolved"]:
            row = engine.Run(each.scene, 0, faults.KEY, ("none",), "clean").as_row()
            tally.violations.append({**row, "violations": each.verdict["violations"] or ["never came to rest"], "said": each.verdict["said"],
                                     "recording": str(recording.save(folder, row, each.verdict, sweeps, seed, mark))})
    failed = 0 if first and tally.violations else engine.torture(runs, image, sweeps, tally.heard, jobs, first, seed)
    if failed and not first:
        wrong.append("%d workers ended early" % failed)
    return {"runs": tally.runs, "planned": len(runs), "points": points, "runs_by_sweep": dict(tally.by_sweep), "one_effect": tally.one_effect,
            "violations": tally.violations, "unresolved": tally.unresolved, "miscounted": wrong, "scenes": scenes,
            "seconds": round(tally.seconds(), 1)}


def command(out, sweeps, flows, pairs, folder, jobs, first, every, replay):
    """(status, answer)."""
    if replay:
        return play(out, replay)
    sweeps, flows = chosen(sweeps, faults.SWEEPS, "sweep"), chosen(flows, (*FLOWS, *KEY_FLOWS), "flow")
    if not hasattr(os, "sched_setaffinity"):
        raise CannotBranch("a torture splits processes where they stand, which only Linux lets it")
    answer = run(out, sweeps, flows, pairs, folder or Path("build") / "torture", jobs, first, every)
    for line in lines(answer):
        out.say(line)
    good = not answer["violations"] and not answer["unresolved"] and not answer["miscounted"]
    return (0 if good else 1), answer


def lines(answer):
    """The table for people."""
    yield "%-8s %8s %8s" % ("sweep", "points", "runs")
    for name, count in answer["runs_by_sweep"].items():
        yield "%-8s %8s %8d" % (name, answer["points"].get(name, ""), count)
    yield "%d of %d runs with one effect, in %.0f s; %d violations, %d unresolved" % (
        answer["one_effect"], answer["runs"], answer["seconds"], len(answer["violations"]), len(answer["unresolved"]))
    yield from answer["miscounted"]
    for found in (answer["violations"] + answer["unresolved"])[:_LISTED]:
        yield "%s %s: %s; %s" % (found["scene"], " ".join(str(part) for part in found["fault"]),
                                 "; ".join(found["violations"]) or "never came to rest", found["recording"])


def play(out, path):
    """(status, answer) of a recording done again on the chosen target. Raises recording.BadRecording."""
    found = recording.read(path)
    verdict = engine.again(found["run"], sweep.keyed_image(), found["sweeps"], found["seed"])
    same = all(verdict[name] == found["verdict"][name] for name in ("violations", "resolved", "approved"))
    out.say("%s: %s" % ("the same" if same else "something else", "; ".join(verdict["violations"]) or "nothing wrong"))
    other = found["firmware"] != firmware.tree_hash()
    return (0 if same else 1), {"same": same, "recorded": found["verdict"], "played": verdict, "other_firmware": other}
