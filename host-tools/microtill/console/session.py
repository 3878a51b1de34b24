# session.py: one bench, run in a thread of its own at people's pace. Whoever wants something done hands it in; it happens between two
# operations of the terminal, so nothing here needs a lock. Acts raise Refused with a code; the bench goes on whatever they raise.
import threading
from collections import deque
from concurrent.futures import Future

from microtill import sweep
from microtill.bench.bench import Bench
from microtill.bench.targets import Gone
from microtill.console.recording import Recorder

PACES = {"real": 1, "x10": 10, "paused": 0}
_STRETCH_MS = 3_600_000                 # how long the bench is served in one go
_OFF_US = 1_000_000


class Refused(Exception):
    """args: what happened and what to do; `code` C409: not possible now, C422: out of range, C404: no such thing."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code = code


class Session:
    """`state`: a folder, or None for a fresh keyed terminal that is forgotten. `hear(event)`: a dict, from the bench's thread, for
    everything that a page shows. `call(act, *args)` from any thread: the act's result, or what it raised."""

    def __init__(self, state=None, seed=1, hear=None):
        self.state, self.seed, self.hear = state, seed, hear or (lambda event: None)
        self._todo, self._stop, self.off = deque(), False, False
        self.pace, self._after_jump = "real", None
        self.bench = self._fresh()
        self.recorder = Recorder(self) if state is None else None
        self._thread = threading.Thread(target=self._work, name="bench", daemon=True)
        self.failed = None              # what ended the bench, where anything did

    def _fresh(self):
        bench = Bench(self.state, seed=self.seed, real=True)
        if self.state is None:
            bench.flash.data[:] = sweep.keyed_image(self.seed)
        return bench

    # the bench's own thread
    def start(self):
        self._thread.start()

    def stop(self):
        """End the run; what outlives it is kept."""
        self._stop = True
        self.bench.rig.pace.wake()
        self._thread.join(20)

    def _work(self):
        try:
            self.bench.start()
            while not self._stop:
                if self.off:
                    self.bench.rig.alive = lambda: not self._turn()
                    self.bench.rig.rest(self.bench.world.now + _OFF_US)
                    self._turn()
                else:
                    self._serve()
        except Exception as failed:     # noqa: BLE001  the thread's last word: told to whoever asks next, never lost
            self.failed = failed
            self._turn()
        finally:
            self.bench.close()

    def _serve(self):
        try:
            self.bench.run(self._turn, _STRETCH_MS)
        except Gone:
            if not self.off:
                self.bench.story.act("the firmware ended; power on again")
                self.bench.start()

    def _turn(self):
        """Between two operations: do what was handed in. True where the bench should not be served on as it was."""
        while self._todo:
            act, args, future = self._todo.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            if self.failed:
                future.set_exception(Refused("C409", "the bench has ended: %s" % self.failed))
                continue
            try:
                future.set_result(act(*args))
            except Exception as error:  # noqa: BLE001  handed to whoever asked
                future.set_exception(error)
        self._landed()
        return self._stop or self.off or bool(self.failed)

    # from any thread
    def submit(self, act, *args):
        future = Future()
        self._todo.append((act, args, future))
        self.bench.rig.pace.wake()
        if not self._thread.is_alive():
            self.failed = self.failed or "stopped"
            self._turn()
        return future

    def call(self, act, *args, timeout=30):
        return self.submit(act, *args).result(timeout)

    # time: acts of the bench's thread
    @property
    def at_ms(self):
        return self.bench.world.now // 1000

    def set_pace(self, name):
        """"real", "x10" or "paused", from now on."""
        self.pace, self._after_jump = name, None
        self.bench.rig.pace.begin(self.bench.world.now, PACES[name])
        self._tell_time()

    def jump(self, until_us=None, next_trigger=False):
        """As fast as it can to a moment, or to the next trigger (a day at most); then on at the pace that was."""
        rows = len(self.bench.story.rows)

        def there():
            return self.bench.world.now >= until_us or next_trigger and any(row["kind"] == "trigger" for row in self.bench.story.rows[rows:])
        self._after_jump = there, self.pace
        self.bench.later(max(1, until_us - self.bench.world.now), _reached)
        self.bench.rig.pace.begin(self.bench.world.now, None)

    def _landed(self):
        """The end of a jump."""
        if self._after_jump and self._after_jump[0]():
            self.set_pace(self._after_jump[1])

    def _tell_time(self):
        self.hear({"event": "time", "at_ms": self.at_ms, "at": self.bench.now().isoformat(timespec="milliseconds"), "pace": self.pace})

    # power: acts of the bench's thread
    def power_off(self):
        """The plug, and no cell behind it."""
        if self.off:
            raise Refused("C409", "the power is off already")
        self.off = True
        self.bench.cut()
        self.bench.rig.power_on()       # chips forget, and what they had planned is void
        self.hear({"event": "power", "powered": False})

    def power_on(self):
        if not self.off and not self.bench.dark:
            raise Refused("C409", "the power is on already")
        self.off = False
        self.bench.start()
        self.hear({"event": "power", "powered": True})

    @property
    def powered(self):
        return not self.off and not self.bench.dark


def _reached():
    """An event with no act of its own: the calendar stops here."""
