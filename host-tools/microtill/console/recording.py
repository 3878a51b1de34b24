# recording.py: what was done to a terminal, with the world's time of each act, so that it can be done again. No digit of a PIN is ever kept:
# a PIN is "the PIN of this card", "the PIN of this role" or "a wrong one"; where owner's settings hold a role's PIN, a stand-in (standin.py) is
# kept. Only a bench that began fresh can be recorded: all of its past is in its seed. BadRecording: it cannot be read.
import json
from importlib import metadata

from microtill.console import elsewhere, standin

FORMAT = 2
MOST = 100_000                          # acts and screens in one recording
RIGHT, ROLE, WRONG, LEFT = "the PIN of this card", standin.ROLE, "a wrong one", "left"
_SECRET_SCREENS = ("pin", "any_digits", "login")
_DEAF_SCREENS = ("tap", "reading", "asking", "again", "one_card", "see_phone")     # any digit does there what any other does: nothing
_ENTER, _CLEAR, _CANCEL = "D", "B", "A"
_LISTS = (("ns", "n"), ("times_us", "at_us"), ("ops", "op"), ("actions", "action"), ("holds_ms", "hold_ms"))      # of a PIN's keys
_AHEAD_US = 5_000_000                  # how long after a tap a digit may be the first of a PIN whose screen is yet to come


class BadRecording(Exception):
    """args: the line and what is wrong with it."""
    code = "U20"


class Recorder:
    """Hears every act of a Session, and what a person could see of it. While the terminal shows a screen for secrets, keys are counted and
    timed, never kept; digits pressed since a card came may turn out to belong to the PIN, so they wait for the next screen."""

    def __init__(self, session):
        self._session, self.entries = session, []
        self.screens, self.receipts, self.plain, self._n = [], [], elsewhere.Plain(), 0
        self._screen, self._card, self._tapped_us, self._keys, self._waiting = "", None, -_AHEAD_US, [], []
        self._down, self._closed, self._login = {}, None, None      # {key: where its down was kept}; the last PIN's entry; (role, verdict)
        session.bench.story.listeners.append(self._hear)

    @property
    def full(self):
        """More was done than anybody plays again: what was kept so far has no end."""
        return len(self.entries) + len(self.screens) > MOST

    @property
    def secret(self):
        return self._screen in _SECRET_SCREENS

    def _hear(self, row):
        kind = row["kind"]
        if self.full:
            return
        if kind == "display":
            self._seen("screens", row)
        elif kind == "receipt":
            self._seen("receipts", row)
        elif kind == "login":
            self._login = (row.get("role"), row.get("verdict"))
        elif kind == "power":
            self.plain.power_us = row["t_us"]
            self._show("")
        elif kind == "screen" and row.get("name") != self._screen:
            self._show(row.get("name", ""))

    def _seen(self, what, row):
        getattr(self, what).append([row["t_us"], elsewhere.digest(row["text"])])
        self.plain.seen(what, row["t_us"], row["text"])

    def _show(self, name):
        """Another screen: an entry of a secret has ended, or what was pressed just before it was the beginning of one."""
        if self.secret:
            self._close()
        self._screen = name
        if self.secret:
            self._keys = [entry for _on, entry in self._waiting]
        else:
            self.entries += [{**entry, "key": "0"} if on in _DEAF_SCREENS else entry for on, entry in self._waiting]
        for key, where in self._down.items():
            if where == "waiting":
                on = next(on for on, entry in reversed(self._waiting) if entry["key"] == key)
                self._down[key] = self._keys if self.secret else "deaf" if on in _DEAF_SCREENS else "plain"
        self._waiting = []

    def act(self, what, **fields):
        if self.full:
            return
        at_us, op = self._session.moment()
        self._n += 1
        entry = {"n": self._n, "at_us": at_us, "op": op, "act": what, **fields}
        if what == "tap" and fields["action"] != "pull":
            self._card, self._tapped_us = fields["card"], entry["at_us"]
        if what != "key":
            self.entries.append(entry)
        elif fields["action"] == "up":
            self._lifted(entry, self._down.pop(fields["key"], "plain"))
        else:
            where = self._pressed(entry)
            if fields["action"] == "down":
                self._down[fields["key"]] = where

    def _pressed(self, entry):
        """Keep a key that went down; returns where: in the keys of a secret, among those that wait, or "plain" as it is."""
        if self.secret:
            self._keys.append(entry)
            return self._keys
        if entry["key"].isdigit() and self._may_be_secret(entry["at_us"]):
            self._waiting.append((self._screen, entry))
            return "waiting"
        self.entries.append(entry)
        return "plain"

    def _lifted(self, entry, where):
        """A finger goes up: it is kept where its key went down, in a PIN's entry that has ended too."""
        if where == "waiting":
            self._waiting.append((self._screen, entry))
        elif where is self._keys:
            self._keys.append(entry)
        elif isinstance(where, list) and entry["key"].isdigit():
            self._closed["keys"] += "d"
            for many, one in _LISTS:
                self._closed[many].append(entry[one])
        else:
            self.entries.append({**entry, "key": "0"} if where == "deaf" else entry)

    def _may_be_secret(self, at_us):
        return at_us - self._tapped_us < _AHEAD_US or bool(self._session.bench.reader.cards)

    def _close(self):
        """The entry of a secret has ended: what it was, in words."""
        if self._keys:
            self._closed = self._told()
            self.entries.append(self._closed)
        self._keys, self._login = [], None

    def _told(self):
        """The entry of the keys of a secret so far, without its digits."""
        if self._screen == "login":
            role, verdict = self._login or (None, None)
            return {**_secret(self._keys, None, None, verdict == "in"), "role": role}
        person = self._session.bench.wallet.person(self._card) if self._card else None
        return _secret(self._keys, self._card, person)

    def snapshot(self):
        """All there is to keep of this very moment: head, entries, what was seen, and the flash, which holds the journal."""
        bench = self._session.bench
        head = {"microtill recording": FORMAT, "seed": self._session.seed, "target": bench.target.name, "firmware": bench.firmware,
                "version": metadata.version("microtill"), "began": bench.began.isoformat(), "settings": {},
                "ended_us": bench.world.now, "ended_op": bench.rig.answered_now}
        entries = sorted([*self.entries, *([self._told()] if self._keys else [])], key=lambda entry: entry["n"])
        return {"head": head, "entries": standin.settings(entries),
                "screens": list(self.screens), "receipts": list(self.receipts),
                "plain": self.plain.told(), "flash": bytes(bench.flash.data)}


def lines(snapshot, journal_rows):
    """A recording as JSON lines."""
    rows = [snapshot["head"], *snapshot["entries"], {"result": result(snapshot, journal_rows)}]
    return "".join(json.dumps(row) + "\n" for row in rows)


def result(snapshot, journal_rows):
    """What a person and a book can see of a run: (time in us, hash) of each screen and receipt, the hash of each record of the journal; and
    "plain": the same hashes where no moment counts, which are alike on all targets."""
    rows = standin.journal(journal_rows)
    return {"screens": snapshot["screens"], "receipts": snapshot["receipts"], "journal": _digests(rows),
            "plain": {**snapshot["plain"], "journal": _digests(map(elsewhere.plain_record, rows))}}


def _digests(rows):
    return [elsewhere.digest(json.dumps(row, sort_keys=True)) for row in rows]


def _secret(keys, card, person, logged_in=False):
    """The entry of a PIN without its digits. `keys`: the acts of its keys, in order."""
    typed, letters = _typed(keys), [entry["key"] for entry in keys]
    ends = next((letter for letter in reversed(letters) if letter in (_ENTER, _CANCEL)), "")
    right = person and person.pin and typed.endswith(person.pin)
    what = LEFT if ends != _ENTER else ROLE if logged_in else RIGHT if right else WRONG
    lists = {many: [entry[one] for entry in keys] for many, one in _LISTS}
    return {"n": keys[0]["n"], "at_us": keys[0]["at_us"], "op": keys[0]["op"], "act": "pin", "what": what, "card": card, "ends": ends,
            "keys": "".join("d" if letter.isdigit() else letter for letter in letters), **lists}


def _typed(keys):
    """The digits that count when the entry ends."""
    letters, actions = [entry["key"] for entry in keys], [entry["action"] for entry in keys]
    return "".join(letters[at] for at in _counting(letters, actions))


def _counting(letters, actions):
    """The places of the digits that count: those that went down after the last clear."""
    downs = [at for at, action in enumerate(actions) if action != "up"]
    last_clear = max((at for at in downs if letters[at] == _CLEAR), default=-1)
    return [at for at in downs if at > last_clear and letters[at].isalnum() and letters[at] not in "ABCD"]


def read(text):
    """(header, entries, result) of a recording. Raises BadRecording."""
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError) as bad:
                raise BadRecording("line %d: %s" % (number, str(bad)[:100])) from bad
    if len(rows) < 2 or not all(isinstance(row, dict) for row in rows) or rows[0].get("microtill recording") != FORMAT or "result" not in rows[-1]:
        raise BadRecording("not a recording of format %d" % FORMAT)
    for number, row in enumerate(rows[1:-1], 2):
        if not all(isinstance(row.get(name), int) for name in ("at_us", "op", "n")) or not isinstance(row.get("act"), str):
            raise BadRecording("line %d: an act has a time (at_us, op), a number (n) and a name" % number)
    if not _is_result(rows[-1]["result"]):
        raise BadRecording("line %d: a result has screens, receipts and journal" % len(rows))
    return rows[0], rows[1:-1], rows[-1]["result"]


def _is_result(told):
    """Lists of [time, hash], and one of hashes."""
    if not isinstance(told, dict) or not all(isinstance(told.get(name), list) for name in ("screens", "receipts", "journal")):
        return False
    timed = told["screens"] + told["receipts"]
    return all(isinstance(row, list) and len(row) == 2 and isinstance(row[0], int) and isinstance(row[1], str) for row in timed) and all(
        isinstance(row, str) for row in told["journal"])


def keys_of(entry, person):
    """The acts of keys with which an entry of a secret is done again: the card's own digits, the stand-in of a role's, or wrong ones, as many
    as there were."""
    letters, actions = entry["keys"], entry["actions"]
    places = _counting(letters, actions)
    digits = dict.fromkeys((at for at, letter in enumerate(letters) if letter == "d"), "0")
    own = person.pin if person and entry["what"] == RIGHT else standin.pin(len(places)) if entry["what"] == ROLE else ""
    for place, digit in zip(places[len(places) - len(own):], own, strict=False):
        digits[place] = digit
    if not own and person and entry["what"] == WRONG:
        digits.update(zip(places, (_other(person.pin, len(places) - at) for at in range(len(places))), strict=True))
    _lift(digits, letters, actions)
    lists = zip(*(entry[many] for many, _one in _LISTS), strict=True)
    return [{"n": n, "at_us": at_us, "op": op, "key": digits.get(at, letter), "action": action, "hold_ms": hold_ms}
            for at, (letter, (n, at_us, op, action, hold_ms)) in enumerate(zip(letters, lists, strict=True))]


def _other(pin, from_the_end):
    """A digit that this place of the PIN does not have, counted from the end."""
    return "%d" % ((int(pin[-from_the_end]) + 1) % 10) if from_the_end <= len(pin) else "0"


def _lift(digits, letters, actions):
    """A finger goes up from the key on which it went down."""
    down = []
    for at, letter in enumerate(letters):
        if letter == "d" and actions[at] == "down":
            down.append(at)
        elif letter == "d" and actions[at] == "up" and down:
            digits[at] = digits[down.pop(0)]
