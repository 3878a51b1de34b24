# joined.py: the bench's chips at a real terminal's wires: UART models on serial adapters, the rest on a pod, all in one world and in real time.
# Raises BadRig for a file that does not say where they are, BoardError where a port is not there, not free, or gone.
import queue
import select
import threading
import time
import tomllib

from microtill.bench.chips.pty import Host, Port
from microtill.bench.wires import UartLine
from microtill.boards import BoardError
from microtill.harness.parts import Parts
from microtill.rig.pod import Pod
from microtill.rig.pod_chips import LOOK_S, PodChips

_UARTS = ("reader", "printer", "modem")
_I2C = ("screen", "gauge", "thermometer", "light", "rtc")
_LINES = ("mains_good", "charging", "case")
_POD = ("port", "keys", "head", *_I2C, *_LINES)
_LOOK_S = 0.1                           # how long a stop or an act may go unseen without a pod


class BadRig(Exception):
    """The file does not say where the parts are; args: what is wrong with it."""
    code = "U31"


def read(file):
    """The places of a TOML file, checked. Raises BadRig."""
    try:
        with open(file, "rb") as opened:
            places = tomllib.load(opened)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BadRig("%s: %s" % (file, error)) from None
    pod = places.get("pod", {})
    for names, known, where in ((places, (*_UARTS, "pod"), ""), (pod, _POD, "[pod] ")):
        strange = [name for name in names if name not in known]
        if strange:
            raise BadRig("%s: %s%s; it knows: %s" % (file, where, ", ".join(strange), ", ".join(known)))
    if pod and not isinstance(pod.get("port"), str) or not places:
        raise BadRig("%s: %s" % (file, "[pod] names no port" if places else "it names no part"))
    if not all(isinstance(places[name], str) for name in _UARTS if name in places):
        raise BadRig("%s: a port is a name in quotes" % file)
    if not all(isinstance(pod[name], dict) and isinstance(pod[name].get("bus"), int) and set(pod[name]) <= {"bus", "scl", "sda"}
               for name in _I2C if name in pod):
        raise BadRig("%s: an I2C part is told as { bus = 0, scl = 17, sda = 16 }" % file)
    if "keys" in pod and not (isinstance(pod["keys"], list) and len(pod["keys"]) == 16):
        raise BadRig("%s: [pod] keys are sixteen pins, row by row" % file)
    return places


class Rig:
    """The models and where they are joined. `joined`: what is where, for people."""

    def __init__(self, places):
        self.parts, self.hosts, self.pod, self.joined = Parts(needs=("keypad", "senses")), [], None, {}
        self.parts.power_on()
        self._origin = time.monotonic() - self.parts.world.now / 1e6
        try:
            for name in _UARTS:
                if name in places:
                    self._uart(name, places[name])
            if "pod" in places:
                self._play(places["pod"])
        except BoardError:
            self.close()
            raise

    def _uart(self, name, port):
        model = self._modem() if name == "modem" else getattr(self.parts, name)
        line = UartLine(self.parts.world, len(self.hosts), self.parts.edges, model)
        self.hosts.append(Host(self.parts.world, model, Port(port, model.baud), line=line))
        self.joined[name] = port

    def _modem(self):
        from microtill.verbs.chip import modem
        return modem(self.parts.world)

    def _play(self, places):
        parts, board = self.parts, self.parts.board
        self.pod = PodChips(parts.world, Pod(places["port"]))
        for name in _I2C:
            if name in places:
                self.pod.chip(places[name]["bus"], parts.screen if name == "screen" else getattr(parts.senses, name),
                              places[name].get("scl"), places[name].get("sda"))
        if "keys" in places:
            self.pod.keys(parts.keypad, places["keys"])
        if "head" in places:
            self.pod.level(places["head"], parts.senses.head_input)
        numbers = {"mains_good": (parts.senses.charger, board.MAINS_GOOD), "charging": (parts.senses.charger, board.CHARGING),
                   "case": (parts.senses.case, board.CASE_SWITCH)}
        for name in _LINES:
            if name in places:
                self.pod.line(places[name], *numbers[name])
        self.joined.update({name: "%s (pod)" % places["port"] for name in places if name != "port"})

    def turn(self, listening=()):
        """Wait a moment for something, do what is due; those of `listening` that can be read."""
        ends = [host.end for host in self.hosts] + ([self.pod.pod] if self.pod else [])
        coming = self.parts.world.next_us()
        wait_s = LOOK_S if self.pod else _LOOK_S
        if coming is not None:
            wait_s = min(wait_s, max(0.0, coming / 1e6 - (time.monotonic() - self._origin)))
        ready, _, _ = select.select([*ends, *listening], [], [], wait_s)
        self.parts.world.run_until(max(self.parts.world.now, int((time.monotonic() - self._origin) * 1e6)))
        for host in self.hosts:
            host.pass_on(host.end in ready)
        self.parts.edges.clear()
        if self.pod:
            self.pod.turn()
        return [one for one in ready if one in listening]

    @property
    def provides(self):
        """The parts that a test may need, by its names for them; "senses" where all of them are played."""
        found = {"reader": "reader", "printer": "printer", "keys": "keypad", "screen": "screen"}
        names = {found[name] for name in self.joined if name in found}
        return names | ({"senses"} if all(name in self.joined for name in (*_I2C[1:], "head", *_LINES)) else set())

    def fresh(self):
        """As if they had all just been plugged in: no card, no finger, a new roll."""
        parts = self.parts
        for card in list(parts.reader.cards):
            parts.reader.remove(card)
        parts.keypad.release_all()
        parts.printer.tear()
        parts.printer.receipts.clear()
        parts.printer.close_cover()
        parts.printer.reload()
        parts.power_on()

    def close(self):
        for host in self.hosts:
            host.end.close()
        if self.pod:
            self.pod.pod.close()


class Running:
    """A Rig in a thread of its own. `do(act)`: what `act(rig)` gives, done there between two moments."""

    def __init__(self, places):
        self._rig, self._jobs, self._stop, self._gone = Rig(places), queue.SimpleQueue(), False, None
        self.provides = self._rig.provides
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            while not self._stop:
                self._rig.turn()
                while not self._jobs.empty():
                    act, answers = self._jobs.get()
                    answers.put(self._tried(act))
        except BoardError as error:
            self._gone = error
        finally:
            self._rig.close()

    def _tried(self, act):
        try:
            return act(self._rig), None
        except Exception as error:      # noqa: BLE001 (whoever asked raises it)
            return None, error

    def do(self, act):
        answers = queue.SimpleQueue()
        self._jobs.put((act, answers))
        while True:
            try:
                got, error = answers.get(timeout=_LOOK_S)
                break
            except queue.Empty:
                if not self._thread.is_alive():
                    raise self._gone or BoardError("D03", "the rig has ended") from None
        if error:
            raise error
        return got

    def close(self):
        self._stop = True
        self._thread.join()
