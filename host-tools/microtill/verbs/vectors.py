# vectors.py: vector files through the device's own code, case by case over the admin line. An unknown kind is reported, never passed.
import json

from microtill import device_source  # noqa: F401 (brings the device's pure rooms onto the path)
from microtill.terminal import Service


class BadFile(Exception):
    code = "U03"


def vectors(out, files):
    from till.admin.vectors import split
    passed, failed, unknown, failures = 0, 0, [], []
    with Service() as service:
        kinds = [row["kind"] for row in service.ask("kinds")]
        for path in files:
            document = _read(path)
            known = document.get("kind") in kinds
            got, why = _run(service, split, document) if known else (0, [])
            passed, failed = passed + got, failed + len(why)
            if not known:
                unknown.append({"file": str(path), "kind": document.get("kind", "")})
            failures += [{"file": str(path), **row} for row in why]
            out.say("%-32s %s" % (path.name, "%d passed, %d failed" % (got, len(why)) if known else "unknown kind: %s" % document.get("kind")))
    for row in failures:
        out.say("failed: %s %s: %s" % (row["file"], row["case"], row["why"]))
    return (1 if failed else 0), {"passed": passed, "failed": failed, "unknown_kind": unknown, "failures": failures}


def _read(path):
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise BadFile("%s: %s" % (path, error)) from None
    if not isinstance(document, dict):
        raise BadFile("%s: not an object with a kind" % path)
    return document


def _run(service, split, document):
    passed, failures = 0, []
    for part in split(document):
        row = service.ask("vectors", document=part)[0]
        passed += row["passed"]
        failures += row["failures"]
    return passed, failures
