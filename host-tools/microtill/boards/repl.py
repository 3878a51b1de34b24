# repl.py: MicroPython's prompt at the end of a serial port, brought back from whatever state it was left in, one script at a time (mpremote).
# Raises BoardError: D01 no port, D02 another program has it, D03 it went away, D04 silence, D05 it talks and does not listen, D06 a script failed.
import contextlib
import io
import json
import time

import serial
from mpremote.transport import TransportError
from mpremote.transport_serial import SerialTransport

from microtill.boards import BoardError, finder

_READ_S = 0.2                           # one wait for a byte
_PROMPT = b">>> "
_QUIET_S = 0.1                          # a prompt is one if nothing follows it
_STOP = b"\r\x03\x03"                   # Ctrl-C: ends a program, a paste, a half-sent script
_FRIENDLY = b"\x02"                     # Ctrl-B: leaves the raw prompt; at the friendly one it says its name again
_TRIES = 3


class Repl:
    """with Repl(port) as repl: repl.ask(script). `patience_s`: how long one try may take to find a prompt."""

    def __init__(self, port, patience_s=3):
        finder.check(port)
        self.port, self._patience = port, patience_s
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                self._line = SerialTransport(port, timeout=_READ_S)
        except TransportError:
            raise BoardError("D02", "another program has the port %s" % port) from None

    def __enter__(self):
        try:
            self._raw()
        except BoardError:
            self._close()
            raise
        return self

    def _raw(self):
        """The raw prompt. A slow board that missed the change is woken, and asked, once more."""
        for tries in (1, 2):
            self._wake()
            try:
                with self._told(), contextlib.redirect_stdout(io.StringIO()):
                    return self._line.enter_raw_repl(soft_reset=False, timeout_overall=self._patience)
            except BoardError as error:
                if tries == 2 or error.code != "D05":
                    raise

    def __exit__(self, *error):
        with contextlib.suppress(OSError, serial.SerialException):
            self._line.exit_raw_repl()
        self._close()

    def _close(self):
        with contextlib.suppress(OSError, serial.SerialException):
            self._line.close()

    @contextlib.contextmanager
    def _told(self):
        try:
            yield
        except (TransportError, IndexError, ValueError):     # what mpremote says of a half-heard answer
            raise BoardError("D05", "the board at %s does not come to its prompt" % self.port) from None
        except (OSError, serial.SerialException):
            raise BoardError("D03", "the port %s went away" % self.port) from None

    def _wake(self):
        """A friendly prompt, whatever ran before: a program, a paste, a script that was half sent, the raw prompt."""
        heard = b""
        for _ in range(_TRIES):
            with self._told():
                self._line.serial.write(_STOP + _FRIENDLY + b"\r")
                said = self._listen()
            if said.endswith(_PROMPT):
                return
            heard += said
        if not heard.strip(b"\r\n\x00"):
            raise BoardError("D04", "nobody answers at %s" % self.port)
        raise BoardError("D05", "the board at %s talks and does not listen" % self.port)

    def _listen(self):
        """What comes until a prompt is followed by silence, or patience ends."""
        heard, end, quiet = b"", time.monotonic() + self._patience, 0.0
        while time.monotonic() < end:
            more = self._line.serial.read(self._line.serial.in_waiting or 1)
            heard = (heard + more)[-4096:]
            quiet = 0.0 if more else quiet + _READ_S
            if quiet >= _QUIET_S and heard.endswith(_PROMPT):
                break
        return heard

    def run(self, script, within_s=30, on_line=None):
        """Run `script` on the board; what it printed. `on_line(text)` hears of each line as it comes. Raises BoardError D03, D05, D06."""
        line = bytearray()

        def heard(byte):
            if byte == b"\n":
                on_line(bytes(line).decode("utf-8", "replace").strip())
                line.clear()
            elif byte != b"\x04":
                line.extend(byte)
        with self._told():
            said, wrong = self._line.exec_raw(script, timeout=within_s, data_consumer=heard if on_line else None)
        if wrong:
            last = wrong.decode("utf-8", "replace").strip().splitlines()[-1]
            raise BoardError("D06", "the board says: %s" % last)
        return said.decode("utf-8", "replace")

    def say(self, text):
        """To the standard input of what runs."""
        with self._told():
            self._line.serial.write(text.encode())

    def ask(self, script, within_s=30):
        """Run `script`, whose last line is JSON; that, read. Raises as run, D05 where it is none."""
        lines = self.run(script, within_s).strip().splitlines()
        try:
            return json.loads(lines[-1])
        except (IndexError, ValueError):
            raise BoardError("D05", "the board at %s answers nothing that can be read" % self.port) from None

    def restart(self):
        """A soft reset: what is on its file system begins to run. The port is done with."""
        with self._told():
            self._line.exit_raw_repl()
            self._line.serial.write(b"\x04")
