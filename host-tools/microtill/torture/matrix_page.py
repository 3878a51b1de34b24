# matrix_page.py: the degradation matrix in words: a table of what works, and a line for each cell. The same cells give the same page.
import math

from microtill.torture.parts import LABEL, PARTS, USES

_TOLD = ("refused", "cancelled", "declined", "unknown", "approved", "done", "settled", "not_settled", "report", "printing", "tested", "logged_in",
         "training_on", "training_off", "printer_silent", "paper_out", "closed", "safe_stop", "recovered")
_AT_REST = ("ready", "ready_fixed", "closed")
_PAPER = "no paper"
_HEAD = """# What still works when a part has failed

`make matrix` runs each part against each use on the bench, reads the display as a person does, mends the part, sees the next customer pay, and
writes this page; a test runs a share of it again and compares. In each cell both books agree, there is one effect at most, and no task dies.

A cell says what comes of it where the part fails the moment before, and, behind the arrow where that is another thing, where it had failed a
minute ago, and power had come since. `yes`: as ever. A code: refused, before any money moves; `microtill why-not` explains it. `undone`: the
bank did not answer, so the payment is owed and reversed as soon as it does. `-`: nothing begins.

"""


def did(cell):
    """What came of a cell, in a word or two."""
    use = USES[cell["use"]]
    screens, reasons = [each[0] for each in cell["outcome"]], [each[1] for each in cell["outcome"]]
    done = use.does in cell["state"] or use.does in screens or use.does == "printing" and "printing" in cell["shown"]
    if done or use.does == "reversed" and "reversal due" in cell["state"]:
        return "yes, %s" % _PAPER if use.papers and not cell["papers"] else "yes"
    if "reversal due" in cell["state"] or "reversed" in cell["state"]:
        return "undone"
    codes = [code for code in cell["codes"] if code != "E03"]       # a key that does nothing here
    return (reasons or codes or ["-"])[-1]


def read(cell):
    """What a person reads, after what was keyed: screens that tell something, each once."""
    out = []
    for name, text in cell["read"]:
        rows = [row for row in text.split("\n") if row != LABEL]
        told = "%s: %s" % (rows[0], ", ".join(rows[1:])) if rows[1:] else "".join(rows)
        if name in _TOLD and told not in out:
            out.append(told)
    last, text = cell["read"][-1]
    rows = [row for row in text.split("\n") if row != LABEL]
    if last in _AT_REST and last != "closed" and len(rows) > (4 if last == "ready_fixed" else 2):
        out.append("at rest: %s" % rows[-1])
    if not out:
        return "nothing new" if text.strip() and cell["part"] != "display" else "nothing%s" % (": the alert light is on" if cell["alert"] else "")
    return "; then ".join("“%s”" % each for each in out)


def line(cell):
    """One line of the page for a cell."""
    when = "of a sudden" if cell["when"] == "sudden" else "a minute later"
    return "- %s, %s: **%s**. Reads %s." % (USES[cell["use"]].title, when, did(cell), read(cell))


def summary(sudden, start):
    """What stands in the table for a part and a use."""
    first, then = did(sudden), did(start)
    return first if first == then else "%s → %s" % (first, then)


def ready_s(cells):
    """Whole seconds within which the terminal was ready again, once the part was mended."""
    return math.ceil(max(cell["ready_s"] for cell in cells))


def page(cells):
    """The whole of docs/degradation.md."""
    by = {(cell["part"], cell["use"], cell["when"]): cell for cell in cells}
    out = [_HEAD, "| | %s |\n" % " | ".join(part.name for part in PARTS.values()), "|---" * (len(PARTS) + 1) + "|\n"]
    for use in USES:
        out.append("| %s | %s |\n" % (USES[use].title, " | ".join(summary(by[part, use, "sudden"], by[part, use, "start"]) for part in PARTS)))
    seconds = [str(ready_s([cell for cell in cells if cell["part"] == part])) for part in PARTS]
    out.append("| ready again within, in seconds after it was mended | %s |\n" % " | ".join(seconds))
    for name, part in PARTS.items():
        if name != "whole":
            out.append("\n## %s\n\n%s.\n\n" % (part.name.capitalize(), part.how[0].upper() + part.how[1:]))
            out += [line(by[name, use, when]) + "\n" for use in USES for when in ("sudden", "start")]
    return "".join(out)
