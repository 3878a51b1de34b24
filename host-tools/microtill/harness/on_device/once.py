# once.py: on the target: load one file of tests, run one of them, say how it ended. Whatever a test does is told, or the host sees that it is not.
# ruff: noqa: F821 (check.py stands before this in the program)
import asyncio
import gc
import io
import sys
import time

_MOST_TEXT = 1500               # characters of a traceback that are told


class _Module:
    """Stands in sys.modules for the names that a test imports from `check`."""


def _trace(error):
    out = io.StringIO()
    sys.print_exception(error, out)
    return out.getvalue()[-_MOST_TEXT:]


def _names():
    module = _Module()
    for name in ("skip", "raises", "fails", "near", "measure", "ask", "Numbers"):
        setattr(module, name, globals()[name])
    sys.modules["check"] = module


def _do(path, source, name, waits):
    space = {"__name__": path, "_equal": equal, "print": print}
    exec(compile(source(), path, "exec"), space)
    gc.collect()
    if waits:
        asyncio.run(space[name]())
    else:
        space[name]()


def once(path, source, name, waits):
    """Run the test `name` of the file whose text source() gives. The first word says that it began, the last one how it ended."""
    _names()
    tell({"began": name})
    began, ended, said = time.ticks_ms(), "passed", ""
    try:
        _do(path, source, name, waits)
    except Skip as error:
        ended, said = "skipped", str(error.args[0])
    except MemoryError as error:
        gc.collect()
        ended, said = "failed", _trace(error)
    except (Exception, SystemExit, KeyboardInterrupt) as error:         # noqa: BLE001 (a test may raise anything: that is what is told)
        ended, said = "failed", _trace(error)
    gc.collect()
    tell({"ended": ended, "said": said, "ms": time.ticks_diff(time.ticks_ms(), began), "free": gc.mem_free()})
