# manifest.py (qemu_stm32): what is frozen into the firmware: asyncio of MicroPython, and everything that was staged (microtill.frozen).
import os

include("$(MPY_DIR)/extmod/asyncio")            # noqa: F821
freeze(os.environ["STAGED"])                    # noqa: F821
