# settings_kinds.py: what an owner may write for a setting, by kind, and what it means inside [pure]. A kind raises Wrong(reason) for what it is not.
# kind(value, decimals, *args) -> the value in force; `decimals` are those of the shop's currency. It takes anything that JSON or TOML can hold.
from till.core.errors import Malformed
from till.money import amount as money

_MOST_MINOR = 999_999_999
_LONGEST_AMOUNT = 16            # characters: longer ones are no amounts, and cost a conversion
_DAY_MIN = 1440
_MONTH_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Wrong(Exception):
    """args[0]: the reason, as words after "must"."""


def flag(value, decimals):
    if value is not True and value is not False:
        raise Wrong("be true or false")
    return value


def number(value, decimals, least, most):
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Wrong("be a whole number from %d to %d" % (least, most))
    return value


def text(value, decimals, least, most):
    """Of one or more lines; every character is one that can be shown."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise Wrong("be a text in quotes, of %d to %d characters" % (least, most))
    if not all(letter == "\n" or _shown(ord(letter)) for letter in value):
        raise Wrong("do without characters that no screen shows, such as tabs and emoji")
    return value


def line(value, decimals, least, most):
    """A text of one line."""
    text(value, decimals, least, most)
    if "\n" in value:
        raise Wrong("be one line")
    return value


def _shown(code):
    """No control, no half of a pair, nothing beyond what two bytes can number."""
    return 32 <= code < 127 or 160 <= code < 0xD800 or 0xE000 <= code <= 0xFFFF


def code(value, decimals, least, most):
    """Letters and digits as fields 41 and 42 take them."""
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise Wrong("be a text in quotes, of %d characters" % least)
    if not all("0" <= letter <= "9" or "A" <= letter <= "Z" or "a" <= letter <= "z" or letter in " -._" for letter in value):
        raise Wrong("have only letters A to Z, digits, space, dot, dash, underscore")
    return value


def one_of(value, decimals, choices):
    if value not in choices:
        raise Wrong("be one of: " + ", ".join(choices))
    return value


def some_of(value, decimals, choices):
    """A list without a double, each of the choices, at least one."""
    if not isinstance(value, (list, tuple)) or not value or any(each not in choices for each in value):
        raise Wrong("be a list of: " + ", ".join(choices))
    if any(value.count(each) > 1 for each in value):
        raise Wrong("name each once")
    return tuple(value)


def any_of(value, decimals, choices):
    """As some_of, and none is allowed."""
    return () if value in ([], ()) else some_of(value, decimals, choices)


def languages(value, decimals, most_long):
    """Codes of two letters, none twice."""
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= most_long or not all(
            isinstance(each, str) and len(each) == 2 and all("a" <= letter <= "z" for letter in each) for each in value):
        raise Wrong('be a list of languages such as ["en", "zh"]')
    if any(value.count(each) > 1 for each in value):
        raise Wrong("name each once")
    return tuple(value)


def numbers(value, decimals, most_long, least, most):
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= most_long:
        raise Wrong("be a list of 1 to %d numbers" % most_long)
    return tuple(number(each, decimals, least, most) for each in value)


def amount(value, decimals, least):
    """Minor units, with exactly the currency's decimals or none: "50.00" or "50"."""
    example = '"%s"' % money.digits(5000, decimals)
    if not isinstance(value, str):
        raise Wrong("be an amount in quotes, such as " + example)
    try:
        minor = 0 if value in ("0", money.digits(0, decimals)) else money.parse(value[:_LONGEST_AMOUNT + 1], decimals)
    except Malformed:
        raise Wrong("be an amount such as " + example)
    if len(value) > _LONGEST_AMOUNT or minor > _MOST_MINOR:
        raise Wrong('be at most "%s"' % money.digits(_MOST_MINOR, decimals))
    if minor < least:
        raise Wrong("be more than nothing, such as " + example)
    return minor


def limit(value, decimals):
    """Minor units, or 0 for "off": none. Nothing at all is no limit: who wants no sales says so in sale.types."""
    if value == "off":
        return 0
    try:
        return amount(value, decimals, 1)
    except Wrong as wrong:
        raise Wrong(wrong.args[0] + ', or "off"')


def minute(value):
    """"08:30" -> 510; "24:00" is the end of a day."""
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":" or not _digits(value[:2] + value[3:]):
        raise Wrong('be a time such as "08:30"')
    at = int(value[:2]) * 60 + int(value[3:])
    if at > _DAY_MIN or int(value[3:]) > 59:
        raise Wrong('be a time such as "08:30"')
    return at


def time_of_day(value, decimals):
    """Minutes after midnight, or -1 for "off"."""
    if value == "off":
        return -1
    at = minute(value)
    if at == _DAY_MIN:
        raise Wrong('be a time before "24:00"')
    return at


def hours(value, decimals):
    """"08:00-12:00, 14:00-20:00" -> ((480, 720), (840, 1200)); "closed" -> ()."""
    if value == "closed":
        return ()
    if not isinstance(value, str):
        raise Wrong('be hours such as "08:00-20:00", or "closed"')
    spans, last = [], -1
    for part in value.split(","):
        first, dash, end = part.strip().partition("-")
        if not dash:
            raise Wrong('be hours such as "08:00-20:00", or "closed"')
        first, end = minute(first), minute(end)
        if not last < first < end:
            raise Wrong("run forward, each span after the one before; what lies past midnight belongs to the next day")
        spans.append((first, end))
        last = end
    return tuple(spans)


def date(value):
    """"2026-12-25", or "12-25" for every year."""
    if isinstance(value, str) and _is_date(value):
        return value
    raise Wrong('be a date in quotes such as "2026-12-25", or "12-25" for every year')


def _is_date(value):
    parts = value.split("-")
    if len(parts) == 3 and len(parts[0]) == 4 and _digits(parts[0]):
        year, parts = int(parts[0]), parts[1:]
    elif len(parts) == 2:
        year = 2000
    else:
        return False
    if not all(len(part) == 2 and _digits(part) for part in parts):
        return False
    month, day = int(parts[0]), int(parts[1])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= month <= 12 and 1 <= day <= _MONTH_DAYS[month - 1] and (leap or (month, day) != (2, 29))


def dates(value, decimals, most_long):
    if not isinstance(value, (list, tuple)) or len(value) > most_long:
        raise Wrong("be a list of at most %d dates" % most_long)
    return tuple(date(each) for each in value)


def periods(value, decimals, most_long):
    """["2026-08-01..2026-08-15"] -> (("2026-08-01", "2026-08-15"),): both days are closed."""
    if not isinstance(value, (list, tuple)) or len(value) > most_long:
        raise Wrong("be a list of at most %d periods" % most_long)
    out = []
    for each in value:
        first, dots, last = each.partition("..") if isinstance(each, str) else ("", "", "")
        if not dots or len(first) != 10 or len(last) != 10 or not _is_date(first) or not _is_date(last) or last < first:
            raise Wrong('be periods such as "2026-08-01..2026-08-15"')
        out.append((first, last))
    return tuple(out)


def items(value, decimals, most_long):
    """[{name, price}] -> ((name, minor),)."""
    if not isinstance(value, (list, tuple)) or len(value) > most_long:
        raise Wrong("be a list of at most %d things to buy" % most_long)
    out = []
    for each in value:
        if not isinstance(each, dict) or sorted(each) != ["name", "price"]:
            raise Wrong('be things such as {name = "Tea", price = "2.00"}')
        out.append((line(each["name"], decimals, 1, 12), amount(each["price"], decimals, 1)))
    return tuple(out)


def conditions(value, decimals, most_long):
    """{name: {refuse: [words], unknown: "allow" or "refuse"}} -> ((name, words, refuse when unknown),)."""
    if not isinstance(value, dict) or len(value) > most_long:
        raise Wrong("be a table of at most %d conditions" % most_long)
    out = []
    for name in sorted(value):
        each = value[name]
        if not isinstance(each, dict) or any(part not in ("refuse", "unknown") for part in each):
            raise Wrong('be conditions such as {refuse = ["storm"], unknown = "allow"}')
        words = each.get("refuse", [])
        if not isinstance(words, (list, tuple)) or len(words) > 8:
            raise Wrong('have refuse as a list of at most 8 words, such as ["storm"]')
        out.append((line(name, decimals, 1, 16), tuple(line(word, decimals, 1, 16) for word in words),
                    one_of(each.get("unknown", "allow"), decimals, ("allow", "refuse")) == "refuse"))
    return tuple(out)


def secret(value, decimals):
    """A PIN as `microtill params pin` gives it: "salt:iterations:hash" in hex, or "" for none."""
    if value == "":
        return ""
    parts = value.split(":") if isinstance(value, str) else ()
    if len(parts) != 3 or len(parts[0]) != 32 or len(parts[2]) != 64 or not _digits(parts[1]) or len(parts[1]) > 6 \
            or not 1000 <= int(parts[1]) <= 100_000 or not all(letter in "0123456789abcdef" for letter in parts[0] + parts[2]):
        raise Wrong("be what `microtill params pin` gives")
    return value


def letters(value, decimals, most_long):
    """{letter: "gb:glyph" in hex}: made by the tools for letters that the terminal has no picture of."""
    if not isinstance(value, dict) or len(value) > most_long or not all(
            len(name) == 1 and isinstance(value[name], str) and len(value[name]) <= 80 for name in value):
        raise Wrong("be left to the tools")
    return value


def _digits(value):
    return bool(value) and all("0" <= letter <= "9" for letter in value)
