# _boot.py (qemu-stm32, production): the terminal, and nothing else: no prompt, no file system, no program of somebody else's. When the firmware
# is built, a list of modules to link. A terminal that falls out of its program ends the emulator.
import bench
import gc
import sys


def _is_there(name):
    try:
        bench.close(bench.open(name, 1))
    except OSError:
        return False
    return True


if _is_there("prelink.list"):
    import prelinking
    prelinking.run(bench.open(prelinking.LIST, 1))
gc.threshold(4096)                      # bytes: what lives long is to lie low (till/core/heap.py)
try:
    if _is_there("wired"):              # some parts hang on real pins
        import wired
        sys.modules["board"] = wired
    import main  # noqa: F401
except Exception as error:              # noqa: BLE001 (the end of everything: told, and the emulator ends)
    sys.print_exception(error)
bench.exit(1)
