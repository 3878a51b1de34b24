# settings_file.py: the owner's TOML file: read, checked with the terminal's own source, each problem with its line. It never raises for a bad file.
import bisect
import datetime
import difflib
import functools
import json
import re
import tomllib

from microtill import glyphs
from microtill.bench.firmware import ROOT
from microtill.device_source import amount, parameters, settings

LANGUAGES = tuple(sorted(path.stem for path in (ROOT / "firmware/till/ui/languages").glob("??.py")))
MOST_CHARACTERS = 65536                 # of a file; with every setting and its explanation it has 6000
_AT = re.compile(r"at line (\d+)")
_CLOSING = re.compile(r"[\]}\"']")     # what a line must have to end a value that began on an earlier one
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")


def check(text):
    """(owner, errors) of a file's text: what to send to a terminal, and [{line, setting, reason}]; owner is None where there is an error."""
    if len(text) > MOST_CHARACTERS:
        return None, [_error(1, "", "", "is too long: %d characters, where %d are enough for all there is" % (len(text), MOST_CHARACTERS))]
    try:
        owner = _plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as bad:
        return None, [_error(_line_of_syntax(text, str(bad)), "", "", "is not TOML here: " + _in_words(str(bad)))]
    except (ValueError, RecursionError):        # a number of thousands of digits, a list of lists of lists
        return None, [_error(_line_of_excess(text), "", "", "is not TOML that anybody needs: too many digits, or lists in lists")]
    problems = settings.check(owner, LANGUAGES.__contains__)[1]
    if not problems:
        owner = {section: table for section, table in owner.items() if table}       # a header alone says nothing, and takes room
        problems = for_the_tools(owner)
    errors = [_error(line_of(text, section, name), section, name, reason + _nearest(section, name, reason)) for section, name, reason in problems]
    return (None, sorted(errors, key=lambda row: row["line"])) if errors else (owner, [])


def _error(line, section, name, reason):
    return {"line": line, "setting": ".".join(part for part in (section, name) if part), "reason": reason}


def for_the_tools(owner):
    """Problems, as settings.check gives them, that show only when the file is made ready for a terminal: letters without a picture, and size."""
    found = []
    for section, name, text in _texts(owner):
        try:
            glyphs.letters([text])
        except glyphs.BadGlyph as bad:
            if glyphs.font():
                found.append((section, name, "must do without letters that have no picture in GNU Unifont: " + bad.args[0]))
    if not found and (glyphs.font() or not any(glyphs.beyond_ascii(text) for _section, _name, text in _texts(owner))):
        problem = parameters.too_long(len(json.dumps(with_letters(owner), ensure_ascii=False).encode()))
        found = [problem] if problem else []
    return found


def _texts(owner):
    """(section, setting, text) of all that a screen or a receipt shows in an owner's own words."""
    shop = owner.get("shop", {})
    yield from (("shop", name, shop[name]) for name in ("name", "address") if name in shop)
    yield from (("kiosk", "items", item["name"]) for item in owner.get("kiosk", {}).get("items", []))


def with_letters(owner):
    """The owner's settings with pictures and printer codes of the letters in them that a terminal does not know by itself. Raises BadGlyph."""
    letters = glyphs.letters([text for _section, _name, text in _texts(owner)])
    return {**owner, "tools": {"letters": letters}} if letters else owner


def _plain(value):
    """TOML's own dates and times as the texts that settings know; all else as it is."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime.time):
        return value.isoformat("auto" if value.second or value.microsecond else "minutes")
    return value.isoformat() if isinstance(value, datetime.date) else value


def _nearest(section, name, reason):
    """"; did you mean ...?" for a name that is not one."""
    if "is not a" not in reason:
        return ""
    known = [row[1] for row in settings.SCHEMA if row[0] == section] if name else [row[0] for row in settings.SCHEMA]
    close = difflib.get_close_matches(name or section, known, 1)
    elsewhere = sorted({row[0] for row in settings.SCHEMA if name and row[1] == name})
    return "; did you mean %s?" % close[0] if close else "; it belongs under [%s]" % "] or [".join(elsewhere) if elsewhere else ""


# where something stands
def line_of(text, section, name):
    """The line, counted from 1, where a setting of a file that is TOML begins: its own, else the first of its table; 1 where neither is written."""
    lines = _lines(text)
    return lines.get((section, name)) or lines.get((section,), 1)


@functools.lru_cache(maxsize=4)
def _lines(text):
    """{(section,) or (section, setting): the first line that gives it}."""
    found = {}
    for line, paths in _statements(text):
        for path in paths:
            found.setdefault(path, line)
            found.setdefault(path[:1], line)
    return found


def _statements(text):
    """(line, [paths, two names each, that it gives]) of every header and every setting of a file that is TOML."""
    table, begun, lines = (), 0, []
    for number, line in enumerate(text.split("\n"), 1):
        if not lines and (not line.strip() or line.lstrip().startswith("#")):
            continue
        begun = begun if lines else number
        lines.append(line)
        if len(lines) > 1 and not _CLOSING.search(line):
            continue
        try:
            parsed = tomllib.loads("\n".join(lines))
        except tomllib.TOMLDecodeError:         # its value goes on
            continue
        header = lines[0].lstrip().startswith("[")
        table = _first_path(parsed) if header else table
        yield begun, [table[:2]] if header else [(table + path)[:2] for path in _paths(parsed)]
        lines = []


def _first_path(parsed):
    """{"a": {"b": {}}} -> ("a", "b"), through lists too: what a header names."""
    names = []
    while parsed:
        parsed = parsed[0] if isinstance(parsed, list) else parsed
        for name in parsed:
            names.append(name)
        parsed = parsed[names[-1]] if parsed else None
    return tuple(names)


def _paths(parsed, depth=2):
    for name, value in parsed.items():
        if isinstance(value, dict) and value and depth > 1:
            yield from ((name,) + path for path in _paths(value, depth - 1))
        else:
            yield (name,)


def _line_of_syntax(text, said):
    """The line that the parser names; the last one with anything in it where it names the end."""
    found = _AT.search(said)
    last = max((number for number, line in enumerate(text.split("\n"), 1) if line.strip()), default=1)
    return min(int(found[1]), last) if found else last


def _line_of_excess(text):
    """The first line by whose end the parser has given up for something else than its grammar."""
    lines = text.split("\n")

    def gives_up(count):
        try:
            tomllib.loads("\n".join(lines[:count]))
        except tomllib.TOMLDecodeError:
            return False
        except (ValueError, RecursionError):
            return True
        return False
    return bisect.bisect_left(range(1, len(lines)), True, key=gives_up) + 1


_WORDS = (                              # what the parser says, and what an owner understands
    ("Invalid value", "a value is missing its quotes, or is no number, true, false or list"),
    ("Unbalanced quotes", "a quote is missing"), ("Expected '='", "a setting needs \"=\" and a value"),
    ("Invalid statement", "a line begins with a [section], a setting or #"), ("Cannot overwrite", "this was written before, further up"),
    ("Cannot declare", "this section was written before, further up"), ("Expected newline or end", "there is something after the value"),
    ("Unclosed array", "a list is missing its ]"), ("Illegal character", "a character that cannot be seen, or a text that goes past its line"),
)


def _in_words(said):
    return next((words for begins, words in _WORDS if said.startswith(begins)), said.split(" (at")[0])


# a file to begin with
def example(owner=None):
    """The whole file as an owner would keep it: every setting, what it is, its value; defaults are commented out."""
    owner = owner or {}
    lines, last = ["# How this shop works. A line that begins with # is the default.", ""], None
    for section, name, _kind, _args, _default, about in settings.SCHEMA:
        if section == "tools":
            continue
        if section != last:
            lines += ([""] if last else []) + ["[%s]" % section]
            last = section
        given = name in owner.get(section, {})
        line = "%s%s = %s" % ("" if given else "# ", name, toml(owner[section][name] if given else default_of(section, name, owner)))
        lines.append("%-44s # %s" % (line, about))
    return "\n".join(lines) + "\n"


def default_of(section, name, owner):
    """A default as it would be written in the owner's currency."""
    row = next(row for row in settings.SCHEMA if row[:2] == (section, name))
    if row[2] not in (settings.kinds.amount, settings.kinds.limit) or row[4] == "off":
        return row[4]
    currency = settings.CURRENCIES[owner.get("shop", {}).get("currency", "EUR")]
    return amount.digits(amount.parse(row[4], 2), amount.CURRENCIES[currency][1])


def toml(value):
    """A value as TOML on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return "[%s]" % ", ".join(toml(each) for each in value)
    if isinstance(value, dict):
        return "{%s}" % ", ".join("%s = %s" % (name if _BARE.match(name) else toml(name), toml(each)) for name, each in value.items())
    return str(value)


# for docs/settings.md
def table():
    """Every setting as rows of a Markdown table."""
    lines = ["| setting | may be | default | what it is |", "|---|---|---|---|"]
    for section, name, kind, args, default, about in settings.SCHEMA:
        if section != "tools":
            words = "`%s.%s` | %s | `%s` | %s" % (section, name, _MAY_BE[kind](*args), toml(default), about)
            lines.append("| %s |" % words)
    return "\n".join(lines) + "\n"


def _or(choices):
    return " or ".join('`"%s"`' % each for each in choices)


_K = settings.kinds
_MAY_BE = {                             # a kind in words, from the bounds that it has in SCHEMA
    _K.flag: lambda: "`true` or `false`", _K.number: lambda least, most: "%d to %d" % (least, most),
    _K.text: lambda least, most: "%d to %d characters" % (least, most), _K.line: lambda least, most: "%d to %d characters, one line" % (least, most),
    _K.code: lambda least, most: "%d characters" % least, _K.one_of: _or, _K.any_of: lambda choices: "a list of any of " + _or(choices),
    _K.languages: lambda most: "a list of 1 to %d codes" % most,
    _K.numbers: lambda most, least, top: "a list of 1 to %d, each %d to %d" % (most, least, top),
    _K.amount: lambda least: "an amount" + ("" if least else ", or `\"0\"`"), _K.limit: lambda: "an amount, or `\"off\"`", _K.hours: lambda: "hours",
    _K.time_of_day: lambda: "a time, or `\"off\"`", _K.dates: lambda most: "a list of at most %d dates" % most,
    _K.periods: lambda most: "a list of at most %d periods" % most, _K.items: lambda most: "a list of at most %d things" % most,
    _K.conditions: lambda most: "a table of at most %d conditions" % most, _K.secret: lambda: "a line of `params pin`",
}
