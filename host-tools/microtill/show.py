# show.py: how the command speaks: JSON alone, or lines for people; an error is one line with a code and what to do next.
import json
import os
import sys
import traceback

_NEXT = {                               # what to do about a code
    "P01": "give an amount such as 12.50", "B01": "mend the source that it names", "T90": "run again with -v", "U01": "give HOST:PORT",
    "U05": "see: microtill cards", "U06": "give the PIN as digits",
    "U07": "give a TOML file; to begin with: microtill params example", "U09": "give a short name and word, and when it ends",
    "U14": "give a new folder", "U08": "give an action of: microtill triggers",
    "K03": "see: microtill keys show", "K04": "see: microtill keys show",
    "U10": "give a recording, as the console saves them", "U30": "microtill --target qemu-stm32 pay ... --wired",
    "U31": "docs/rig.md has an example",
}


class Output:
    """What every verb is handed: `as_json`, `say(line)` for people, and `end(verb, ...)`, which runs a verb and leaves with its status.
    A verb takes this first and returns (status, data); data is printed with --json."""

    def __init__(self, as_json=False, verbose=False, quiet=False):
        self.as_json, self.verbose, self.quiet = as_json, verbose, quiet

    def say(self, text=""):
        if not self.as_json and not self.quiet:
            print(text, flush=True)

    def end(self, verb, *arguments):
        try:
            status, data = verb(self, *arguments)
        except KeyboardInterrupt:
            sys.exit(130)
        except BrokenPipeError:         # whoever read this has read enough
            sys.stdout = open(os.devnull, "w")
            sys.exit(0)
        except Exception as error:      # noqa: BLE001  the command's last line: whatever happened is told in one, and with -v in full
            if self.verbose:
                traceback.print_exc()
            code = getattr(error, "code", type(error).__name__)
            words = " ".join(str(part) for part in error.args)
            if self.as_json:
                print(json.dumps({"error": str(code), "words": words}))
            print("microtill: %s %s%s" % (code, words, ". " + _NEXT[code] if code in _NEXT else ""), file=sys.stderr)
            sys.exit(2)
        if self.as_json:
            print(json.dumps(data, indent=None, ensure_ascii=False))
        sys.exit(status)
