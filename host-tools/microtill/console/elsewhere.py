# elsewhere.py: a recording on another target than it was made on, where the same things take other times. Each act waits for the screens that had
# been seen before it, then for as long as it did after the last of them, 2 s at most; what is compared holds no moment, and what a start shows for
# an instant may be missing. It cannot fail: a screen that never comes is waited for a minute.
import hashlib
import re

from microtill import reading

_PATIENCE_US = 60_000_000
_SPACED_US = 2_000_000                  # an act keeps so much of its distance from act and screen before it: in pauses lost time is made up for
_START_US, _INSTANT_US = 5_000_000, 2_000_000
_PASSING = ("starting", "recovering", "")   # screens that stand for as long as a machine takes; "": a picture that was half drawn
_MAY_MISS, _FAR = "~", 8                # how many in a row may be missing
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")
_OF_ITS_MOMENT = ("number", "unix", "field7", "original_field7", "ksn")


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def plain_record(row):
    """A journal's record without what depends on the moment."""
    return {name: value for name, value in row.items() if name not in _OF_ITS_MOMENT}


class Plain:
    """What a person saw, without its times. `power_us`: when power came last."""

    def __init__(self):
        self.power_us, self._screens, self._receipts = 0, [], []

    def seen(self, what, at_us, text):
        mark = digest(_TIME.sub("", text))
        if what == "receipts":
            self._receipts.append(mark)
        else:
            passing = at_us - self.power_us < _START_US or reading.name(text) in _PASSING
            self._screens.append((at_us, mark, passing))

    def told(self):
        """{"screens", "receipts"}: hashes; "~" before that of a screen that another machine may not show."""
        ends = [each[0] for each in self._screens[1:]] + [float("inf")]
        return {"receipts": list(self._receipts),
                "screens": [(_MAY_MISS if passing and end - at_us < _INSTANT_US else "") + mark
                            for (at_us, mark, passing), end in zip(self._screens, ends, strict=False)]}


def aligned(was, now):
    """Two lists of [time, hash] without what one has and the other may miss: the same hashes where the same was seen."""
    one, other, at, to = [], [], 0, 0
    while at < len(was) or to < len(now):
        skip = _skip(was[at:at + _FAR], now[to:to + _FAR])
        if skip is not None:
            at, to = at + skip[0], to + skip[1]
        one += [[us, mark.lstrip(_MAY_MISS)] for us, mark in was[at:at + 1]]
        other += [[us, mark.lstrip(_MAY_MISS)] for us, mark in now[to:to + 1]]
        at, to = at + 1, to + 1
    return one, other


def _skip(was, now):
    """(how many of each may be left out so that the next two are the same), as few as can be; None where there is no such place."""
    ends = [(rows + [None], next((n for n, row in enumerate(rows) if not row[1].startswith(_MAY_MISS)), len(rows))) for rows in (was, now)]
    (was, most), (now, most_too) = ends
    for both in range(most + most_too + 1):
        for first in range(min(both, most) + 1):
            if both - first <= most_too and _same(was[first], now[both - first]):
                return first, both - first
    return None


def _same(one, other):
    return one is other or one is not None and other is not None and one[1].lstrip(_MAY_MISS) == other[1].lstrip(_MAY_MISS)


class Paced:
    """`acts`: [(at_us, act)] in order; `seen_us`: the recorded times of all screens; `end()` is called at `until_us`, as the last act is.
    `session` is to be replayed with plan=[((0, 0), paced.begin)]."""

    def __init__(self, session, acts, seen_us, until_us, end):
        self.session, self._acts, self._seen_us = session, [*acts, (until_us, end)], seen_us
        self._shown_us, self._next, self._last, self._job = [], 0, (0, 0), None     # last act: (when it was done, when it was recorded)
        session.bench.story.listeners.append(self._hear)

    def begin(self):
        self._plan()

    def _hear(self, row):
        if row["kind"] == "display":
            self._shown_us.append(row["t_us"])
            self._plan()

    def _plan(self):
        """Enter the next act: when it is due, or, where a screen is still missing, for when patience ends."""
        if self._next == len(self._acts):
            return
        at_us = self._acts[self._next][0]
        wanted = sum(us <= at_us for us in self._seen_us)
        due_us = max(at_us, self._last[0] + min(_SPACED_US, at_us - self._last[1]))
        if wanted > len(self._shown_us):
            due_us = max(due_us, self.session.bench.world.now) + _PATIENCE_US
        elif wanted:
            due_us = max(due_us, self._shown_us[wanted - 1] + min(_SPACED_US, at_us - self._seen_us[wanted - 1]))
        self._job = job = object()
        self.session.at((max(due_us, self.session.bench.world.now), 0), lambda: self._do(job))

    def _do(self, job):
        if job is not self._job:
            return                          # planned anew meanwhile
        at_us, act = self._acts[self._next]
        self._next, self._last = self._next + 1, (self.session.bench.world.now, at_us)
        act()
        self._plan()
