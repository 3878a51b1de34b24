# recording.py: what was done to a terminal, with the world's time of each act, so that it can be done again. No digit of a PIN is ever kept:
# a PIN is "the PIN of this card" or "a wrong one". Only a bench that began fresh can be recorded: all of its past is in its seed.
import hashlib
import json
from importlib import metadata

from microtill import books
from microtill.terminal import Service

FORMAT = 1
RIGHT, WRONG, LEFT = "the PIN of this card", "a wrong one", "left"
_SECRET_SCREENS = ("pin", "any_digits", "login")
_ENTER, _CLEAR, _CANCEL = "D", "B", "A"


class BadRecording(Exception):
    """args: the line and what is wrong with it."""
    code = "U09"


class Recorder:
    """Hears every act of a Session. While the terminal shows a screen for secrets, keys are counted and timed, never kept."""

    def __init__(self, session):
        self._session, self.entries = session, []
        self._screen, self._card, self._typed, self._times, self._ends = "", None, [], [], ""
        session.bench.story.listeners.append(self._hear)

    def _hear(self, row):
        if row["kind"] == "screen" and row.get("name") != self._screen:
            self._screen = row.get("name", "")
            if self._screen not in _SECRET_SCREENS:
                self._close()

    def act(self, what, **fields):
        if what == "tap":
            self._card = fields["card"]
        if what == "key" and self._screen in _SECRET_SCREENS:
            return self._secret(fields["key"])
        self.entries.append({"at_us": self._session.bench.world.now, "act": what, **fields})

    def _secret(self, key):
        self._times.append(self._session.bench.world.now)
        self._ends += "d" if key.isdigit() else key
        if key.isdigit():
            self._typed.append(key)
        elif key == _CLEAR:
            self._typed.clear()
        elif key in (_ENTER, _CANCEL):
            self._close()

    def _close(self):
        """A PIN entry has ended: what it was, in words."""
        if not self._times:
            return
        person = self._session.bench.wallet.person(self._card) if self._card and self._screen != "login" else None
        what = LEFT if _ENTER not in self._ends else RIGHT if person and "".join(self._typed) == person.pin else WRONG
        self.entries.append({"at_us": self._times[0], "act": "pin", "what": what, "card": self._card, "keys": self._ends, "times_us": self._times})
        self._typed, self._times, self._ends = [], [], ""

    def lines(self):
        """The recording so far, as JSON lines."""
        bench = self._session.bench
        head = {"microtill recording": FORMAT, "seed": self._session.seed, "target": "sim", "firmware": bench.firmware,
                "version": metadata.version("microtill"), "began": bench.began.isoformat(), "ended_us": bench.world.now}
        entries = sorted(self.entries, key=lambda entry: entry["at_us"])
        return "\n".join(json.dumps(row) for row in [head, *entries, {"result": result(bench)}]) + "\n"


def result(bench):
    """What a person and a book can see of a run: a hash for each screen, receipt and record of the journal."""
    return {"screens": [_hash(text) for text in bench.screens], "receipts": [_hash(paper.text) for paper in bench.printer.receipts],
            "journal": [_hash(json.dumps(row, sort_keys=True)) for row in journal(bench)]}


def journal(bench):
    """The rows of a running terminal's journal, read by a second one from a copy of its flash."""
    with Service(None) as service:
        service.bench.cut()
        service.bench.flash.data[:] = bench.flash.data
        service.start()
        return service.ask("journal")


def ledger(bench):
    return bench.bank.records()


def both(bench):
    """(rows of both books side by side, do they agree) of a running bench."""
    mine, theirs = books.from_journal(journal(bench)), ledger(bench)
    _matched, differences = books.compare(mine, theirs)
    why = {(row["stan"], row["field7"]): row["why"] for row in differences}
    bank = {(int(row["stan"]), row["field7"]): row for row in theirs if row["kind"] in ("sale", "refund", "void")}
    till = {(row["stan"], row["field7"]): row for row in mine}
    keys = sorted(set(bank) | set(till), key=lambda key: (key[1], key[0]))
    return [{"stan": key[0], "field7": key[1], "kind": (till.get(key) or bank.get(key))["kind"], "terminal": _side(till.get(key)),
             "bank": _side(bank.get(key)), "differs": why.get(key, "")} for key in keys], not differences


def _side(row):
    if row is None:
        return None
    state = row.get("state") or ("reversed" if row["reversed"] else "voided" if row["voided"] else "approved" if row["response"] == "00" else "declined")
    return {"amount_minor": row["amount_minor"], "state": "voided" if row.get("voided") and state == "approved" else state, "effects": row["effects"]}


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(text):
    """(header, entries, result) of a recording. Raises BadRecording."""
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except ValueError as bad:
                raise BadRecording("line %d: %s" % (number, bad)) from bad
    if len(rows) < 2 or not all(isinstance(row, dict) for row in rows) or rows[0].get("microtill recording") != FORMAT or "result" not in rows[-1]:
        raise BadRecording("not a recording of format %d" % FORMAT)
    for number, row in enumerate(rows[1:-1], 2):
        if not isinstance(row.get("at_us"), int) or not isinstance(row.get("act"), str):
            raise BadRecording("line %d: an act has a time and a name" % number)
    return rows[0], rows[1:-1], rows[-1]["result"]


def keys_of(entry, person):
    """[(at_us, key)] with which a PIN entry is done again: the card's own digits, or wrong ones of the same number."""
    digits, size = [], len(entry["keys"].rpartition(_CLEAR)[2].replace(_ENTER, "").replace(_CANCEL, ""))
    if person and entry["what"] == RIGHT:
        digits = list(person.pin)
    else:
        digits = ["%d" % ((int(digit) + 1) % 10) for digit in ((person.pin if person else "0000") * 3)[:size]]
    out, at = [], 0
    last_clear = entry["keys"].rfind(_CLEAR)
    for place, (key, when) in enumerate(zip(entry["keys"], entry["times_us"], strict=True)):
        if key != "d":
            out.append((when, key))
        elif place < last_clear:
            out.append((when, "0"))
        else:
            out.append((when, digits[at % len(digits)]))
            at += 1
    return out
