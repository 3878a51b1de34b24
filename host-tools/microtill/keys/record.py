# record.py: what was done with keys, and by whom: a line of JSON each, chained by SHA-256, in the store's folder. Never a key, only check values.
import datetime
import hashlib
import json
from pathlib import Path

_FIRST = "0" * 64


def _digest(before, line):
    return hashlib.sha256((before + json.dumps(line, sort_keys=True)).encode()).hexdigest()


def read(state):
    """The lines, oldest first, as dicts."""
    path = Path(state) / "keys" / "record.jsonl"
    return [json.loads(text) for text in path.read_text().splitlines()] if path.exists() else []


def write(state, act, **more):
    lines = read(state)
    line = {"at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "act": act, **more}
    line["chain"] = _digest(lines[-1]["chain"] if lines else _FIRST, line)
    with open(Path(state) / "keys" / "record.jsonl", "a") as file:
        file.write(json.dumps(line) + "\n")


def broken(state):
    """The number of the first line that was altered, taken out or moved, counted from 1; None where all hold."""
    before = _FIRST
    for number, line in enumerate(read(state), 1):
        told = line.pop("chain", None)
        if told != _digest(before, line):
            return number
        before = told
    return None
