# port.py: tests on a board at the end of a serial port, by its raw prompt: a fresh namespace for each, and after a hang or a reset the prompt is
# brought back. What needs the bench is left out by name. Raises BoardError where nobody answers at all.
import json
import time

from microtill.boards import BoardError
from microtill.boards.about import about
from microtill.boards.repl import Repl
from microtill.harness.acts import BadAsk, do
from microtill.harness.life import ASKS, Told, on_device

_BEFORE = '''
import json
def tell(what):
    print("\\x01" + json.dumps(what))
'''
_ALONE = '''
def ask(words):
    raise Skip("there is no bench")
'''
_WITH_RIG = '''
def ask(words):
    import sys
    print("\\x02" + words)
    got = json.loads(sys.stdin.readline())
    if got[:1] != "=":
        raise AssertionError("the bench " + got[1:] + ": " + words)
    return got[1:]
'''
_SERIAL = '''
import binascii, json
try:
    import machine
    print(json.dumps(str(binascii.hexlify(machine.unique_id()), "ascii")))
except (ImportError, AttributeError):
    print("null")
'''


class Board:
    """One board. `run(test)` as life.run; `serial` and `firmware` are its own. `rig`: a rig.joined.Running at its wires, or None."""

    def __init__(self, port, rig=None):
        self.port, self._lost, self._rig = port, "", rig
        with Repl(port) as repl:
            said = about(repl)
            self.serial = repl.ask(_SERIAL) or said["machine"]
            self.firmware = said["firmware"] or "MicroPython " + said["version"]

    def run(self, test, hung_s):
        told, began, clock, said = Told(test), time.time(), time.monotonic(), self._lost
        try:
            if not said:
                said = self._run(test, hung_s, told)
        except BoardError as error:
            said = "the board hangs, reset or died: %s: %s" % (error.code, error)
        result = told.result(said)
        result.began_s, result.wall_s = began, time.monotonic() - clock
        return result

    def _run(self, test, hung_s, told):
        """What to say where the test told no end. A board that does not come back to its prompt is not asked again."""
        try:
            repl = Repl(self.port).__enter__()
        except BoardError as error:
            self._lost = "not run: the board did not come back: %s: %s" % (error.code, error)
            return self._lost
        try:
            if self._rig:
                self._rig.do(lambda rig: rig.fresh())
            repl.run(_BEFORE + (_WITH_RIG if self._rig else _ALONE) + on_device())
            repl.run("def source():\n return %r\n" % test.sent)
            repl.run("once(%r, source, %r, %r)" % (test.file, test.name, test.waits), hung_s,
                     lambda line: self._line(repl, told, line))
        finally:
            repl.__exit__()
        return "it did not say how it ended"

    def _line(self, repl, told, line):
        """A line of the test's: what it tells, or what it asks of the rig, which is answered."""
        if not self._rig or not line.startswith(ASKS):
            return told.line(line)
        try:
            answer = "=" + self._rig.do(lambda rig: do(rig.parts, line[1:]))
        except BadAsk:
            answer = "!cannot"
        repl.say(json.dumps(answer) + "\n")
