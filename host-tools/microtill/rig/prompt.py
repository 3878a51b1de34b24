# prompt.py: the emulated STM32 without a bench, as a board on a cable: MicroPython's prompt on a pseudo-terminal, its files in a folder.
# Fails with Gone where it ended at once (args: its last words), with NoEmulator where there is none.
import re
import select
import subprocess
import time
from pathlib import Path

from microtill.bench.qemu import MACHINE, emulator
from microtill.bench.targets import Gone

_START_S = 20
_AT = re.compile(rb"redirected to (\S+)")


class AtPrompt:
    """`folder` keeps its file system (fs.img). `image`: an ELF file, or the firmware of these sources. `console`: another character device of
    QEMU's for USART1, such as tcp:127.0.0.1:4000,server=on,wait=off; then `port` is None. In real time."""

    def __init__(self, folder, image=None, console="pty"):
        from microtill import frozen
        self.image = Path(image) if image else frozen.build("qemu_stm32", say=lambda text: None)
        self._process = subprocess.Popen(
            [emulator(), "-M", MACHINE, "-semihosting", "-display", "none", "-monitor", "none", "-serial", console, "-kernel", str(self.image)],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            self.port = self._port() if console == "pty" else None
        except Gone:
            self.close()
            raise

    def _port(self):
        """What QEMU says of the pseudo-terminal that it opened."""
        said, end = b"", time.monotonic() + _START_S
        while time.monotonic() < end:
            ready, _, _ = select.select([self._process.stdout], [], [], end - time.monotonic())
            more = self._process.stdout.read1(4096) if ready else b""
            said += more
            found = _AT.search(said)
            if found:
                return found[1].decode()
            if ready and not more:
                break
        raise Gone(said.decode(errors="replace").strip() or "the emulator did not start")

    def close(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
