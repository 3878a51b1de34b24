# settings_file.py: the owner's TOML file: read, checked with the terminal's own source, each problem with its line. It never raises for a bad file.
import datetime
import difflib
import re
import tomllib

from microtill.bench.firmware import ROOT
from microtill.device_source import settings

LANGUAGES = tuple(sorted(path.stem for path in (ROOT / "firmware/till/ui/languages").glob("??.py")))
_AT = re.compile(r"at line (\d+)")


def check(text):
    """(owner, errors) of a file's text: what to send to a terminal, and [{line, setting, reason}]; owner is None where there is an error."""
    try:
        owner = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as bad:
        found = _AT.search(str(bad))
        return None, [{"line": int(found[1]) if found else len(text.split("\n")), "setting": "", "reason": str(bad).split(" (at")[0]}]
    _values, problems = settings.check(owner, LANGUAGES.__contains__)
    errors = [{"line": line_of(text, section, name), "setting": ".".join(part for part in (section, name) if part),
               "reason": reason + _nearest(section, name, reason)} for section, name, reason in problems]
    return (None, sorted(errors, key=lambda row: row["line"])) if errors else (owner, [])


def _plain(value):
    """TOML's own dates and times as the texts that settings know; all else as it is."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime.time):
        return value.isoformat("minutes")
    return value.isoformat() if isinstance(value, datetime.date) else value


def _nearest(section, name, reason):
    """"; did you mean ...?" for a name that is not one."""
    if "is not a" not in reason:
        return ""
    known = [row[1] for row in settings.SCHEMA if row[0] == section] if name else [row[0] for row in settings.SCHEMA]
    close = difflib.get_close_matches(name or section, known, 1)
    return "; did you mean %s?" % close[0] if close else ""


def line_of(text, section, name):
    """The line, counted from 1, where a setting stands in a file: its own, else its table's; 1 where neither is written."""
    here, table_line, inside = "", 1, False
    wanted = ".".join(part for part in (section, name) if part)
    for number, line in enumerate(text.split("\n"), 1):
        head = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if head:
            here = re.sub(r"[\s\"']", "", head[1])
            if here == section and not inside:
                table_line, inside = number, True
            if here == wanted or here.startswith(wanted + "."):
                return number
            continue
        key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
        if key:
            path = ".".join(part for part in (here, re.sub(r"[\"']", "", key[1])) if part)
            if path == wanted or path.startswith(wanted + "."):
                return number
    return table_line


def example(owner=None):
    """The whole file as an owner would keep it: every setting, what it is, its value; defaults are commented out."""
    owner = owner or {}
    lines, last = ["# How this shop works. A line that begins with # is the default.", ""], None
    for section, name, _kind, _args, default, about in settings.SCHEMA:
        if section == "tools":
            continue
        if section != last:
            lines += ([""] if last else []) + ["[%s]" % section]
            last = section
        given = name in owner.get(section, {})
        line = "%s%s = %s" % ("" if given else "# ", name, _toml(owner[section][name] if given else default))
        lines.append("%-44s # %s" % (line, about) if about else line)
    return "\n".join(lines) + "\n"


def _toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(_toml(each) for each in value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s = %s" % (name, _toml(each)) for name, each in value.items())
    return str(value)
