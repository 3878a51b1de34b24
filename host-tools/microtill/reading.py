# reading.py: which screen is this? The words on the display, in whatever language and size, matched against the tables that a terminal draws from.
# What matches nothing is "".
import functools
import importlib
import re

from microtill.device_source import settings  # noqa: F401 (puts the firmware on the path)
from microtill.settings_file import LANGUAGES

AT_REST = ("ready", "ready_fixed", "choose", "closed", "not_keyed", "safe_stop")
_VALUE = re.compile(r"%%|%s|\{\d\}|\t")


@functools.cache
def _patterns():
    """[(name, pattern of the bar, words that must stand somewhere)] of every screen in every language and size, and the training marks."""
    out, marks = [], set()
    for code in LANGUAGES:
        tables = importlib.import_module("till.ui.languages." + code)
        marks.add(tables.OTHER["training"])
        for table in (tables.SCREENS, getattr(tables, "LARGE", {})):
            for name, rows in table.items():
                plain = [row.lstrip("|!=") for row in rows]
                fixed = [row.strip() for row in plain[1:] if row.strip() and not _VALUE.search(row)]
                out.append((name, re.compile(_as_pattern(plain[0]) + "$"), fixed))
    return out, marks


def _as_pattern(row):
    return "".join(".*" if part is None else re.escape(part) for part in _parts(row.strip()))


def _parts(row):
    at = 0
    for value in _VALUE.finditer(row):
        yield row[at:value.start()]
        yield None
        at = value.end()
    yield row[at:]


@functools.lru_cache(maxsize=512)
def name(text):
    """The name of the screen whose words these are: that with most fixed words, then with the longest bar of its own."""
    patterns, marks = _patterns()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return ""
    bars = {lines[0]}
    for mark in marks:
        if lines[0].startswith(mark):
            bars |= {lines[0][len(mark):].strip(), *lines[1:]}
    found = [(len(fixed), len(bar.pattern), screen) for screen, bar, fixed in patterns
             if any(bar.match(each) for each in bars) and all(row in lines for row in fixed)]
    return max(found)[-1] if found else ""
