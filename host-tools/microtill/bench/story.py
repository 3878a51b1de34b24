# story.py: what happened on the bench, row by row, as JSON lines: the terminal's own events beside what each chip, the card and the bank saw.
# Account numbers are masked before a row is made; PINs and keys never come here. A row: t_us, life, kind, trigger, and its own fields.
import json

from microtill.bench import mask
from microtill.bench.acquirer import messages

_EVENT_FIELDS = {
    "trigger": ("origin", "name", "end", "reason", "flow", "lane", "waited_ms"),
    "guard": ("guard", "verdict"),
    "step": ("name", "value"),
    "tap": ("outcome", "reason"),
    "money": ("state", "stan", "what"),
    "host": ("direction", "what", "stan_or_auth", "rrn"),
    "owed": ("stan", "tries", "code", "next_ms"),
    "dropped": ("code", "field", "stan"),
    "paper": ("copy", "result"),
    "screen": ("name",),
    "outcome": ("screen", "reason"),
    "signed_on": ("response",),
    "card": ("what", "code"),
    "device": ("device", "code"),
    "died": ("task", "code"),
    "flow": ("flow", "end", "reason"),
    "console": ("what",),
    "memory": ("point", "bytes"),
    "settings": ("mark", "count"),
    "image": ("verdict", "version"),
    "login": ("role", "verdict"),
    "practice": ("state",),
    "tested": ("part", "verdict", "value"),
    "closing": ("what", "period_number", "result"),
    "link": ("what", "code"),
}


class Story:
    """Hooks itself to the bench's chips. `rows` holds this run; a file, where there is one, gets every row as it comes.
    Trigger ids are "boot.number", so rows of a card or a chip belong to the front trigger that is under way."""

    def __init__(self, bench, path):
        self._bench, self._file = bench, open(path, "a", buffering=1) if path else None
        self.rows, self._life, self.front = [], 0, ""
        self.listeners = []
        bench.console.on_event = self._event
        bench.flash.on_operation = self._flash
        bench.printer.on_receipt = self._receipt
        if bench.bank:
            bench.bank.wire.append(self._message)

    def _add(self, kind, trigger, **fields):
        row = {"t_us": self._bench.world.now, "at": self._bench.now().isoformat(timespec="milliseconds"), "life": self._life, "kind": kind,
               "trigger": trigger, **fields}
        self.rows.append(row)
        if self._file:
            self._file.write(json.dumps(row) + "\n")
        for hear in self.listeners:
            hear(row)

    def life(self, number):
        self._life, self.front = number, ""
        self._add("power", "", what="on")

    def act(self, what):
        """What a person or a fault did; never which key."""
        self._add("act", self.front, what=what)

    def note(self, text):
        self._add("note", "", text=text)

    def screen(self, text):
        self._add("display", self.front, text=text)

    def _event(self, kind, trigger, words, at_us):
        names = _EVENT_FIELDS.get(kind, ())
        fields = {names[n] if n < len(names) else "word%d" % n: word for n, word in enumerate(words)}
        if "name" in fields and kind == "trigger" and fields.get("lane") == "front" and fields.get("end") == "started":
            self.front = trigger
        self._add(kind, trigger, **fields)
        if kind == "screen" and fields.get("name") == "ready":
            self.front = ""

    def apdu(self, command, response, took_us):
        """One command and its answer (None: none came), `took_us` in all."""
        self._add("apdu", self.front, command=command.hex().upper(), response=mask.response(response) if response is not None else None,
                  took_us=took_us)

    def _flash(self, kind, address, size, at_us):
        self._add("flash", self.front, operation=kind, address=address, size=size)

    def _receipt(self, receipt):
        self._add("receipt", self.front, text=receipt.text)

    def _message(self, direction, raw):
        try:
            message = messages.decode(raw)
            private = messages.private_set(message)
        except messages.BadMessage as bad:
            self._add("message", self.front, direction=direction, bad=str(bad), size=len(raw))
            return
        fields = {str(number): value.hex().upper() if isinstance(value, bytes) else value for number, value in sorted(message.fields.items())}
        trigger = private.get(messages.TRIGGER, b"").decode("ascii", "replace")
        self._add("message", trigger or self._asking, direction=direction, mti=message.mti, fields=fields)
        self._asking = trigger or self._asking

    _asking = ""

    def close(self):
        if self._file:
            self._file.close()


def read(path):
    """The rows of a state folder's story, oldest first; none where nothing has happened there. A last line cut in the middle is left out."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().split("\n") if line.endswith("}")]
