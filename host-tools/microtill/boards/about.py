# about.py: what a board says of itself: chip, firmware, room; which of ours it is, and for what its .mpy files must be compiled.
_ARCHES = (None, "x86", "x64", "armv6", "armv6m", "armv7m", "armv7em", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc", "rv64imc")
_SCRIPT = """
import gc, json, os, sys
gc.collect()
about = {"machine": sys.implementation._machine, "version": "%d.%d.%d" % sys.implementation[1][:3], "mpy": sys.implementation._mpy,
         "heap_free": gc.mem_free(), "firmware": None, "files_free": None}
try:
    from fingerprint import firmware_hash
    about["firmware"] = str(firmware_hash, "ascii")
except ImportError:
    pass
try:
    room = os.statvfs("/")
    about["files_free"] = room[0] * room[3]
except (AttributeError, OSError):
    pass
print(json.dumps(about))
"""
_BOARDS = (("ESP32S3", "esp32s3"), ("BLACKPILL", "blackpill"), ("PYB", "stm32"), ("STM32L475", "qemu_stm32"))


def about(repl):
    """{machine, version, mpy, arch, heap_free, files_free, firmware, board}; None for what it cannot tell. Raises BoardError."""
    said = repl.ask(_SCRIPT)
    number = said["mpy"] >> 10 & 0x0F
    said["arch"] = _ARCHES[number] if number < len(_ARCHES) else None
    machine = said["machine"].upper().replace("-", "")
    said["board"] = next((board for word, board in _BOARDS if word in machine), None)
    return said
