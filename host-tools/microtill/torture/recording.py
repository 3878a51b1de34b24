# recording.py: a run that went wrong, as a file that plays it again: scene, point, fault, seed, and what was wrong. Raises BadRecording.
# It holds no secret: a person's keys are the scene's own.
import json
from pathlib import Path

from microtill.torture.faults import KINDS
from microtill.torture.flows import SCENES
from microtill.torture.key_scenes import KEY_SCENES

FORMAT = 1
_HEAD = "microtill torture"


class BadRecording(Exception):
    code = "U10"


def save(folder, row, verdict, sweeps, seed, firmware):
    """Writes the file; returns its path. The same run has the same name."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    second = "" if row["second"] is None else "-then-%d" % row["second"][1]
    name = "%s-%s-%d-%s%s.json" % (row["scene"], row["kind"], row["index"], "-".join(str(part) for part in row["fault"]), second)
    path = folder / name.replace("/", "_")
    path.write_text(json.dumps({_HEAD: FORMAT, "firmware": firmware, "seed": seed, "sweeps": list(sweeps), "run": row, "verdict": verdict}, indent=1))
    return path


def is_one(text):
    """Is it meant to be one?"""
    return _HEAD in text[:len(_HEAD) + 20]


def read(path):
    """{"run", "seed", "sweeps", "firmware", "verdict"}."""
    try:
        found = json.loads(Path(path).read_text())
        if found[_HEAD] != FORMAT or found["run"]["scene"] not in (*SCENES, *KEY_SCENES) or found["run"]["kind"] not in KINDS:
            raise ValueError("not a recording of this format")
        return {name: found[name] for name in ("run", "seed", "sweeps", "firmware", "verdict")}
    except (OSError, ValueError, KeyError, TypeError) as bad:
        raise BadRecording("%s is no recording of a torture" % path) from bad
