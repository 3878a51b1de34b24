# supervisor.py: named tasks. One that must not die is started again; one that dies again and again brings the terminal to a safe stop.
# The death is handed on as a code: never a traceback, which could hold data.
import asyncio
import io
import sys
import time

from till.core import log
from till.core.errors import TillError

_MOST_DEATHS = 5            # within
_WINDOW_MS = 60_000


def code_of(error):
    """The code of one of ours, or the name of the exception's class."""
    return error.code if isinstance(error, TillError) else type(error).__name__


async def survive(work):
    """(None, its value), or (code, None) where it died of whatever: the one place that may catch everything, since a death is an event."""
    try:
        return None, await work
    except asyncio.CancelledError:
        raise
    except Exception as error:          # noqa: BLE001
        log.event("trace", "", where(error))
        return code_of(error), None


def where(error):
    """File and line of an exception, for the log of a developer; never its message, which could hold data. Of a MemoryError it tells how many
    bytes were wanted: that number is the interpreter's own."""
    out = io.StringIO()
    sys.print_exception(error, out)     # pyright: ignore[reportArgumentType] (any stream will do)
    said = out.getvalue()               # pyright: ignore[reportAttributeAccessIssue] (the stubs' StringIO lacks it)
    lines = [line.strip() for line in said.split("\n") if line.strip().startswith("File")]
    wanted = _wanted(error) if isinstance(error, MemoryError) else ""
    return "%s%s %s" % (type(error).__name__, wanted, lines[-1] if lines else "")


def _wanted(error):
    """" of 1234 bytes", where the interpreter says "memory allocation failed, allocating 1234 bytes"; else ""."""
    parts = str(error).split("allocating ")
    words = parts[1].split(" ") if len(parts) == 2 else ("",)
    return " of %s bytes" % words[0] if words[0].isdigit() else ""


class Supervisor:
    """`died(name, code)` hears of each death; `stop(name)` is called when restarting does not help."""

    def __init__(self, died, stop):
        self._died, self._stop = died, stop
        self._tasks = {}

    def keep(self, name, make):
        """Run `make()` (a coroutine function without arguments) for ever."""
        self._tasks[name] = asyncio.create_task(self._keep(name, make))

    async def _keep(self, name, make):
        deaths, since = 0, time.ticks_ms()
        while True:
            code, _ = await survive(make())
            if time.ticks_diff(time.ticks_ms(), since) > _WINDOW_MS:
                deaths, since = 0, time.ticks_ms()
            deaths += 1
            self._died(name, code or "ended")
            if deaths >= _MOST_DEATHS:
                self._stop(name)
                return
            await asyncio.sleep_ms(100 * deaths)
