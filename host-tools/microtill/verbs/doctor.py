# doctor.py: the ports of this machine, and one board examined. Ends 1 where something is to be mended, 2 where there is no board to examine.
import sys
import time

from microtill.boards import doctor as boards
from microtill.boards import finder

_WORDS = {True: "well", False: "MEND", None: "?"}


def doctor(output, port, keys, set_clock=False):
    """(status, data) for --json: ports, and of the board: port, machine, version, firmware, arch, heap_free, files_free, parts, keys."""
    ports = finder.ports()
    for row in ports:
        output.say("%-16s %s" % (row["port"], row["what"]))
    waiting = finder.dfu()
    if waiting:
        output.say("%-16s an STM32 in its boot ROM, ready for microtill flash" % "USB")
    if port is None and len(ports) != 1:
        if not ports:
            output.say("no board is seen on any serial port" if not waiting else "")
        output.say("to examine one: microtill doctor --port PORT")
        return (0 if ports or waiting else 2), {"ports": ports, "dfu": waiting, "board": None}
    said = boards.examine(finder.choose(port), keys and sys.stdin.isatty(), _ask,
                          lambda row: output.say(_row(row["part"], row)), unix=int(time.time()) if set_clock else None)
    for row in said["keys"] or []:
        if row["well"] is not True:
            output.say(_row("key " + row["key"], row))
    output.say("%s: MicroPython %s, firmware %s" % (said["machine"], said["version"], said["firmware"] or "unknown"))
    output.say("free: heap %d bytes, files %s" % (said["heap_free"], "unknown" if said["files_free"] is None else "%d bytes" % said["files_free"]))
    status = boards.verdict(said)
    output.say("something is to be mended" if status else "all that can be known is well")
    return status, {"ports": ports, "dfu": waiting, "board": said}


def _row(name, row):
    line = "%-9s %-5s %s" % (name, _WORDS[row["well"]], row["found"] if row["found"] is not None else "")
    return line.rstrip() if not row["fix"] else "%s\n%15s -> %s" % (line.rstrip(), "", row["fix"])


def _ask(label):
    print("press %s" % label, file=sys.stderr, flush=True)
