# log.py: what happened, told to whoever listens on the admin line: kind, trigger id, words. Never a PAN, PIN or key; never fails, never waits.
# With no listener an event costs one call. The names of the kinds are in wire/events.py.
import gc

_tell = None


def listen(tell):
    """`tell(kind, trigger_id, words)` hears every event from now on."""
    global _tell
    _tell = tell


def memory(trigger_id, point):
    """How much of the heap is taken, garbage included, at a named point of a flow. Counts for the budget; one call where nobody listens."""
    if _tell:
        _tell("memory", trigger_id, (point, gc.mem_alloc()))        # pyright: ignore[reportAttributeAccessIssue]


def event(kind, trigger_id, *words):
    if _tell:
        _tell(kind, trigger_id, words)
