# status.py: what a printer says of itself, as words; unknown is one of them. Pure. Raises nothing.
from collections import namedtuple
from escpos_printer import commands

QUERIES = b"".join(commands.query(n) for n in (commands.PRINTER, commands.OFFLINE, commands.ERRORS, commands.PAPER))

Status = namedtuple("Status", ("online", "paper", "cover", "head"))
UNKNOWN = Status(None, None, None, None)


class PrinterError(Exception):
    """`code`: "silent" (no answer in time), "paper_out", "cover" (open), "hot" (the head; it mends itself), "cutter", "broken",
    "offline" (it does not say why), "size" (one command larger than its buffer)."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def trouble(status):
    """Why this Status lets nothing print, as a PrinterError's code; None where all is well."""
    if status.online is None:
        return "silent"
    word = "paper_out" if status.paper == "out" else "cover" if status.cover == "open" else status.head
    return word if word not in ("ok", None) else None if status.online else "offline"


def decoded(answers, count):
    """The Status that the first `count` of four answers to QUERIES make; what is missing stays None."""
    printer, offline, errors, paper = [commands.status(n + 1, answers[n]) if n < count else () for n in range(4)]
    out = "no paper" in paper or "paper end stop" in offline
    return Status("online" in printer if printer else None,
                  "out" if out else "near_end" if "paper low" in paper else "ok" if paper else None,
                  ("open" if "cover open" in offline else "closed") if offline else None,
                  ("ok" if errors[0] == "no error" else errors[0]) if errors else None)
