# words.py: what a person reads, in the language that is spoken now. One file a language in ui/languages; a code without words shows itself.
class Words:
    """`codes`: the languages of this terminal, the shop's own first. `language` is the one in use."""

    def __init__(self, codes=("en",)):
        self.codes, self.language, self._tables = codes, "", None
        self.use(codes[0])

    def use(self, code):
        """Speak this language from now on, where the terminal has it. Returns whether it does."""
        if code not in self.codes:
            return False
        if code != self.language:
            self.language = code
            self._tables = __import__("till.ui.languages." + code, None, None, ("SCREENS",))
        return True

    def home(self):
        """The shop's own language again."""
        self.use(self.codes[0])

    def of(self, table, key, default=""):
        """One entry of a table of the language file, by its name."""
        return getattr(self._tables, table).get(key, default)

    def screen(self, name, *values):
        """The rows of a screen, each value in its place."""
        rows, at = [], 0
        for row in self._tables.SCREENS[name]:
            count = row.count("%s")
            if count:
                row = row % values[at:at + count]
                at += count
            rows.append(row)
        return rows

    def reason(self, code):
        """Why a payment was declined or cancelled: two rows."""
        return self.of("REASONS", code) or (self.of("OTHER", "reason"), self.of("OTHER", "code") % code)

    def refusal(self, code):
        """Why a trigger was refused, and what to do: two rows."""
        return self.of("REFUSALS", code) or (self.of("OTHER", "refusal"), code)
