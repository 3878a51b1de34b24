# watch.py: the bench as a page sees it: what changes becomes an event, drawn pictures once the terminal rests. It also keeps a session small:
# of everything that happened the newest part stays. It cannot fail; it runs in the bench's own thread.
import base64
import io
from collections import deque

from microtill import device_source  # noqa: F401 (puts the firmware on the path)
from microtill.names import safe

from till import alarms  # isort: skip

ROWS, PICTURES, PAPERS, SCREENS = 20_000, 50, 1_000, 1_000     # the newest so many are kept
_SLACK = 1_000
_TOLD = ("trigger", "act", "power", "money")


class Watch:
    """Hooks itself to the bench of a Session, and tells `session.hear`. `happened`: rows for people, each with its number `n`;
    `papers`: the count of all that came off; `texts` and `pictures`: {number: paper} of the newest."""

    def __init__(self, session):
        self.session, self.bench = session, session.bench
        self.happened, self.n, self.triggers = deque(maxlen=ROWS), 0, deque(maxlen=ROWS)
        self.papers, self.texts, self.pictures = 0, {}, {}
        self.settings = []              # triggers by which settings came to count
        self._well()
        self._dirty, self._rows, self._name, self._told_field, self._told_power = set(), 0, "", [], True
        bench = self.bench
        bench.story.listeners.append(self._hear)
        bench.on_drawn = lambda: self._dirty.add("screen")
        bench.lights.on_change = lambda: self._dirty.add("lights")
        bench.printer.on_change = lambda: self._dirty.add("paper")
        bench.senses.piezo.on_tone = self._tone
        bench.rig.on_rest = self.look

    def _well(self):
        """Nothing is wrong, as far as anybody knows: power has come on."""
        self._alarms, self._passing = alarms.Alarms(lambda *record: None, lambda began: None), {}

    # what is
    def screen(self):
        """What stands on the display now."""
        chip = self.bench.screen
        return {"text": self.bench.screen_text(), "name": self._name if chip.lit else "", "dots": base64.b64encode(_upright(chip)).decode(),
                "lit": chip.lit, "contrast": chip.contrast}

    def lights(self):
        return dict(self.bench.lights.state)

    def field(self):
        """Names of the cards in the reader's field, in the order they came."""
        return [each.name for each in self.bench.reader.cards]

    @property
    def paper_rows(self):
        """Rows of dots that hang out of the printer."""
        return self.bench.printer.sheet.rows

    # what happens
    def _hear(self, row):
        kind = row["kind"]
        if kind in _TOLD:
            self.n += 1
            shown = {"n": self.n, **safe.row(row)}
            self.happened.append(shown)
            self.session.hear({"event": "row", "row": shown})
            if kind == "trigger":
                self.triggers.append(row)
                self._alarm(row)
            elif kind == "power":
                self._well()
        elif kind == "screen":
            self._name = row.get("name", "")
            self._dirty.add("screen")
        elif kind == "receipt":
            self._cut()
        elif kind == "settings":
            self.settings.append(row["trigger"])
        self._forget()

    def _alarm(self, row):
        """The terminal's own table, heard from outside: what is wrong now follows from the triggers that it took."""
        name = row["name"]
        if name in alarms.TABLE and row["end"] != "refused":
            self._alarms.heard(name, "", row["trigger"])
            if self._alarms.passes_ms(name):
                self._passing[name] = row["t_us"] + self._alarms.passes_ms(name) * 1000

    def alarms(self):
        """{alarm: level} of what is wrong now."""
        for name, until_us in list(self._passing.items()):
            if self.bench.world.now >= until_us:
                self._alarms.active.pop(name, None)
                del self._passing[name]
        return {name.strip(): level for name, level in self._alarms.active.items()}

    def _cut(self):
        """A paper has come off: the chip's list is emptied here, the newest pictures stay."""
        receipt = self.bench.printer.receipts[-1]
        self.texts[self.papers], self.pictures[self.papers] = receipt.text, receipt
        self.papers += 1
        self.texts.pop(self.papers - PAPERS - 1, None)
        self.pictures.pop(self.papers - PICTURES - 1, None)
        self._dirty.discard("paper")
        strip = self._strip(receipt.image)
        self._rows = 0
        self.session.hear({"event": "paper", "rows": 0, "cut": True, "papers": self.papers, **strip})

    def _strip(self, image):
        """The rows of a sheet that nobody has been shown, as {"png": base64}; {} where there are none."""
        if image.height <= self._rows:
            return {}
        strip, self._rows = image.crop((0, self._rows, image.width, image.height)), image.height
        out = io.BytesIO()
        strip.convert("1").save(out, "PNG")
        return {"png": base64.b64encode(out.getvalue()).decode()}

    def _tone(self, hertz, us):
        self.session.hear({"event": "tone", "hertz": hertz, "ms": us // 1000})

    def look(self):
        """Tell what has changed in sight. Not while time flies: nobody could follow."""
        if self.session.jumping:
            return
        dirty, self._dirty = self._dirty, set()
        if self._told_power != self.session.powered:
            self._told_power = self.session.powered
            self.session.hear({"event": "power", "powered": self._told_power})
            dirty |= {"screen", "lights"}
        if self._told_field != self.field():
            self._told_field = self.field()
            self.session.hear({"event": "field", "in_field": self._told_field})
        if "screen" in dirty:
            self.session.hear({"event": "screen", **self.screen()})
        if "lights" in dirty:
            self.session.hear({"event": "lights", **self.lights()})
        if "paper" in dirty and self.paper_rows != self._rows:
            strip = self._strip(self.bench.printer.image())
            self.session.hear({"event": "paper", "rows": self.paper_rows, "cut": False, "papers": self.papers, **strip})

    def _forget(self):
        """Of what the bench and its chips keep for tests, the oldest part goes."""
        bench = self.bench
        for kept, most in ((bench.story.rows, ROWS), (bench.screens, SCREENS), (bench.senses.piezo.tones, _SLACK), (bench.rig.notes, _SLACK),
                           (bench.senses.motor.pulses, _SLACK), (bench.lights.transitions, _SLACK), (bench.printer.receipts, 1),
                           (bench.printer.drawer, _SLACK)):
            if len(kept) > most + _SLACK or most == 1 and len(kept) > 1:
                del kept[:len(kept) - most]


def _upright(chip):
    """1,024 bytes of what the eye sees, page by page, the least significant bit on top: however the glass is wired and scanned."""
    dots, out = chip.pixels(), bytearray(1024)
    for y in range(64):
        page, bit = (y >> 3) * 128, 1 << (y & 7)
        row = dots[y * 128:(y + 1) * 128]
        at = row.find(1)
        while at >= 0:
            out[page + at] |= bit
            at = row.find(1, at + 1)
    return bytes(out)
