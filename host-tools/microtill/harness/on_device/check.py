# check.py: what a test on the target may call: `from check import raises, measure, skip, ask, near, Numbers`. AssertionError where it is not so.
# ruff: noqa: F821 (`tell` is put before this by the harness)
class Skip(Exception):
    """args[0]: why this cannot be tested here."""


def skip(reason):
    raise Skip(reason)


def raises(kind, call, *arguments):
    """The error of class `kind` that call(*arguments) raises; its code is for the test to look at."""
    try:
        call(*arguments)
    except kind as error:
        return error
    raise AssertionError("%s was not raised" % kind.__name__)


async def fails(kind, job):
    """The error of class `kind` with which an awaitable ends."""
    try:
        await job
    except kind as error:
        return error
    raise AssertionError("%s was not raised" % kind.__name__)


def near(value, wanted, within):
    """Is `value` no further than `within` from `wanted`?"""
    return abs(value - wanted) <= within


def measure(name, value, unit="", low=None, high=None):
    """Put a figure on record with its limits (None: open on that side). AssertionError outside them; the figure is on record all the same."""
    tell({"measured": name, "value": value, "unit": unit, "low": low, "high": high})
    if low is not None and value < low or high is not None and value > high:
        raise AssertionError("%s is %s %s, not %s to %s" % (name, value, unit, "" if low is None else low, "" if high is None else high))


class Numbers:
    """The same numbers on every target: what a generated test is fed with. No number leaves 30 bits."""

    def __init__(self, seed):
        self._seed = seed

    def below(self, most):
        """0 to most - 1; `most` at most 2**20."""
        high = self._next()
        return (high << 10 | self._next()) % most

    def _next(self):
        self._seed = (self._seed * 8405 + 4097) & 0x3FFF
        return self._seed >> 4                  # its low bits repeat soon

    def bytes(self, size):
        return bytes(self.below(256) for _ in range(size))


def equal(one, other):
    """What `assert one == other` becomes, so that both are told."""
    if not one == other:
        raise AssertionError("%r is not %r" % (one, other))
