# narrator.py: a run told to a person as it happens: screens in a frame, triggers with their ends, the bank's words, the paper.
from microtill.device_source import letters

_WIDTH = 16
_TOLD = (("amount", "4"), ("STAN", "11"), ("response", "39"))


class Narrator:
    def __init__(self, out):
        self._out = out

    def hear(self, row):
        """One row of the story; most kinds are for `explain` alone."""
        tell = getattr(self, "_" + row["kind"], None)
        if tell:
            tell(row)

    def _at(self, row):
        return "%9.3f s" % (row["t_us"] / 1e6)

    def _line(self, row, text):
        self._out.say("%s  %s" % (self._at(row), text))

    def _power(self, row):
        self._line(row, "power on")

    def _act(self, row):
        self._line(row, "-- " + row["what"])

    def _trigger(self, row):
        tail = row["flow"] if row["end"] == "started" else row["reason"]
        self._line(row, "trigger %-5s %s %s: %s %s" % (row["trigger"], row["origin"], row["name"], row["end"], tail))

    def _display(self, row):
        lines = row["text"].split("\n")
        self._line(row, "+" + "-" * (_WIDTH + 2) + "+")
        for line in lines:
            self._out.say("%s| %s%s |" % (" " * 13, line, " " * (_WIDTH - letters.width(line))))
        self._out.say("%s+%s+" % (" " * 13, "-" * (_WIDTH + 2)))

    def _message(self, row):
        fields = row.get("fields", {})
        what = {"request": "to the bank", "response": "from the bank"}[row["direction"]]
        told = ", ".join("%s %s" % (name, fields[number]) for name, number in _TOLD if number in fields)
        self._line(row, "%s: %s %s" % (what, row.get("mti", "not a message"), told))

    def _money(self, row):
        self._line(row, "on record: payment %06d %s" % (int(row["stan"]), row["state"]))

    def _receipt(self, row):
        self._line(row, "paper:")
        for line in row["text"].split("\n"):
            self._out.say(" " * 15 + line)
