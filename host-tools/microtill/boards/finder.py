# finder.py: the serial ports of this machine, and which board is likely behind each, by its USB numbers. Guesses say that they are guesses.
import os
import stat
import subprocess
from pathlib import Path

from microtill.boards import BoardError

# (vendor, product or None for any): (what it is, the board that has one)
_KNOWN = {
    (0x303A, 0x1001): ("ESP32-S3, its own USB", "esp32s3"),
    (0x303A, None): ("an Espressif chip's own USB", "esp32s3"),
    (0x10C4, 0xEA60): ("CP2102 bridge, often an ESP32-S3", "esp32s3"),
    (0x1A86, None): ("CH34x bridge, often an ESP32-S3", "esp32s3"),
    (0xF055, None): ("MicroPython on an STM32", "stm32"),
    (0x0483, 0x5740): ("an STM32's own USB", "stm32"),
}
_DFU = "0483:df11"                      # the boot ROM of every STM32 with USB (AN2606)


def ports():
    """[{port, what, board}] of every serial port with USB numbers; `board` is None where nothing is known."""
    from serial.tools import list_ports
    found = []
    for info in sorted(list_ports.comports(), key=lambda info: info.device):
        if info.vid is None:
            continue
        what, board = _KNOWN.get((info.vid, info.pid)) or _KNOWN.get((info.vid, None)) or (info.description, None)
        found.append({"port": info.device, "what": what, "board": board})
    return found


def dfu():
    """Is an STM32 waiting in its boot ROM? None where dfu-util is not here to tell."""
    try:
        done = subprocess.run(["dfu-util", "-l"], capture_output=True, text=True, timeout=20)
    except FileNotFoundError:
        return None
    return "[%s]" % _DFU in done.stdout


def choose(port=None, board=None):
    """The port to use: the one that is named, or the only one that fits. Raises BoardError D01."""
    if port:
        return port
    fitting = [row for row in ports() if board is None or row["board"] in (board, None)]
    if len(fitting) != 1:
        raise BoardError("D01", "no board is seen on any serial port" if not fitting else
                         "there are %d boards: %s" % (len(fitting), ", ".join(row["port"] for row in fitting)))
    return fitting[0]["port"]


def check(port):
    """That `port` is a port of ours to open. Raises BoardError D01, D07; an address such as socket://... is not looked at."""
    if "://" in port:
        return
    path = Path(port)
    if not path.exists() or not stat.S_ISCHR(os.stat(path).st_mode):
        raise BoardError("D01", "there is no port %s" % port)
    if not os.access(path, os.R_OK | os.W_OK):
        raise BoardError("D07", "the port %s is not ours to open" % port)
