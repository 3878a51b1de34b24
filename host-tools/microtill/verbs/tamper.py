# tamper.py: `microtill tamper`: does an attack hold payments at this terminal? `--lift` lets them begin again, where no role with a PIN has to look
# at it. Ends 1 where they are held afterwards.
from pathlib import Path

from microtill.bench.bench import Bench
from microtill.names import rules
from microtill.terminal import NoAnswer, Refused, ask
from microtill.verbs.books import needed

_WITHIN_MS, _SETTLES_MS = 300_000, 3_000        # what is around it and its clock have been looked at once by then


class HasToLook(Exception):
    """Somebody with that role logs in at the terminal: C, 9; then C, self-test, and D."""
    code = "K14"


def tamper(out, state, serial):
    needed(Path(state))
    bench = Bench(state, bank=False, keep=serial is not None)
    try:
        bench.start()
        if not bench.run(lambda: bench.console.ready, _WITHIN_MS):
            raise NoAnswer("console")
        bench.run(lambda: False, _SETTLES_MS)
        if serial is not None:
            _lift(bench, serial)
        facts = dict(ask(bench, _WITHIN_MS, op="facts")[0])
    finally:
        bench.close()
    code = facts["tampered"] or ("S16" if facts["behind"] else "")
    out.say("%s: %s" % (code, rules.refusal(code)[0]) if code else "nothing is held")
    return (1 if code else 0), {"held": code, "words": rules.refusal(code)[0] if code else "", "wrong_macs": facts["wrong_macs"]}


def _lift(bench, serial):
    try:
        ask(bench, _WITHIN_MS, op="lift", serial=serial)
    except Refused as refused:
        if "log in first" not in str(refused):
            raise
        raise HasToLook("a role of this terminal has a PIN: log in there (C, 9), then C, 8, and D") from None
    bench.run(lambda: False, 1_000)
