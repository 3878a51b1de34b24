# flash.py: a MicroPython onto a board: esptool for an ESP32-S3, dfu-util for an STM32, each a process of its own. The image is judged first.
# Raises BoardError: D01 no board, D02 port taken, D03 it went away, D10 wrong image, D11 another chip, D12 cut short, D13 no bootloader, D14.
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from microtill.bench.firmware import ROOT
from microtill.boards import BoardError, finder, images

BOARDS = ("esp32s3", "stm32", "blackpill")
_DFU_ID = "0483:df11"
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.[0-9])?%")
_VERIFIED = "Hash of data verified"
# (what a tool says, code, words): the first that fits
_ESP_SAYS = (
    ("No module named esptool", "D14", "esptool is not here"),
    ("Wrong chip argument", "D11", "the chip at {port} is not an ESP32-S3"),
    ("Could not exclusively lock", "D02", "another program has the port {port}"),
    ("port is busy", "D02", "the port {port} does not open"),
    ("Resource temporarily unavailable", "D02", "another program has the port {port}"),
    ("No serial data received", "D13", "no bootloader answers at {port}"),
    ("Failed to connect", "D13", "no bootloader answers at {port}"),
)
_ESP_GONE = ("disconnected", "Input/output error", "device reports readiness", "Connection reset", "Broken pipe", "No such file", "not open",
             "timed out")
_DFU_SAYS = (("No DFU capable", "D13", "no STM32 waits in its boot ROM"),
             ("Cannot open DFU", "D02", "another program has the board, or it is not ours to open"))


def flash(board=None, image=None, port=None, on_percent=None, run=None):
    """Write `image` (default: build/BOARD/firmware.bin or .dfu) to the board; {board, chip, port, bytes, sha256, table}.

    `on_percent(0 to 100)` hears how far it is; `run(command, on_line)` runs a tool and gives (status, lines). Raises BoardError."""
    board = board or _seen(port)
    if board not in BOARDS:
        raise BoardError("D11", "no such board: %s (there are: %s)" % (board, ", ".join(BOARDS)))
    path = _image(board, image)
    data = path.read_bytes()
    run, percent = run or _run, _Percent(on_percent)
    if board == "esp32s3":
        data, replaced = images.esp32s3(data, (ROOT / "boards" / "esp32s3" / "partitions.csv").read_text())
        port = finder.choose(port, board)
        finder.check(port)
        _esp(port, data, run, percent)
        chip = "ESP32-S3"
    else:
        images.stm32(data, board)
        replaced, port, chip = False, None, "STM32F405RG" if board == "stm32" else "STM32F411CE"
        _stm(path, data, run, percent)
    return {"board": board, "chip": chip, "port": port, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "table": replaced}


def _seen(port):
    """Which board it is, where nobody said so."""
    if finder.dfu():
        raise BoardError("D11", "an STM32 waits in its boot ROM, and does not say which (stm32, blackpill)")
    row = next((row for row in finder.ports() if port in (None, row["port"])), None)
    if row is None or row["board"] is None:
        raise BoardError("D11" if port else "D01", "nobody knows which board is at %s" % port if port else "no board is seen on any serial port")
    return row["board"]


def _image(board, image):
    if image:
        path = Path(image)
        if not path.is_file():
            raise BoardError("D10", "there is no file %s" % image)
        return path
    for kind in ("bin", "dfu"):
        path = ROOT / "build" / board / ("firmware." + kind)
        if path.is_file():
            return path
    raise BoardError("D10", "no --image, and none in build/%s" % board)


class _Percent:
    """Hears a tool's lines, tells each percent once."""

    def __init__(self, on_percent):
        self._tell, self.last = on_percent, None

    def __call__(self, line):
        found = _PERCENT.search(line)
        if found and int(found.group(1)) != self.last:
            self.last = int(found.group(1))
            if self._tell:
                self._tell(self.last)


def _run(command, on_line):
    """(status, what it said). A line ends where the tool's own cursor goes back."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               env=dict(os.environ, PYTHONUNBUFFERED="1"))      # so that its progress is heard as it is made
    lines, line = [], bytearray()
    try:
        while byte := process.stdout.read(1):
            if byte not in b"\r\n":
                line += byte
            elif line:
                lines.append(line.decode("utf-8", "replace").strip())
                on_line(lines[-1])
                line.clear()
    finally:
        if process.poll() is None and sys.exc_info()[0]:
            process.terminate()             # we were interrupted: the tool shall not go on alone
        status = process.wait()
    return status, lines + [line.decode("utf-8", "replace")]


def _esp(port, data, run, percent):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "firmware.bin"
        path.write_bytes(data)
        command = [sys.executable, "-m", "esptool", "--chip", "esp32s3", "--port", port]
        status, lines = run(command + ["--baud", "460800", "write-flash", "0x0", str(path)], percent)
    said = "\n".join(lines)
    if status == 0 and _VERIFIED in said:
        return
    begun = percent.last is not None
    for words, code, tell in _ESP_SAYS:
        if not begun and words in said:
            raise BoardError(code, tell.format(port=port))
    if begun:
        gone = any(words in said for words in _ESP_GONE)
        raise BoardError("D12", "%s at %d %%: the flash holds a part of it" % ("the port went away" if gone else "it ended", percent.last))
    raise BoardError("D03" if any(words in said for words in _ESP_GONE) else "D13", "nothing was written: %s" % (_last(lines)))


def _last(lines):
    said = [line for line in lines if line.strip()]
    return next((line for line in said if "error" in line.lower()), said[-1] if said else "the tool said nothing").strip()


def _stm(path, data, run, percent):
    command = ["dfu-util", "-d", _DFU_ID, "-a", "0", "-D", str(path)]
    if data[:5] != b"DfuSe":
        command += ["-s", "0x08000000:leave"]
    try:
        status, lines = run(command, percent)
    except FileNotFoundError:
        raise BoardError("D14", "dfu-util is not here") from None
    said = "\n".join(lines)
    if status == 0 and "File downloaded successfully" in said:
        return
    for words, code, tell in _DFU_SAYS:
        if words in said:
            raise BoardError(code, tell)
    raise BoardError("D12", "it ended at %s: %s" % ("%d %%" % percent.last if percent.last is not None else "its beginning", _last(lines)))
