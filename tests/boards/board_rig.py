# board_rig.py: a board on a pseudo-terminal: the wheel's MicroPython at its prompt, our drivers on its path, the bench's chips at its pins.
# A soft reset, on which the wheel ends, starts it anew, as a board does. Its ROMFS is a file. Fails as the bench does: then the board is silent.
import contextlib
import os
import select
import shutil
import socket
import subprocess
import sys
import termios
import threading
import tty
from pathlib import Path

from driver_rig import DriverRig

from microtill.bench import firmware
from microtill.bench.rig import Ended, Stuck
from microtill.bench.targets import Channel, Gone

ROOT = Path(__file__).resolve().parents[2]
BOOT = '''
import sys
class _Rom:
    """A ROMFS of %(size)d bytes in blocks of 4,096, kept in a file; `deaf`: it says that it wrote, and did not."""
    def __init__(self, path, deaf):
        self.path, self.deaf = path, deaf
        try:
            with open(path, "rb") as file:
                self.data = bytearray(file.read())
        except OSError:
            self.data = bytearray(b"\\xff" * %(size)d)
    def ioctl(self, op, arg):
        if op == 6:
            return self.writeblocks(arg, b"\\xff" * 4096)
        return {4: %(size)d // 4096, 5: 4096}.get(op, 0)
    def readblocks(self, block, buf, offset=0):
        at = block * 4096 + offset
        buf[:] = self.data[at:at + len(buf)]
    def writeblocks(self, block, buf, offset=0):
        if not self.deaf:
            at = block * 4096 + offset
            self.data[at:at + len(buf)] = buf
            with open(self.path, "wb") as file:
                file.write(self.data)
    def __buffer__(self):
        return self.data
import vfs as _vfs
class _Vfs:
    mount, umount, VfsRom, VfsPosix = _vfs.mount, _vfs.umount, _vfs.VfsRom, _vfs.VfsPosix
    def rom_ioctl(op, *args):
        return 1 if op == 1 else _rom if op == 2 else -1
if %(size)d:
    _rom = _Rom("%(rom)s", %(deaf)d)
    try:
        _vfs.mount(_vfs.VfsRom(_rom.data), "/rom")
        sys.path.append("/rom")
    except OSError:
        pass
    sys.modules["vfs"] = _Vfs
'''


def _as_a_board_hears(fd):
    """Bytes as they are, but Ctrl-C interrupts a program: on a board its interrupt handler does that. (At the prompt the wheel reads it itself.)"""
    tty.setraw(fd)
    mode = termios.tcgetattr(fd)
    mode[3] |= termios.ISIG | termios.NOFLSH
    for key in (termios.VQUIT, termios.VSUSP):
        mode[6][key] = b"\0"
    termios.tcsetattr(fd, termios.TCSANOW, mode)


class PtyBoard:
    """`rig`: the chips at its pins, or None for a bare board. `folder`: where its files are. `port` is what a tool opens. `rom`: bytes of its
    ROMFS, 0 for none; `deaf`: the ROMFS takes nothing. `alone`: no driver of ours is on its path."""

    def __init__(self, folder, rig=None, rom=0, deaf=False, alone=False):
        self.folder, self.rig, self.notes = Path(folder), rig, []
        self.rom_file = self.folder / "rom.img"
        boot = self.folder / "_start.py"
        boot.write_text(BOOT % {"size": rom, "rom": self.rom_file, "deaf": deaf})
        self._ours_too = () if alone else ("boards/sim", "firmware", "drivers")
        self._command = [str(Path(sys.executable).parent / "micropython"), "-X", "heapsize=4m", "-i", str(boot)]
        self.starts, self._ended, self._raw = 0, False, False
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        tty.setraw(self._ours)
        self.port = os.ttyname(self._theirs)
        self._bus = None
        self._start()
        self._pump_thread = threading.Thread(target=self._pump, daemon=True)
        self._pump_thread.start()

    def _start(self):
        self.starts, self._booted = self.starts + 1, False      # on a board the ROMFS is mounted before anybody can interrupt
        ours = theirs = None
        tree = firmware.compiled()
        path = ":".join(str(place) for place in self._places(tree)) + ":.frozen"
        names = {"MICROPYPATH": path if self.rig else ":.frozen"}
        if self.rig:
            ours, theirs = socket.socketpair()
            names.update(BENCH_FD=str(theirs.fileno()), FIRMWARE_HASH=tree.name)
        self._fd, slave = os.openpty()
        _as_a_board_hears(slave)
        # setsid -c: this terminal is the one whose Ctrl-C it hears; and nothing of Python runs between fork and exec that could hear it instead
        self._process = subprocess.Popen(["setsid", "-c", *self._command], stdin=slave, stdout=slave, stderr=slave, cwd=self.folder,
                                         env=dict(os.environ, **names), pass_fds=[theirs.fileno()] if self.rig else [])
        os.close(slave)
        if self.rig:
            theirs.close()
            self._bus = ours
            threading.Thread(target=self._serve, args=(ours,), daemon=True).start()

    def _places(self, tree):
        """What is on its path: the bus to the bench always, with its end on the sim."""
        if self._ours_too:
            return [tree / part for part in ("boards/bench_bus", *self._ours_too)]
        link = self.folder / "bus_end"
        link.mkdir(exist_ok=True)
        shutil.copy(tree / "boards/sim/link.mpy", link)
        return [tree / "boards/bench_bus", link]

    def _serve(self, bus):
        """The bench's end of one life of the board."""
        with contextlib.suppress(Gone, Ended, Stuck, OSError):
            self.rig.rig.power_on()
            self.rig.rig.alive = lambda: True
            self.rig.rig.serve(Channel(bus.fileno()))

    def _pump(self):
        """Bytes both ways; a board that ended starts anew."""
        while not self._ended:
            ready, _, _ = select.select([self._ours, self._fd] if self._booted else [self._fd], [], [], 0.2)
            if self._ours in ready:
                data = os.read(self._ours, 4096)
                for byte in data:
                    self._raw = True if byte == 1 else False if byte == 2 else self._raw
                os.write(self._fd, data)
            if self._fd in ready:
                try:
                    data = os.read(self._fd, 4096)
                except OSError:
                    data = b""
                if data:
                    self._booted = self._booted or b">>>" in data
                    os.write(self._ours, data)
                else:
                    self._again()

    def _again(self):
        self._process.wait()
        os.close(self._fd)
        if self._ended:
            return
        self._start()
        os.write(self._ours, b"MPY: soft reboot\r\n")
        if self._raw:
            os.write(self._fd, b"\x01")

    def close(self):
        self._ended = True
        self._pump_thread.join(5)
        self._process.kill()
        self._process.wait()
        for end in (self._ours, self._theirs, self._fd):
            with contextlib.suppress(OSError):
                os.close(end)
        if self._bus:
            self._bus.close()


class Noise:
    """A port behind which something else is: `say(heard)` gives what it answers, b"" for nothing."""

    def __init__(self, say):
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.port, self._say, self._ended = os.ttyname(self._theirs), say, False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._ended:
            ready, _, _ = select.select([self._ours], [], [], 0.02)
            with contextlib.suppress(OSError):
                said = self._say(os.read(self._ours, 4096) if ready else b"")
                if said is None:
                    return self.vanish()
                if said:
                    os.write(self._ours, said)

    def vanish(self):
        """The cable is pulled."""
        self._ended = True
        for end in (self._ours, self._theirs):
            with contextlib.suppress(OSError):
                os.close(end)

    def close(self):
        self._ended = True
        self._thread.join(5)
        self.vanish()


def chips():
    """All chips of the bench, on the pins of the sim."""
    return DriverRig()
