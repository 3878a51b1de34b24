# log.py: what happened, told to whoever listens on the admin line: kind, trigger id, words. Never a PAN, PIN or key; never fails, never waits.
# With no listener an event costs one call. The names of the kinds are in wire/events.py.
_tell = None


def listen(tell):
    """`tell(kind, trigger_id, words)` hears every event from now on."""
    global _tell
    _tell = tell


def event(kind, trigger_id, *words):
    if _tell:
        _tell(kind, trigger_id, words)
