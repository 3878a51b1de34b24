# session.py: one bench, run in a thread of its own at people's pace. Whoever wants something done hands it in; it happens between two
# operations of the terminal, so nothing here needs a lock. Acts raise Refused with a code; the bench goes on whatever they raise.
#
# A session at a pace is a stepped run that is throttled to the wall's clock: without a thread, `replay` does the same acts at the same
# moments as fast as it can, and the same things happen.
import datetime
import heapq
import threading
from collections import deque
from concurrent.futures import Future, InvalidStateError

from microtill import sweep
from microtill.bench.bench import Bench
from microtill.bench.targets import Gone
from microtill.console.recording import Recorder
from microtill.console.watch import Watch
from microtill.terminal import provision_demo

PACES = {"real": 1, "x10": 10, "paused": 0}
_STRETCH_MS = 10 ** 12                  # how long the bench is served in one go: for ever
_OFF_US = 1_000_000


class Refused(Exception):
    """args: what happened and what to do; `code` C409: not possible now, C422: out of range, C404: no such thing."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code = code


class Session:
    """`state`: a folder, or None for a fresh keyed terminal that is forgotten. `hear(event)`: a dict, from the bench's thread, for
    everything that a page shows. `call(act, *args)` from any thread: the act's result, or what it raised. `began`: the world's first
    date and time; `real`: False for a session that is replayed."""

    def __init__(self, state=None, seed=1, hear=None, began=None, real=True):
        self.state, self.seed, self.hear = state, seed, hear or (lambda event: None)
        self._todo, self._plan, self._awaited, self._order = deque(), [], [], 0
        self._stop, self.off, self._switch = False, False, None
        self.pace, self._jump, self._triggered = "real", None, False
        if state is not None:
            provision_demo(state, seed)
        self.bench = Bench(state, seed=seed, real=real, began=began)
        if state is None:
            self.bench.flash.data[:] = sweep.keyed_image(seed)
        self.bench.rig.surprises = True
        self.bench.story.listeners.append(self._hear)
        self.recorder = Recorder(self) if state is None else None
        self.watch = Watch(self)
        self._thread = threading.Thread(target=self._work, name="bench", daemon=True)
        self.failed = None              # what ended the bench, where anything did

    def _hear(self, row):
        self._triggered = self._triggered or row["kind"] == "trigger"

    # the bench's own thread
    def start(self):
        self._thread.start()

    def stop(self):
        """End the run; what outlives it is kept."""
        self._stop = True
        self.bench.rig.pace.wake()
        if self._thread.ident is not None:
            self._thread.join(20)

    def _work(self):
        try:
            self.bench.start()
            self._live()
        except Exception as failed:     # noqa: BLE001  the thread's last word: told to whoever asks next, never lost
            self.failed = failed
        finally:
            self.bench.close()
            self._turn_down("the bench has ended: %s" % (self.failed or "as asked"))

    def _live(self):
        """Serve the terminal, or let time pass while its power is off, until somebody stops us."""
        while not self._stop:
            self._switched()
            if self.off:
                self.bench.rig.alive = lambda: not self._turn()
                self.bench.rig.rest(self.bench.world.now + _OFF_US)
                self._turn()
                continue
            try:
                self.bench.run(self._turn, _STRETCH_MS)
            except Gone:
                self.bench.story.act("the firmware ended: power it on again")
                self.off, self._switch = True, "off"

    def _turn(self):
        """Between two operations: do what was handed in. True where the bench should not be served on as it was."""
        if self._plan or self._todo or self._awaited:
            self._act()
        if self._jump and self._landed():
            self.set_pace(self._jump[1])
        return self._stop or self._switch is not None or self.off

    def _act(self):
        moment = self.moment()
        while self._plan and self._switch is None and self._plan[0][0] <= moment:
            heapq.heappop(self._plan)[2]()
        while self._todo and self._switch is None:
            act, args, future = self._todo.popleft()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(act(*args))
                except Exception as error:  # noqa: BLE001  handed to whoever asked
                    future.set_exception(error)
        for waits in list(self._awaited):
            happened, future = waits
            if future.cancelled():
                self._awaited.remove(waits)
            elif happened():
                self._awaited.remove(waits)
                _done(future)

    def _turn_down(self, words):
        for future in [future for _act, _args, future in self._todo] + [future for _happened, future in self._awaited]:
            if not future.done():
                future.set_exception(Refused("C409", words))
        self._todo.clear()
        self._awaited.clear()

    def close(self):
        """End a session that has no thread."""
        self.bench.close()

    # from any thread
    def submit(self, act, *args):
        future = Future()
        self._todo.append((act, args, future))
        self.bench.rig.pace.wake()
        if not self._thread.is_alive():
            self._turn_down("the bench has ended: %s" % (self.failed or "as asked"))
        return future

    def call(self, act, *args, timeout=30):
        return self.submit(act, *args).result(timeout)

    def when(self, happened):
        """A Future that is done once `happened()`, asked in the bench's thread, is true."""
        future = Future()
        self._awaited.append((happened, future))
        self.bench.rig.pace.wake()
        return future

    @property
    def alive(self):
        return self._thread.is_alive()

    # acts of the bench's thread
    def moment(self):
        """(the world's time in us, operations answered at it): acts of one recording are put in order by it."""
        return self.bench.world.now, self.bench.rig.answered_now

    def at(self, moment, act):
        """Do it between two operations as soon as the world has come to this moment, whether the power is on or not. The world stops there
        and just behind it: a terminal that answers fewer operations than a recording says gets its acts all the same."""
        self._order += 1
        heapq.heappush(self._plan, (moment, self._order, act))
        for us in (moment[0], moment[0] + 1):
            self.bench.later(max(0, us - self.bench.world.now), _reached)

    # again
    def replay(self, plan, until=None):
        """In this thread, as fast as it goes: `plan` is [(moment, act)] in order; returns when the world has come to the moment `until`, or once
        somebody has called `end`."""
        for moment, act in [*plan, *([(until, self.end)] if until else [])]:
            self.at(moment, act)
        self.bench.start()
        self._live()

    def end(self):
        self._stop = True

    @property
    def can_record(self):
        return self.recorder is not None and not self.recorder.full

    def flash(self):
        """A copy of what is on the flash now; in the bench's thread."""
        return bytes(self.bench.flash.data)

    # time: acts of the bench's thread
    @property
    def at_ms(self):
        return self.bench.world.now // 1000

    def clock(self):
        """The time as a page shows it, from any thread: where the world is, or would be if anybody looked."""
        pace, world = self.bench.rig.pace, self.bench.world
        speed, now_us = pace.speed, world.now
        if speed and pace.resting and self.alive:
            now_us = max(now_us, pace.now_us())
        at = self.bench.began + datetime.timedelta(microseconds=now_us)
        return {"at_ms": now_us // 1000, "at": at.isoformat(timespec="milliseconds"), "pace": self.pace}

    def set_pace(self, name):
        """"real", "x10" or "paused", from now on."""
        self.pace, self._jump = name, None
        self.bench.rig.pace.begin(self.bench.world.now, PACES[name])
        self.watch.look()
        self.hear({"event": "time", **self.clock()})

    def jump(self, until_us, next_trigger=False):
        """As fast as it can to a moment, or to the next trigger if that is earlier; then on at the pace that was."""
        self._jump, self._triggered = (until_us, self.pace, next_trigger), False
        self.bench.later(max(1, until_us - self.bench.world.now), _reached)
        self.bench.rig.pace.begin(self.bench.world.now, None)

    @property
    def jumping(self):
        return self._jump is not None

    def _landed(self):
        until_us, _pace, next_trigger = self._jump
        return self.bench.world.now >= until_us or next_trigger and self._triggered

    # power: acts of the bench's thread
    @property
    def powered(self):
        return not self.off and not self.bench.dark

    def power_off(self):
        """The plug, and no cell behind it."""
        if self.off:
            raise Refused("C409", "the power is off already")
        self.off, self._switch = True, "off"

    def power_on(self):
        if self.powered:
            raise Refused("C409", "the power is on already")
        if not self.off and not self.bench.surroundings.mains:
            raise Refused("C409", "its battery is empty: plug in the mains")
        self.off, self._switch = False, "on"

    def _switched(self):
        """What the switch was set to comes about: never within an operation."""
        way, self._switch = self._switch, None
        if way == "off":
            self.bench.cut()
            self.bench.rig.power_on()   # chips forget, and what they had planned is void
            self.bench.surroundings.run(False)
        elif way == "on":
            self.bench.start()
        if way:
            self.watch.look()


def _done(future):
    try:
        future.set_result(True)
    except InvalidStateError:
        pass                            # whoever waited went away this very moment


def _reached():
    """An event with no act of its own: the calendar stops here."""
