# heap.py: when the heap may be collected by itself. A small heap that is let fill up first and collected then ends in crumbs: what lives long lies
# wherever it was made. So it is collected often, but only while somebody is waited for, and never in a tap.
import gc

_every = -1                     # bytes between two collections; -1: as the interpreter does it, when the heap is full


def begin():
    """What the board has set is what counts."""
    global _every
    _every = gc.threshold()     # pyright: ignore[reportAttributeAccessIssue]


def rest():
    """Nothing is to be done at once: collecting is in nobody's way."""
    gc.threshold(_every)        # pyright: ignore[reportAttributeAccessIssue]


def busy():
    """Somebody waits for what is done now."""
    gc.threshold(-1)            # pyright: ignore[reportAttributeAccessIssue]
