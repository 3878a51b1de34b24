# __main__.py: `make fuzz`: a million altered key blocks, parameter files, update packages and console frames, each handed to a terminal: how many
# were refused, by kind and code. Ends 1 where one was taken or left a trace.
import collections
import json
import os
import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "firmware"), str(ROOT / "drivers")]

from microtill import device_source  # noqa: E402, F401 (stubs the device's `micropython` on this interpreter)
from tests.fuzz import altered  # noqa: E402

_ALL, _ALL_PACKAGES, _SHARE = 1_000_000, 600_000, 0.3       # alterations of two packages: all of them where a million is asked for


def share(desk, wanted, jobs, number):
    """What one of `jobs` processes does; {kind: {code: count}}."""
    report = altered.Report()
    step = 1 if wanted >= _ALL else round(_ALL_PACKAGES / (_SHARE * wanted))
    altered.frames(desk, report, step=jobs, first=number)
    fresh = altered.Desk(random.Random(number))
    desk.provisioned()
    altered.package_kinds(desk, report, step * jobs, step * number)
    altered.key_blocks(fresh, report, wanted // jobs)
    return report.kinds


def main(wanted, jobs):
    desk, come, began_s = altered.Desk(random.Random(1)), {}, time.monotonic()
    for number in range(jobs):
        ours, theirs = os.pipe()
        sys.stdout.flush()
        if os.fork() == 0:
            status = 1
            try:
                os.write(theirs, json.dumps(share(desk, wanted, jobs, number)).encode())
                status = 0
            except (altered.Taken, altered.Touched) as bad:
                print("%s: %s" % (type(bad).__name__, bad), file=sys.stderr)
            finally:
                os._exit(status)
        os.close(theirs)
        come[number] = ours
    kinds = collections.defaultdict(collections.Counter)
    for ours in come.values():
        with open(ours) as told:
            for kind, codes in json.loads(told.read() or "{}").items():
                kinds[kind].update(codes)
    bad = sum(os.wait()[1] != 0 for _ in range(jobs))
    for kind, codes in kinds.items():
        print("%-16s %9d  %s" % (kind, codes.total(), "  ".join("%s %d" % each for each in sorted(codes.items()))))
    print("%d altered in %.0f s: %s" % (sum(codes.total() for codes in kinds.values()), time.monotonic() - began_s,
                                        "one was taken, or left a trace" if bad else "none was taken, none left a trace"))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, os.cpu_count() or 1))
