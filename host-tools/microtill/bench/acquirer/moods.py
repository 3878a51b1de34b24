# moods.py: ways in which a bank misbehaves, one an answer, for tests and the console. ValueError for a mood that nobody has.
from dataclasses import dataclass

from microtill.bench.acquirer import messages

_AMOUNT, _STAN, _RESPONSE, _PRIVATE, _MAC = 4, 11, 39, 126, 128


_CRASHES = {"crash_before": "before", "crash_after": "after"}        # the bank dies before its books are synced, or after, and nothing is said
_RESTART_MS = 3_000             # until it listens again


@dataclass(frozen=True)
class Mood:
    """What becomes of one answer. `name` as the console calls it, `late_ms` on top of the bank's own time; of a crash: how long it is away."""
    name: str
    late_ms: int = 0

    @property
    def crash(self):
        """"before" or "after" its books are synced, or ""."""
        return _CRASHES.get(self.name, "")

    @property
    def away_ms(self):
        return self.late_ms or _RESTART_MS

    def bend(self, answer, think_us, sign):
        """[(delay in us, bytes)] in place of `answer`; `sign(mti, fields)` makes a lie with a good MAC."""
        when = think_us + self.late_ms * 1000
        if self.name == "never":
            return []
        if self.name == "twice":
            return [(when, answer), (when + think_us, answer)]
        if self.name == "wrong_mac":
            return [(when, answer[:-1] + bytes((answer[-1] ^ 0x01,)))]
        if self.name == "garbage":
            return [(when, bytes(byte ^ 0xA5 for byte in answer))]
        if self.name in _LIES:
            message = messages.decode(answer)
            fields = {number: value for number, value in message.fields.items() if number != _MAC}
            _LIES[self.name](fields)
            return [(when, sign(message.mti, fields))]
        return [(when, answer)]


def _wrong_stan(fields):
    fields[_STAN] = f"{(int(fields[_STAN]) + 1) % 1_000_000:06}"


def _wrong_amount(fields):
    fields[_AMOUNT] = f"{(int(fields.get(_AMOUNT, '0')) + 1) % 10 ** 12:012}"


def _wrong_ksn(fields):
    private = fields[_PRIVATE]
    fields[_PRIVATE] = private[:-1] + bytes((private[-1] ^ 0x01,))


def _partial(fields):
    """Approval of half the amount (39 = 10); the ledger holds the whole until the reversal that it calls for."""
    if fields[_RESPONSE] == "00" and _AMOUNT in fields:
        fields[_RESPONSE], fields[_AMOUNT] = "10", f"{int(fields[_AMOUNT]) // 2:012}"


_LIES = {"wrong_stan": _wrong_stan, "wrong_amount": _wrong_amount, "wrong_ksn": _wrong_ksn, "partial": _partial}
_NAMES = ("honest", "late", "never", "twice", "wrong_mac", "garbage", *_CRASHES, *_LIES)

HONEST = Mood("honest")
TWICE = Mood("twice")
NEVER = Mood("never")
WRONG_MAC = Mood("wrong_mac")
WRONG_STAN = Mood("wrong_stan")
WRONG_AMOUNT = Mood("wrong_amount")
WRONG_KSN = Mood("wrong_ksn")
GARBAGE = Mood("garbage")
PARTIAL = Mood("partial")
CRASH_BEFORE, CRASH_AFTER = Mood("crash_before"), Mood("crash_after")


def late(ms):
    return Mood("late", ms)


def named(words):
    """The mood that a person typed: "twice", "late 35000". Raises ValueError."""
    name, _, ms = words.partition(" ")
    if name not in _NAMES or (ms and not ms.isdigit()):
        raise ValueError("no such mood")
    return Mood(name, int(ms or 0))
