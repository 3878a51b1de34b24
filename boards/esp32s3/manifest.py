# manifest.py (esp32s3): what is frozen into a MicroPython of your own: the port's usual modules, and everything that `python -m
# microtill.boards.stage esp32s3 DIR` laid into DIR. make -C $MPY_DIR/ports/esp32 BOARD=ESP32_GENERIC_S3 FROZEN_MANIFEST=... with STAGED=DIR.
import os

include("$(PORT_DIR)/boards/manifest.py")       # noqa: F821
freeze(os.environ["STAGED"])                    # noqa: F821
