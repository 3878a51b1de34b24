# deploy.py: our application onto a board that runs MicroPython. Ends 1 where what was read back is not what was written.
import sys

from microtill.boards import BoardError
from microtill.boards import deploy as boards
from microtill.boards.finder import choose

_NOT_BELIEVED = "D22"


def deploy(output, board, port):
    """(status, data) for --json: board, arch, bytes, sha256, written, files, added, changed, gone."""
    try:
        done = boards.deploy(choose(port, board), board, output.say)
    except BoardError as error:
        if error.code != _NOT_BELIEVED:
            raise
        print("microtill: %s %s" % (error.code, error), file=sys.stderr)
        return 1, {"error": error.code, "words": str(error)}
    if not done["written"] and not done["files"]:
        output.say("it is there already: %d bytes, sha256 %s" % (done["bytes"], done["sha256"][:16]))
        return 0, done
    for word in ("added", "changed", "gone"):
        if done[word]:
            output.say("%s: %s" % (word, ", ".join(done[word]) if len(done[word]) <= 8 else "%d modules" % len(done[word])))
    if done["files"]:
        output.say("on its own file system: %s" % ", ".join(done["files"]))
    output.say("read back and the same: %d bytes, sha256 %s; it starts now" % (done["bytes"], done["sha256"][:16]))
    return 0, done
