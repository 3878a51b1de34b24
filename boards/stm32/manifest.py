# manifest.py (stm32): what is frozen into a MicroPython of your own: the port's usual modules, and everything that `python -m
# microtill.boards.stage stm32 DIR` (or blackpill) laid into DIR. A stock image has no room set aside for a ROMFS.
# make -C $MPY_DIR/ports/stm32 BOARD=PYBV11 FROZEN_MANIFEST=... MICROPY_PY_SSL=1 MICROPY_SSL_MBEDTLS=1, with STAGED=DIR in the environment.
import os

include("$(PORT_DIR)/boards/manifest.py")       # noqa: F821
freeze(os.environ["STAGED"])                    # noqa: F821
