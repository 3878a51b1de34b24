# key_scenes.py: keys, counters, tries and settings under cuts: scenes like those of a payment, judged by what must be true of each of them.
# `wrong` gathers words for what is not so. Cut ends an errand whose power went.
import hashlib

from microtill import demo
from microtill.bench.console import Console
from microtill.terminal import Refused
from microtill.torture import faults, journal, judge, station
from microtill.torture.flows import ENTER, MENU, NEXT, Errand, Flow
from microtill.torture.scene import Scene
from till.secure.vault import LOGINS
from till.store.counters import DUKPT, LOGIN
from till.store.slots import Slots

_READY_MS, _ANSWER_MS, _TRY_MS, _QUIET_MS = 400_000, 60_000, 120_000, 3_000
_KSN, _KSN_BYTES, _KEY_ID = b"\xdf\x01\x0c", 12, 8           # tag and length; key id, then counter
_WINDOW = 16                            # bytes of a sealed key by which it is known again
_TRIES, _WAIT_MS, _WAITS = 5, 61_000, 6
_RIGHT, _WRONG = "2468", "1357"
_SALT, _ITERATIONS = bytes(range(16)), 1000         # as few as settings take
_PIN = "%s:%d:%s" % (_SALT.hex(), _ITERATIONS, hashlib.pbkdf2_hmac("sha256", _RIGHT.encode(), _SALT, _ITERATIONS).hex())


class Cut(Exception):
    """The power went in the middle of it."""


class KeyScene(Scene):
    """`errand()` raises Cut; `after()` looks at what a start has found. `service`: the console alone. A start finds flash and nothing else, so of
    all cuts on the admin line that leave the same flash the first is judged."""
    service, flow_of = True, Flow(Errand(""))

    def __init__(self, name, _image, seed=1, target=None):
        image = self.image()
        super().__init__(name, image, seed, target, self.flow_of)
        self._given = station.count(image, DUKPT).to_bytes(4, "big")
        self.bench.service = self.service
        self.bench.bank.enrol(station.SERIAL, demo.TERMINAL_ID, demo.MERCHANT_ID)
        self.bench.bank.wire.append(self._sent)
        self.wrong, self.sent, self.done = [], [], False
        self._judged, self._image, self._hashed = set(), None, (None, b"")

    def _bench(self, seed, target):
        return station.KeyedBench(None, seed=seed, target=target)

    def image(self):
        return station.keyed()

    def _sent(self, way, data):
        if way == "request" and _KSN in data:
            at = data.index(_KSN) + len(_KSN)
            self.sent.append((bytes(data[at:at + _KSN_BYTES]), bytes(data)))

    # the errand
    def prepare(self):
        self.bench.start()
        self._need(self.ready, "console")
        return self

    def ready(self):
        return self.bench.console.ready and (self.service or self.at_rest)

    def play(self):
        self._listen_to_flash()
        self.bench.console.line.on_traffic = self._traffic
        self.bench.flash.reset_counts()
        self.counting = True
        try:
            self.errand()
            self.done = True
        except Cut:
            self._image = self._hash()
        return self

    def _traffic(self, _way, data):
        if self.counting:
            for number in range(len(data)):
                self.bench.world.after((number + 1) * 10_000_000 // Console.BAUD, self._byte)

    def _byte(self):
        self._point(faults.LINE, 1)
        self._judged.add(self._hash())      # the branches of this point have ended, if any

    def _hash(self):
        """Of the flash as it is: looked at again once an operation or a start has been there."""
        now = self.bench.lives, self.bench.flash.operations
        if self._hashed[0] != now:
            self._hashed = now, hashlib.sha256(self.bench.flash.data).digest()
        return self._hashed[1]

    def chips(self):
        return {faults.FLASH: self.bench.flash.operations}

    def until(self, happened, within_ms=_ANSWER_MS):
        lives = self.bench.lives
        came = self.run(lambda: happened() or self.bench.lives > lives, within_ms)
        if self.bench.lives > lives:
            raise Cut
        return came

    def ask(self, op, **more):
        """As terminal.Service has it; a terminal that gives no answer refuses as well."""
        console = self.bench.console
        console.ask({"op": op, **more})
        if not self.until(console.answered):
            raise Refused("", "no answer")
        if not console.last["ok"]:
            raise Refused(console.last["code"], console.last["word"])
        return console.rows

    def refuses(self, request):
        """The code with which it refuses, "" where it does not."""
        try:
            rows = self.ask(**request)
            return "" if rows[0]["ok"] else "problems"
        except Refused as refused:
            return refused.args[0] or "silent"

    def _take(self, request):
        """Settings are handed over and count."""
        mark, rows = len(self.bench.story.rows), self.bench.story.rows
        problems = self.refuses(request)
        if self.must(problems == "", "a good package is refused: %s" % problems):
            self.must(self.until(lambda: any(row["kind"] == "settings" for row in rows[mark:]) and self.at_rest), "the settings never counted")

    def must(self, so, words):
        if not so:
            self.wrong.append(words)
        return so

    # the way back
    def quiet(self):
        if self._image in self._judged:
            self.counting = False
            return self
        self.must(self.done or self.bench.lives > 1, "the errand did not come to its end")
        self.resolved = self.run(self.ready, _READY_MS)         # a second cut may come until then
        self.counting, self.bench.flash.cut = False, None
        if self.must(self.resolved, "it does not start any more"):
            try:
                self.after()
            except (Refused, Cut) as failed:
                self.must(False, "%s %s" % (type(failed).__name__, " ".join(failed.args)))
        return self

    def boot(self, service):
        """Another life. True where it comes into service, or to its console."""
        bench = self.bench
        bench.cut()
        bench.service = self.service = service
        mark = len(bench.story.rows)
        bench.start()
        return self.run(lambda: self.ready() and (service or any(row["kind"] == "signed_on" for row in bench.story.rows[mark:])), _READY_MS)

    def pays(self):
        """The next customer does, in a life that is in service."""
        self.send(NEXT)
        self.person.begin()
        self.run(lambda: self.person.finished, _READY_MS)
        self.must("approved" in self.person.said, "the next customer could not pay: %s" % self.person.said[-1])

    def serves(self):
        if self.must(self.boot(service=False), "it is keyed, and does not come into service"):
            self.pays()

    def verdict(self):
        newest, seen = self._given, {}
        for ksn, data in self.sent:
            self.must(seen.get(ksn, data) == data, "a key number came twice, for two messages")
            self.must(ksn[_KEY_ID:] > newest or ksn in seen, "a key number went back")
            newest, seen[ksn] = max(newest, ksn[_KEY_ID:]), data
        self.wrong += ["the bank had to refuse: %s" % why for why in self.bench.bank.refusals if why not in judge.MAY_REFUSE]
        approved = sum(row["state"] == "approved" for row in journal.payments(self.bench.flash.data))
        return {"resolved": self.resolved, "violations": list(dict.fromkeys(self.wrong)), "approved": approved, "lives": self.bench.lives,
                "said": self.person.said if self.person else []}


class Provisioned(KeyScene):
    """A blank terminal is keyed: it is blank or whole."""

    def image(self):
        return station.blank()

    def errand(self):
        station.provision(self.ask)

    def after(self):
        keyed = self.ask("identity")[0]["keyed"]
        self.must(keyed or not self.done, "it said that it is keyed, and is not")
        if not keyed:
            station.provision(self.ask)
        row = self.ask("identity")[0]
        self.must(row["keyed"] and row["signed"] and row["serial"] == station.SERIAL and row["label"], "it is keyed by half: %s" % row)
        held = bytes(self.bench.flash.data)
        self.must(not any(key in held for key in station.secrets()), "a key lies on flash in the clear")
        self.serves()
        self.must(self.refuses(station.package("Corner", 5)) == "", "a good package is refused")


class Zeroised(KeyScene):
    """A terminal that has paid is emptied: it has all of its keys or none, and once it is blank there is nothing of them on flash."""

    def prepare(self):
        super().prepare()
        self.serves()
        self.boot(service=True)
        self._held = station.sealed(self.bench.flash.data)
        return self

    def errand(self):
        self.ask("zeroise", serial=station.SERIAL)

    def after(self):
        keyed = self.ask("identity")[0]["keyed"]
        self.must(not keyed or not self.done, "it said that it is blank, and is not")
        if keyed:
            self.serves()
            self.boot(service=True)
            self.ask("zeroise", serial=station.SERIAL)
            self.must(not self.ask("identity")[0]["keyed"], "it cannot be emptied any more")
        self._gone()
        station.provision(self.ask)
        self.serves()

    def _gone(self):
        held = bytes(self.bench.flash.data)
        pieces = [key[at:at + _WINDOW] for key in self._held + station.secrets() for at in range(len(key) - _WINDOW + 1)]
        self.must(not any(piece in held for piece in pieces), "it is blank, and a piece of a key is left on flash")


class Counted(KeyScene):
    """A sale from power on, on a terminal with `left` places in its counters' sector: they go on in the other one. Judged as a payment too."""
    service, left = False, 0

    def image(self):
        return station.with_room(station.keyed(), self.left)

    def prepare(self):
        self.before, self.papers, self._mark = set(), 0, 0
        self.balances = {name: self.bench.bank.balance_minor(name) for name in self.bench.wallet.names()}
        return self

    def play(self):
        self.send(Errand("1250" + ENTER, card="visa"))
        self._listen()
        self.counting = True
        bench = self.bench
        bench.start()
        try:
            self.until(lambda: self.at_rest and any(row["kind"] == "signed_on" for row in bench.story.rows), _READY_MS)
            self.person.begin()
            self.until(lambda: self.person.finished, _READY_MS)
            self.until(lambda: False, _QUIET_MS)
            self.done = True
        except Cut:
            pass
        return self

    def quiet(self):
        Scene.quiet(self)
        used = [int.from_bytes(ksn[_KEY_ID:], "big") for ksn, _data in self.sent]
        self.must(not station.reached(self.bench.flash.data, used), "a key that was used can be had again")
        return self

    def verdict(self):
        own, theirs = super().verdict(), judge.verdict(self)
        return {**theirs, "violations": list(dict.fromkeys(theirs["violations"] + own["violations"]))}


class CountedAhead(Counted):
    left = 13                           # the quiet moment after the sale is where it turns


class CountedAtStart(Counted):
    left = 2                            # in the middle of what a start needs


class RegistersTurned(Counted):
    """Used keys are forgotten at a quiet moment for which their sector has no place left: they go on in the other one."""

    def image(self):
        return station.registers_full()


class Tried(KeyScene):
    """An operator who does not know the PIN: what was told as wrong is counted, five are heard, and no start is a way round the wait."""
    service, digits = False, (_WRONG,) * 5
    _right_at = 0

    def prepare(self):
        super().prepare()
        self._take(station.package("Corner", 5, pin=_PIN))
        self.bench.story.listeners.append(self._heard)
        return self

    def _traffic(self, _way, data):
        """The bytes of this scene are the display's: nobody at the keys sees the admin line."""

    def _heard(self, row):
        if row["kind"] == "login":
            self._point(faults.LINE, 1)

    def attempt(self, digits):
        """The verdict on one try at the keys, "" where none came."""
        mark, rows = len(self.bench.story.rows), self.bench.story.rows
        self._right_at = mark if digits == _RIGHT else self._right_at
        self.send(Errand(MENU, {"menu": "9", "role": "1", "login": digits + ENTER}))
        self.person.touched = lambda: self._point(faults.KEY, 0)
        self.person.begin()
        self.until(lambda: any(row["kind"] == "login" for row in rows[mark:]) and self.at_rest, _TRY_MS)
        return ([row["verdict"] for row in rows[mark:] if row["kind"] == "login"] or [""])[0]

    def errand(self):
        for digits in self.digits:
            self.attempt(digits)

    def _told(self):
        """How many were told as wrong since the right one was keyed."""
        return sum(row["kind"] == "login" and row["verdict"] == "A02" for row in self.bench.story.rows[self._right_at:])

    def after(self):
        flash = self.bench.flash.data
        good = Slots(journal.Image(flash), station.SLOTS).mount().get(LOGINS) or b"0"
        counted, told = station.count(flash, LOGIN) - int(good), self._told()
        self.must(counted >= told, "%d wrong tries were told, %d are counted" % (told, counted))
        for _ in range(_TRIES + 1):
            if self.attempt(_WRONG) != "A02":
                break
        self.must(self._told() <= _TRIES, "%d wrong tries were heard without a wait" % self._told())
        self.must(self.boot(service=False), "it does not come into service")
        self.must(self.attempt(_RIGHT) == "A03", "a start is a way round the wait")
        verdict = ""
        for _ in range(_WAITS):
            self.run(lambda: False, _WAIT_MS)
            verdict = self.attempt(_RIGHT)
            if verdict == "in":
                break
        self.must(verdict == "in", "the right PIN does not get in any more: %s" % verdict)


class TriedRight(Tried):
    digits = (_WRONG, _WRONG, _RIGHT, _WRONG)


class Updated(KeyScene):
    """Signed settings are replaced by others that raise the floor: those in force are the old ones or the new, and nothing older comes back."""

    service = False

    def prepare(self):
        super().prepare()
        self._take(station.package("Corner", 5, 5))
        return self

    def errand(self):
        self._take(station.package("Garden", 7, 7))

    def after(self):
        row = self.ask("settings")[0]
        name = row["owner"].get("shop", {}).get("name")
        self.must(row["sound"] and name in ("Corner", "Garden"), "the settings in force are neither the old nor the new ones: %s" % row)
        self.must(name == "Garden" or not self.done, "it said that they count, and they do not")
        if name == "Garden":
            self.must(self.refuses(station.package("Corner", 5, 5)) == "S09", "older settings come in again")
        self._take(station.package("Garden", 7, 7))
        self.must(self.refuses(station.package("Corner", 5, 5)) == "S09", "older settings come in again")
        self.must(self.ask("settings")[0]["owner"]["shop"]["name"] == "Garden", "other settings count than were told")
        self.pays()


class NextKey(Updated):
    """The signing key is replaced: the old one counts or the new one, never both, never none."""

    def errand(self):
        self.ask(**station.next_key())

    def after(self):
        old, new = (self.refuses(station.package("Corner", 7, 0, label)) for label in (station.OLD, station.NEW))
        self.must(sorted((old, new)) == ["", "S08"], "of the old and the new signing key one must count: %s %s" % (old, new))
        self.must(old or not self.done, "it took the new signing key, and still believes the old one")
        if not old:
            self.ask(**station.next_key())
        self._take(station.package("Garden", 9, 9, station.NEW))
        self.must(self.refuses(station.package("Corner", 9, 9)) == "S08", "the old signing key still counts")
        self.pays()


KEY_SCENES = {"provision": Provisioned, "zeroise": Zeroised, "turn": CountedAtStart, "turn_ahead": CountedAhead, "registers": RegistersTurned,
              "tries": Tried, "tries_right": TriedRight, "settings": Updated, "next_key": NextKey}
KEY_FLOWS = {"provision": ("provision",), "zeroise": ("zeroise",), "counter": ("turn", "turn_ahead", "registers"),
             "pin_tries": ("tries", "tries_right"), "update": ("settings", "next_key")}
SWEEPS = ("power", "line")              # what happens to them
