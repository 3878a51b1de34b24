# deploy.py: our application as a ROMFS on a board that runs a MicroPython of its own. Written only where it differs, believed only once read back.
# Raises BoardError: D20 no ROMFS there, D21 it is too small, D22 what was read back is not what was written, D23 a source, D24 it is frozen in;
# and as repl.py does.
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from microtill.bench.firmware import ROOT
from microtill.boards import BoardError, stage
from microtill.boards.about import about
from microtill.boards.repl import Repl

_WRITE_S = 300
_EMULATED = "qemu_stm32"
_START = "import %s\n" % stage.STARTER.removesuffix(".py")
# What stands on the board's own file system: what starts the application, and for an STM32 its second USB port.
_FILES = {"esp32s3": {"main.py": None}, "stm32": {"main.py": None, "boot.py": "boards/stm32/boot.py"}}
_FILES["blackpill"] = _FILES["stm32"]
_ROM = """
import binascii, hashlib, json, vfs
def rom():
    if not hasattr(vfs, "rom_ioctl") or vfs.rom_ioctl(1) < 1:
        return None, 0
    dev = vfs.rom_ioctl(2, 0)
    if isinstance(dev, int):
        return None, 0
    return dev, dev.ioctl(4, 0) * dev.ioctl(5, 0) if hasattr(dev, "ioctl") else len(dev)
def digest(size):
    dev, room = rom()
    got, buf, at = hashlib.sha256(), bytearray(512), 0
    while at < size:
        n = min(512, size - at)
        if hasattr(dev, "ioctl"):
            block = dev.ioctl(5, 0)
            dev.readblocks(at // block, buf, at % block)
            got.update(memoryview(buf)[:n])
        else:
            got.update(memoryview(dev)[at:at + n])
        at += n
    return binascii.hexlify(got.digest()).decode()
"""
_TEXT = """
import json
try:
    with open(%r) as file:
        print(json.dumps(file.read()))
except OSError:
    print("null")
"""
_KEEP = """
with open(%r, "w") as file:
    file.write(%r)
"""


def _state(repl, image):
    """(the ROMFS's size or None, the hash of its first len(image) bytes or None, the list of files that it holds)."""
    room = repl.ask(_ROM + "print(json.dumps(rom()[1]))")
    if not room:
        raise BoardError("D20", "this firmware has no ROMFS")
    if len(image) > room:
        raise BoardError("D21", "the application takes %d bytes, the board's ROMFS has %d" % (len(image), room))
    return room, repl.ask(_ROM + "print(json.dumps(digest(%d)))" % len(image), within_s=60)


def _there(repl):
    """{file: hash} of what is on the board, as far as it says; {} where there is nothing of ours."""
    text = repl.ask(_TEXT % ("/rom/" + stage.LIST)) or ""
    return {name: mark for mark, name in (line.split(" ", 1) for line in text.splitlines() if " " in line)}


def _files(repl, board):
    """Write the small files that differ; read back. Their names."""
    written = []
    for name, source in _FILES[board].items():
        text = (ROOT / source).read_text() if source else _START
        if repl.ask(_TEXT % name) == text:
            continue
        repl.run(_KEEP % (name, text))
        if repl.ask(_TEXT % name) != text:
            raise BoardError("D22", "%s on the board is not what was written" % name)
        written.append(name)
    return written


def _write(port, image):
    """mpremote writes it. What it says of its success is not believed here."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "application.romfs"
        path.write_bytes(image)
        done = subprocess.run([sys.executable, "-m", "mpremote", "connect", port, "resume", "romfs", "deploy", str(path)],
                              capture_output=True, text=True, timeout=_WRITE_S)
    return (done.stdout + done.stderr).strip().splitlines()[-1:] if done.returncode else []


def deploy(port, board=None, say=lambda text: None):
    """Lay the application of `board` (None: what the one at `port` calls itself) on it.

    {board, arch, bytes, sha256, written, added, changed, gone, files}. Raises BoardError."""
    with Repl(port) as repl:
        said = about(repl)
        board = board or said["board"]
        if board == _EMULATED:
            raise BoardError("D24", "the emulated board has our application frozen into its firmware")
        if board not in stage.FOLDERS:
            raise BoardError("D11", "this is none of our boards: %s" % said["machine"])
        say("%s, MicroPython %s" % (said["machine"], said["version"]))
        image, hashes = stage.romfs(board, said["arch"])
        wanted = hashlib.sha256(image).hexdigest()
        _, found = _state(repl, image)
        before = _there(repl)
    written = found != wanted
    if written:
        say("writing %d bytes ..." % len(image))
        trouble = _write(port, image)
    with Repl(port) as repl:
        if written:
            found = _state(repl, image)[1]
            if found != wanted:
                raise BoardError("D22", "what is on the board is not what was written%s" % (" (%s)" % trouble[0] if trouble else ""))
        files = _files(repl, board)
        if written or files:
            repl.restart()
    return {"board": board, "arch": said["arch"], "bytes": len(image), "sha256": wanted, "written": written, "files": files,
            "added": sorted(set(hashes) - set(before)), "gone": sorted(set(before) - set(hashes)),
            "changed": sorted(name for name in hashes if name in before and before[name] != hashes[name])}
