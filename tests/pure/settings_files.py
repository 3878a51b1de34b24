# settings_files.py: an owner's files for tests: good ones with what each setting must become, by a reader of its own, and ones with faults.
# `files()` and `faulty()` are hypothesis strategies; nothing of the checker under test is used here.
import json
from dataclasses import dataclass, field

from hypothesis import strategies as st

ZEROS = {"EUR": 2, "USD": 2, "GBP": 2, "CNY": 2, "JPY": 0, "KWD": 3}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LETTERS = "abcXYZ 019.,-äéß餐厅茶"
PIN = "00" * 16 + ":2000:" + "ab" * 32
NUMBERS = {                             # (section, setting): least, most
    ("shop", "offset_min"): (-720, 840), ("host", "port"): (1, 65535), ("clock", "jump_s"): (2, 3600), ("people", "patience"): (100, 400),
    ("roles", "minutes"): (1, 240), ("waits", "tap"): (5, 120), ("waits", "key"): (5, 120), ("waits", "pin_key"): (5, 120),
    ("waits", "pin"): (30, 120), ("waits", "card_ms"): (200, 30000), ("waits", "host"): (5, 120)}
TEXTS = {("shop", "name"): (1, 32), ("shop", "address"): (0, 40), ("host", "name"): (1, 64)}
WORDS = {("sale", "tip"): ("off", "ask"), ("sale", "receipts"): ("always", "ask")}
LIMITS = ("single", "daily", "cumulative", "per_card")


@dataclass
class File:
    """`settings`: {(section, setting): (as written, as it must be in force)}; `text`: as TOML. `faulty`: (section, setting) where a fault was put
    that settings can see, ("", "") for one that TOML sees, None for a good file."""
    settings: dict
    text: str = ""
    faulty: object = None
    notes: list = field(default_factory=list)

    @property
    def owner(self):
        out = {}
        for (section, name), (written, _value) in self.settings.items():
            out.setdefault(section, {})[name] = written
        return out


def toml(value):
    """This test's own writer; a datetime stands as it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join("%s = %s" % (json.dumps(name, ensure_ascii=False), toml(each)) for name, each in value.items()) + "}"
    return str(value)


def money(decimals, least=1, most=20_000_00):
    """(as written, minor units): with all decimals, or whole."""
    def written(minor, whole):
        if not decimals or whole and minor >= 10 ** decimals:
            minor -= minor % 10 ** decimals
            return str(minor // 10 ** decimals), minor
        return "%d.%0*d" % (minor // 10 ** decimals, decimals, minor % 10 ** decimals), minor
    return st.builds(written, st.integers(least, most), st.booleans())


def times():
    return st.integers(0, 1439).map(lambda at: ("%02d:%02d" % divmod(at, 60), at))


@st.composite
def hours(draw):
    edges = sorted(draw(st.sets(st.integers(0, 1440), min_size=0, max_size=6)))
    spans = tuple(zip(edges[::2], edges[1::2], strict=False))
    return (", ".join("%02d:%02d-%02d:%02d" % (*divmod(a, 60), *divmod(b, 60)) for a, b in spans) or "closed"), spans


@st.composite
def dates(draw):
    month = draw(st.integers(1, 12))
    date = "%02d-%02d" % (month, draw(st.integers(1, (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1])))
    return date if draw(st.booleans()) else "%04d-%s" % (draw(st.integers(2020, 2040)), date)


def text(least, most):
    return st.text(LETTERS, min_size=least, max_size=most)


@st.composite
def conditions(draw):
    rules = draw(st.dictionaries(st.sampled_from(["weather", "gate", "tide 2"]), st.tuples(
        st.lists(st.sampled_from(["storm", "shut", "high"]), unique=True), st.sampled_from(["allow", "refuse"])), max_size=3))
    return ({name: {"refuse": words, "unknown": then} for name, (words, then) in rules.items()},
            tuple((name, tuple(rules[name][0]), rules[name][1] == "refuse") for name in sorted(rules)))


@st.composite
def good(draw):
    """A whole file's settings, each there or not."""
    currency = draw(st.sampled_from(sorted(ZEROS)))
    price, found = money(ZEROS[currency]), {("shop", "currency"): (currency, currency)}

    def maybe(section, name, pairs):
        if draw(st.integers(0, 2)) == 0:
            found[section, name] = draw(pairs)

    def same(values):
        return values.map(lambda value: (value, value))

    for (section, name), (least, most) in NUMBERS.items():
        maybe(section, name, same(st.integers(least, most)))
    for (section, name), (least, most) in TEXTS.items():
        maybe(section, name, same(text(least, most)))
    for (section, name), words in WORDS.items():
        maybe(section, name, same(st.sampled_from(words)))
    for name in ("large_text", "tones", "haptic"):
        maybe("people", name, same(st.booleans()))
    maybe("shop", "terminal", same(st.text("ABC019", min_size=8, max_size=8)))
    maybe("shop", "merchant", same(st.text("ABC019-", min_size=15, max_size=15)))
    maybe("shop", "languages", st.sampled_from([(["en"], ("en",)), (["zh", "en"], ("zh", "en"))]))
    maybe("sale", "types", st.lists(st.sampled_from(["sale", "void", "refund"]), unique=True).map(lambda each: (each, tuple(each))))
    maybe("sale", "tips", st.lists(st.integers(1, 50), min_size=1, max_size=3).map(lambda each: (each, tuple(each))))
    for name in LIMITS[1:]:
        maybe("limits", name, st.one_of(price, st.just(("off", 0))))
    for day in DAYS:
        maybe("hours", day, hours())
    maybe("closed", "holidays", st.lists(dates(), max_size=4).map(lambda each: (each, tuple(each))))
    maybe("closed", "periods", st.lists(st.integers(1, 27), max_size=2).map(lambda days: (
        ["2026-08-%02d..2026-09-%02d" % (day, day) for day in days], tuple(("2026-08-%02d" % day, "2026-09-%02d" % day) for day in days))))
    maybe("outside", "conditions", conditions())
    maybe("settlement", "at", st.one_of(times(), st.just(("off", -1))))
    _kiosk(draw, found, price)
    _together(draw, found, price)
    return found


def _kiosk(draw, found, price):
    mode = draw(st.sampled_from(["off", "off", "fixed", "chosen"]))
    if mode == "off":
        found["limits", "single"] = draw(st.one_of(price, st.just(("off", 0))))
        return
    found["kiosk", "mode"] = mode, mode
    if mode == "fixed":
        found["kiosk", "price"] = draw(price)
    things = draw(st.lists(st.tuples(text(1, 12), price), min_size=mode == "chosen", max_size=6))
    if things:
        found["kiosk", "items"] = ([{"name": name, "price": each[0]} for name, each in things], tuple((name, each[1]) for name, each in things))


def _together(draw, found, price):
    """What must hold between settings holds here by how it is made."""
    if draw(st.booleans()):
        critical, gap, room = draw(st.integers(1, 40)), draw(st.integers(1, 9)), draw(st.integers(0, 30))
        found.update({("battery", name): (value, value) for name, value in (
            ("critical", critical), ("hysteresis", gap), ("low", critical + gap + room))})
    if draw(st.booleans()):
        warm = draw(st.integers(10, 60))
        found.update({("case", name): (value, value) for name, value in (("warm", warm), ("hot", warm + 7), ("too_hot", warm + 19))})
    if draw(st.booleans()):
        first = draw(money(ZEROS[found["shop", "currency"][0]], 0, 500_00))
        found["contactless", "cvm"] = first
        found["contactless", "most"] = draw(st.just(first) if first[1] else price)
    if draw(st.booleans()):
        found["pins", "supervisor"] = PIN, PIN
        found["roles", "void"] = draw(st.sampled_from([("operator", "operator"), ("supervisor", "supervisor"), ("nobody", "nobody")]))


@st.composite
def written(draw, found):
    """Text of a file with these settings, in one of the ways TOML has for each section."""
    sections, top, tables = {}, [], []
    for (section, name), (value, _) in found.items():
        sections.setdefault(section, []).append((name, value))
    for section, rows in draw(st.permutations(sorted(sections.items()))):
        how = draw(st.sampled_from(["table", "table", "dotted", "inline"]))
        if how == "inline":
            top.append("%s = {%s}" % (section, ", ".join("%s = %s" % (name, toml(value)) for name, value in rows)))
        elif how == "dotted":
            top += ["%s.%s = %s" % (section, name, toml(value)) for name, value in rows]
        else:
            tables.append("[%s]%s" % (section, draw(st.sampled_from(["", "   # as it is"]))))
            later = []
            for name, value in rows:
                if isinstance(value, list) and value and draw(st.booleans()):
                    if isinstance(value[0], dict):
                        later += ["[[%s.%s]]\n%s" % (section, name, "\n".join("%s = %s" % (key, toml(each[key])) for key in each)) for each in value]
                        continue
                    tables.append("%s = [\n    %s,\n]" % (name, ",\n    ".join(map(toml, value))))
                else:
                    tables.append("  %s = %s" % (name, toml(value)))
            tables += later
    return "\n".join(["# a shop"] + top + [""] + tables) + draw(st.sampled_from(["", "\n", "\n\n# end\n"]))


@st.composite
def files(draw):
    found = draw(good())
    return File(found, draw(written(found)))


WRONG_KINDS = (True, 3.5, -1, 10 ** 9, "", "maybe", "12.5", "7.00.00", [], [[1]], {}, {"a": 1}, ["sale", "sale"], "25:00", "08:00", "2026-13-01",
               "9" * 300, "a\tb", "\u202e\u0007", "😀", "1e3", "٣.00", "²", ["2026-02-30"], [{"name": "Tea"}], [{"name": "Tea", "price": 2.5}])
BROKEN = ("[shop", "name = ", "= 5", "name == 5", "x = \"open", "x = [1, 2", "x = 'a' 'b'", "\x01", "x = 1 2", "x = 08", "]", "a.b.c", "x = {a = 1,",
          "x = " + "[" * 2000, "x = " + "9" * 5000, "x = \"\"\"never", "x = 12:00:99", "x = tru", "x = 'a\x7fb'")
BREAKS = (                              # settings that are good alone and bad together, and where that is told
    ({("battery", "low"): 10, ("battery", "critical"): 10}, ("battery", "critical")),
    ({("case", "hot"): 80, ("case", "too_hot"): 75, ("case", "warm"): 30}, ("case", "hot")),
    ({("head", "hot"): 80, ("head", "too_hot"): 70}, ("head", "too_hot")),
    ({("light", "dim"): 5, ("light", "hysteresis"): 9}, ("light", "hysteresis")),
    ({("contactless", "cvm"): "51", ("contactless", "most"): "50"}, ("contactless", "cvm")),
    ({("kiosk", "mode"): "fixed", ("kiosk", "price"): "off"}, ("kiosk", "price")),
    ({("kiosk", "mode"): "chosen", ("kiosk", "items"): []}, ("kiosk", "items")),
    ({("kiosk", "mode"): "fixed", ("kiosk", "price"): "9", ("limits", "single"): "8"}, ("kiosk", "mode")),
    ({("roles", "refund"): "technician", ("pins", "technician"): ""}, ("roles", "refund")),
    ({("shop", "languages"): ["xx"]}, ("shop", "languages")))


@st.composite
def faulty(draw):
    """A good file with one fault or several."""
    found = dict(draw(good()))
    how = draw(st.sampled_from(["kind", "kind", "float", "unknown", "together", "huge", "section", "syntax", "double"]))
    where = ("", "")
    if how in ("kind", "float", "huge"):
        for _ in range(draw(st.integers(1, 3))):
            where = draw(st.sampled_from([("limits", "single"), ("contactless", "most")] if how == "float" else sorted(found)))
            value = {"float": draw(st.floats(0, 1e4)), "huge": "x" * 4_000}.get(how, draw(st.sampled_from(WRONG_KINDS)))
            found[where] = value, None
    elif how == "unknown":
        where = draw(st.sampled_from([("shop", "nmae"), ("limits", "weekly"), ("hours", "monday"), ("colour", "red"), ("Shop", "name")]))
        found[where] = draw(st.sampled_from(WRONG_KINDS)), None
    elif how == "together":
        broken, where = draw(st.sampled_from(BREAKS))
        found.update({path: (value, None) for path, value in broken.items()})
    elif how == "section":
        where = draw(st.sampled_from(sorted({section for section, _ in found}))), ""
        found = {path: pair for path, pair in found.items() if path[0] != where[0]}
    text = draw(written(found))
    if how == "section":
        text = draw(st.sampled_from(["%s = 5\n%s", "%s = []\n%s", "%s = [{}]\n%s"])) % (where[0], text)
    elif how == "double":
        text += "\n[sale]\n[sale]\n" if draw(st.booleans()) else "\n[waits]\ntap = 7\ntap = 7\n"
    elif how == "syntax":
        lines = text.split("\n")
        lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(BROKEN)))
        text = "\n".join(lines)
    return File(found, text, where if how not in ("syntax", "double") else ("", ""), [how])
