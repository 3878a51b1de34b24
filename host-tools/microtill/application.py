# application.py: an application image: a ROMFS of firmware and drivers, compiled; made into a signed package, handed to a terminal sector by sector,
# and followed until the terminal has confirmed it or gone back. Raises packages.BadPackage, Refused, NoAnswer.
import base64
import contextlib
import io
import json
import shutil
import tempfile
from pathlib import Path

from microtill import packages, terminal
from microtill.bench import firmware
from microtill.device_source import records
from microtill.terminal import NoAnswer, Refused

CLASS = "microtill/sim"
_SECTOR, _BUSY_MS, _TRIES = 4096, 1_000, 300
_WITHIN_MS, _TRIAL_MS = 60_000, 900_000


def rom(tree=None):
    """The ROMFS of a folder of firmware.compiled(), bytes."""
    from mpremote.romfs import make_romfs
    tree = tree or firmware.compiled()
    with tempfile.TemporaryDirectory() as folder:
        for part in ("firmware", "drivers"):
            shutil.copytree(tree / part, folder, dirs_exist_ok=True)
        (Path(folder) / "main.mpy").unlink(missing_ok=True)       # the start is the board's own
        with contextlib.redirect_stdout(io.StringIO()):
            return bytes(make_romfs(folder, mpy_cross=False))


def build(data, version=None, floor=0, days=30, reads=(records.FORMAT,), device=CLASS, now=None):
    """A package without a signature. `reads`: the forms of the journal that this application can read."""
    return packages.build(packages.IMAGE, base64.b64encode(data).decode(), version, floor, days, now, {"class": device, "reads": list(reads)})


def ask(bench, **request):
    """One request, and its rows. Raises NoAnswer, Refused."""
    return terminal.ask(bench, _WITHIN_MS, op="image", **request)


def patiently(bench, **request):
    """As ask; where somebody is served, again after a while."""
    for _ in range(_TRIES):
        try:
            return ask(bench, **request)
        except Refused as refused:
            if refused.args != (packages.BUSY, "front"):
                raise
        bench.run(lambda: False, _BUSY_MS)
    raise NoAnswer("image")


def hand(bench, package):
    """Every sector of it, to a terminal that runs. It is tried from the terminal's next quiet moment on."""
    data = packages.part(package)
    if not bench.run(lambda: bench.console.ready, _WITHIN_MS):
        raise NoAnswer("console")
    patiently(bench, step="begin", manifest=package["manifest"], signature=package["signature"])
    for at in range(0, len(data), _SECTOR):
        patiently(bench, step="data", at=at, data=base64.b64encode(data[at:at + _SECTOR]).decode())
    patiently(bench, step="end")


def outcome(bench, since=0):
    """What came of the trial: "confirmed", "back". Raises NoAnswer where that takes too long."""
    def told():
        return [row for row in bench.story.rows[since:] if row["kind"] == "image"]
    if not bench.run(told, _TRIAL_MS):
        raise NoAnswer("trial")
    return told()[0]["verdict"]


def version(package):
    return json.loads(package["manifest"])["version"]
