# _boot.py (qemu-stm32): the terminal where a bench is at the other end; or else the prompt, with a file system on a file of the host. When the
# firmware is built, a list of modules to link. A terminal that falls out of its program ends the emulator: never a prompt that waits for ever,
# but where a developer interrupted it (Ctrl-C on USART1).
import gc

import bench
import micropython


def _is_there(name):
    try:
        bench.close(bench.open(name, 1))
    except OSError:
        return False
    return True


if _is_there("prelink.list"):
    import prelinking
    prelinking.run(bench.open(prelinking.LIST, 1))
elif _is_there("rsp"):
    gc.threshold(4096)                  # bytes: what lives long is to lie low (till/core/heap.py)
    import sys
    try:
        if _is_there("script.py"):      # a test's own program instead of the terminal's
            import hostfile
            exec(hostfile.text("script.py"), {"__name__": "__main__"})
        else:
            if _is_there("wired"):      # some parts hang on real pins
                import wired
                sys.modules["board"] = wired
            micropython.kbd_intr(3)
            import main  # noqa: F401
    except Exception as error:          # noqa: BLE001 (the end of everything: told, and the emulator ends)
        sys.print_exception(error)
    bench.exit(1)
else:
    import prompt
    prompt.begin()
