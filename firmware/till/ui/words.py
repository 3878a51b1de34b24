# words.py: what a person reads, in the language that is spoken now. One file a language in ui/languages; a code without words shows itself.
from till.ui import letters

COLUMNS, LINES = 16, 4              # of a tall screen: rows of 16 dots


class Words:
    """`codes`: the languages of this terminal, the shop's own first. `language` is the one in use: one that this firmware was built with.
    `large`: screens for people who see badly. `training`: every screen says that nothing here is a payment."""

    def __init__(self, codes=("en",)):
        self.codes, self.language, self._tables = tuple(codes), "", None
        self.large = self.training = False
        self.home()

    def use(self, code):
        """Speak this language from now on, where the terminal has it. Returns whether it does."""
        return code in self.codes and (code == self.language or self._load(code))

    def _load(self, code):
        tables = _tables(code)
        if tables is None:
            return False
        self.language, self._tables = code, tables
        return True

    def home(self):
        """The shop's own language again; the next one where the firmware was built without it, English last."""
        for code in self.codes:
            if self.use(code):
                return
        self._load("en")

    def of(self, table, key, default=""):
        """One entry of a table of the language file, by its name."""
        return getattr(self._tables, table).get(key, default)

    def room(self, name):
        """How many values this screen takes now: a menu's page."""
        rows = (self._tables.LARGE if self._is_large() else self._tables.SCREENS)[name]
        named = [n for n in range(10) for row in rows if "{%d}" % n in row]
        return max(named) + 1 if named else sum(row.count("%s") for row in rows)

    def screen(self, name, *values):
        """The rows of a screen, each value in its place. "|" first: a tall row. A large screen too small for its values is an ordinary one."""
        large = self._is_large()
        rows, whole = _filled((self._tables.LARGE if large else self._tables.SCREENS)[name], values)
        if large and not whole:
            large = False
            rows, _ = _filled(self._tables.SCREENS[name], values)
        tall = (large or getattr(self._tables, "TALL", False)) and len(rows) <= LINES
        small = _training(rows, self.of("OTHER", "training")) if self.training else 0
        return rows[:small] + ["|" + row for row in rows[small:]] if tall else rows

    def _is_large(self):
        return self.large and letters.there()

    def reason(self, code):
        """Why a payment was declined or cancelled: two rows."""
        return self.of("REASONS", code) or self.of("REFUSALS", code) or (self.of("OTHER", "reason"), self.of("OTHER", "code") % code)

    def refusal(self, code):
        """Why a trigger was refused, and what to do: two rows."""
        return self.of("REFUSALS", code) or (self.of("OTHER", "refusal"), code)


def here(code):
    """Whether this firmware was built with this language."""
    return _tables(code) is not None


def _tables(code):
    try:
        return __import__("till.ui.languages." + code, None, None, ("SCREENS",))
    except ImportError:
        return None


def _filled(rows, values):
    """(rows with the values in them, whether each value found a place or was left out on purpose). %s takes the next value, {0} the first one
    and so on, so that a language may order or leave out; a tab begins the second of two columns."""
    out, at, chosen = [], 0, False
    for row in rows:
        count = row.count("%s")
        if count:
            row = row % values[at:at + count]
            at += count
        elif "{" in row:
            row = row.format(*values)
            chosen = True
        out.append(_two_columns(row) if "\t" in row else row)
    return out, chosen or not any(values[at:])


def _two_columns(row):
    left, right = row.split("\t")
    row = left + " " * max(1, COLUMNS // 2 - letters.width(left)) + right
    return row + " " * (COLUMNS - letters.width(row)) if row.strip() else ""


def _training(rows, word):
    """Put `word` into the bar, in place. The title stays behind it, or goes to the first blank row, or becomes a small row of its own: how many
    rows are small then."""
    title = rows[0][1:] if rows[0][:1] == "=" else ""
    both = title if title.upper().find(word) == 0 else word + " " + title
    if letters.width(both) <= COLUMNS:
        rows[0] = "=" + both
        return 0
    rows[0] = "=" + word
    for at in range(1, len(rows)):
        if not rows[at].strip(" !"):
            rows[at] = title
            return 0
    rows.insert(1, title)
    return 2
