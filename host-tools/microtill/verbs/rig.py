# rig.py: the bench's chips at a real terminal's wires, for a person: acts come as lines (press 12#, card, senses case_c 61.5: harness/acts.py). Ends
# 0 when it is told to, 2 where the file is wrong, or a port is not there, not free, or gone.
import os
import signal
import sys

from microtill.harness.acts import BadAsk, do
from microtill.rig.joined import Rig, read


def rig(output, file, acts=sys.stdin):
    """(status, {"joined": ...}) once it was told to stop, by SIGINT or SIGTERM. The end of `acts` is the end of acts alone."""
    made, stops = Rig(read(file)), []
    before = {number: signal.signal(number, lambda number, frame: stops.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    for name, where in made.joined.items():
        output.say("%-12s %s" % (name, where))
    output.say("acts: press 12#, card, card leaves, printer reads, screen reads, senses case_c 61.5; stop with Ctrl-C")
    try:
        come, listening = b"", [acts]
        while not stops:
            if made.turn(listening):
                more = os.read(acts.fileno(), 4096)
                come += more
                *lines, come = come.split(b"\n")
                for line in lines:
                    _act(output, made.parts, line.decode(errors="replace").strip())
                if not more:
                    listening = []
    finally:
        made.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0, {"joined": made.joined}


def _act(output, parts, words):
    try:
        output.say(do(parts, words) or "done" if words else "")
    except BadAsk as error:
        output.say("%s the bench cannot: %s" % (error.code, words))
