# flash.py: MicroPython onto a board. Ends 1 where it was cut short and the board must be flashed again, 2 where nothing was written.
import sys

from microtill.boards import BoardError
from microtill.boards.flash import flash as write

_CUT_SHORT = "D12"


def flash(output, board, image, port):
    """(status, data) for --json: board, chip, port, bytes, sha256, table."""
    shown = sys.stdout.isatty() and not output.as_json and not output.quiet

    def progress(percent):
        print("\rwriting: %3d %%" % percent, end="" if percent < 100 else "\n", flush=True)
    try:
        done = write(board, image, port, progress if shown else None)
    except BoardError as error:
        if shown:
            print()
        if error.code != _CUT_SHORT:
            raise
        print("microtill: %s %s" % (error.code, error), file=sys.stderr)
        return 1, {"error": error.code, "words": str(error)}
    output.say("%s: %d bytes written and verified, sha256 %s%s" % (
        done["chip"], done["bytes"], done["sha256"][:16], "; its partition table is ours" if done["table"] else ""))
    output.say("next: microtill deploy" if done["board"] == "esp32s3" else "it starts by itself; with the application frozen in it is ready")
    return 0, done
