# labgrid_driver.py: a labgrid driver for a board with our firmware: labgrid finds and reserves its serial port, `microtill` talks to it, as a program
# in an environment of its own. A labgrid environment file names this one under `imports:` (labgrid.yaml beside it). Fails with ExecutionError.
import json
import subprocess

import attr
from labgrid.driver import Driver
from labgrid.driver.exception import ExecutionError
from labgrid.factory import target_factory
from labgrid.resource import SerialPort
from labgrid.step import step
from labgrid.util.proxy import proxymanager


@target_factory.reg_driver
@attr.s(eq=False)
class MicrotillDriver(Driver):
    """`command`: the program, where it is not on the path. Each call opens the port, does its work and closes it."""

    bindings = {"port": {"SerialPort", "NetworkSerialPort"}}
    command = attr.ib(default="microtill", validator=attr.validators.instance_of(str))
    within_s = attr.ib(default=600, validator=attr.validators.instance_of(int))

    def url(self):
        """The port as pyserial opens it, here or at the exporter's end."""
        if isinstance(self.port, SerialPort):
            return self.port.port
        host, port = proxymanager.get_host_and_port(self.port)
        return "socket://%s:%d" % (host, port) if self.port.protocol == "raw" else "rfc2217://%s:%d?ign_set_control" % (host, port)

    def _run(self, *arguments):
        """(status, data) of the program: 0 yes, 1 no. Raises ExecutionError where it could not be done."""
        try:
            done = subprocess.run([self.command, "--json", *arguments], capture_output=True, text=True, timeout=self.within_s)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ExecutionError("%s: %s" % (self.command, error)) from error
        if done.returncode not in (0, 1):
            raise ExecutionError(done.stderr.strip() or "%s ended with %d" % (self.command, done.returncode))
        return done.returncode, json.loads(done.stdout)

    @Driver.check_active
    @step(result=True)
    def doctor(self):
        """What the board says of itself and of its parts; the answer of `microtill --json doctor`."""
        return self._run("doctor", "--port", self.url(), "--no-keys")[1]["board"]

    @Driver.check_active
    @step(args=["board"])
    def deploy(self, board=None):
        """Lay the application on it. Raises ExecutionError where what was read back differs, too."""
        status, said = self._run("deploy", "--port", self.url(), *(["--board", board] if board else []))
        if status:
            raise ExecutionError("%s %s" % (said["error"], said["words"]))
        return said

    @Driver.check_active
    @step(args=["places", "words"])
    def test(self, places=(), words=""):
        """(passed?, answer of `microtill --json test`) of the tests of `places` whose id has `words`."""
        status, said = self._run("--target", self.url(), "test", *places, *(["-k", words] if words else []))
        return status == 0, said
