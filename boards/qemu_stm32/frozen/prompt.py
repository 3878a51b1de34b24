# prompt.py (qemu-stm32): where no bench is there, the board is one like any other: the built-in modules instead of the bench's, files on a file
# of the host, and what was installed there before what is frozen in. OSError as any disk.
import gc
import sys

import hostfile

_BUILT_IN = ("machine", "select", "time")


def begin():
    """Nothing that was imported when the firmware was built may stay: it holds the bench's modules."""
    sys.modules.clear()
    for name in _BUILT_IN:
        sys.modules[name] = __import__("u" + name)
    sys.path[:] = ["", "/lib", ".frozen"]
    hostfile.mount()
    gc.collect()
