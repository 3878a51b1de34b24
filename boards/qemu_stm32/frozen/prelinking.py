# prelinking.py (qemu-stm32): when the firmware is built: import the modules of a list, as many as memory holds, and hand out what memory then
# is. Ends the emulator with the number of names still left, or with 255 where one would not be imported.
import bench
import gc
import prelink
import sys

LIST, IMAGE = "prelink.list", "prelink.memory"
_READ, _WRITE, _LINE = 1, 5, 40                 # names stand in lines of 40 bytes, padded
_KEEP_FREE = 32_000                             # for what an import needs on its way


def run(file):
    line, left = bytearray(_LINE), 0
    while bench.readinto(file, line) == _LINE:
        gc.collect()
        if left or gc.mem_free() < _KEEP_FREE:
            left += 1
            continue
        name = str(line, "ascii").strip()
        try:
            __import__(name, None, None, ("x",))
        except Exception as error:      # noqa: BLE001 (whatever it is, there is no firmware then)
            sys.print_exception(error)
            bench.exit(255)
    gc.collect()
    out = bench.open(IMAGE, _WRITE)
    prelink.dump(lambda piece: bench.write(out, piece))
    bench.close(out)
    bench.exit(min(left, 254))
