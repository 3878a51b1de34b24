# settings.py: how a shop works, as its owner writes it: every setting with its kind, bounds and default, for terminal and tools alike [pure].
# Whole or not at all: check() gives every problem as (path, reason), and values only where there is none.
from till.money import amount
from till.store import settings_kinds as kinds

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TYPES = ("sale", "void", "refund")
ROLES = ("operator", "supervisor", "technician")
GUARDED = ("void", "refund", "x_totals", "z_totals", "settle", "training", "self_test")
FOLLOWS = ("off", "alarm", "lock", "zeroise")       # upon an attack
CURRENCIES = {name: number for number, (name, _) in amount.CURRENCIES.items()}

# section, setting, kind, arguments, default as an owner would write it, what it is.
SCHEMA = (
    ("shop", "name", kinds.line, (1, 32), "Microtill Demo Shop", "the first line of every receipt"),
    ("shop", "address", kinds.text, (0, 96), "1 Bench Street", "under the name; \\n begins another line"),
    ("shop", "terminal", kinds.code, (8, 8), "TILL0001", "terminal id, eight characters (field 41)"),
    ("shop", "merchant", kinds.code, (15, 15), "MERCHANT0000001", "merchant id, fifteen characters (field 42)"),
    ("shop", "currency", kinds.one_of, (tuple(sorted(CURRENCIES)),), "EUR", "decides the decimals too"),
    ("shop", "languages", kinds.languages, (4,), ["en"], "the shop's own first; a card may choose among them"),
    ("shop", "offset_min", kinds.number, (-720, 840), 0, "minutes that local time is ahead of UTC"),
    ("host", "name", kinds.line, (1, 64), "bank.test", "the bank's name, as its certificate has it"),
    ("host", "port", kinds.number, (1, 65535), 8583, "of the bank"),
    ("host", "second", kinds.line, (0, 64), "", "the bank by another way, taken where the first does not hold; \"\": there is none"),
    ("host", "second_port", kinds.number, (1, 65535), 8584, "of that way"),
    ("host", "probe_s", kinds.number, (5, 3600), 20, "seconds between two looks at the first way while the second carries"),
    ("host", "probes", kinds.number, (1, 60), 3, "looks in a row at which the first way must be there before it carries again"),
    ("host", "pin_format", kinds.one_of, (("iso-4", "iso-0-tdes"),), "iso-4", "of a PIN; \"iso-0-tdes\" is for a bank without AES (keys.md)"),
    ("wifi", "network", kinds.line, (1, 32), "shop", "the network that a board with a radio joins; the bench has this one"),
    ("wifi", "password", kinds.line, (0, 63), "a password", "of that network: whoever reads the settings knows it"),
    ("sale", "types", kinds.any_of, (TYPES,), list(TYPES), "what is done here at all"),
    ("sale", "tip", kinds.one_of, (("off", "ask"),), "off", "\"ask\": a tip is offered after the amount"),
    ("sale", "tips", kinds.numbers, (3, 1, 50), [5, 10, 15], "per cent that are offered"),
    ("sale", "receipts", kinds.one_of, (("always", "ask"),), "always", "\"ask\": the customer chooses"),
    ("limits", "single", kinds.limit, (), "off", "one payment at most"),
    ("limits", "daily", kinds.limit, (), "off", "all sales of a day at most"),
    ("limits", "cumulative", kinds.limit, (), "off", "all sales since the last settlement at most"),
    ("limits", "per_card", kinds.limit, (), "off", "one card in a day at most"),
    ("owed", "count", kinds.number, (1, 50), 10, "payments at most that wait for the bank to undo them; then no new one begins"),
    ("owed", "sum", kinds.limit, (), "1000.00", "what they may come to; \"off\": any sum"),
    ("owed", "hours", kinds.number, (1, 240), 24, "hours that the oldest of them may wait"),
    ("contactless", "cvm", kinds.amount, (0,), "50.00", "above this a tap wants a PIN or a device's own check"),
    ("contactless", "most", kinds.amount, (1,), "500.00", "a tap at most"),
) + tuple(("hours", day, kinds.hours, (), "00:00-24:00", "\"08:00-12:00, 14:00-20:00\", or \"closed\"") for day in DAYS) + (
    ("closed", "holidays", kinds.dates, (40,), [], "days without business"),
    ("closed", "periods", kinds.periods, (12,), [], "from a day to a day, both closed"),
    ("kiosk", "mode", kinds.one_of, (("off", "fixed", "chosen"),), "off", "\"fixed\": a tap pays the price; \"chosen\": a key chooses what"),
    ("kiosk", "price", kinds.limit, (), "off", "of a fixed kiosk, for every tap"),
    ("kiosk", "items", kinds.items, (6,), [], "of a chosen kiosk: {name, price}"),
    ("outside", "conditions", kinds.conditions, (4,), {}, "news from outside that forbid a sale; unknown = allow or refuse"),
    ("battery", "low", kinds.number, (2, 90), 15, "per cent under which no new sale begins without mains"),
    ("battery", "critical", kinds.number, (1, 50), 5, "per cent under which the terminal switches itself off"),
    ("battery", "hysteresis", kinds.number, (1, 20), 3, "per cent above a bound at which it is left again"),
    ("case", "warm", kinds.number, (10, 90), 45, "degrees Celsius from which the fan runs"),
    ("case", "hot", kinds.number, (10, 95), 60, "degrees from which everything goes slower"),
    ("case", "too_hot", kinds.number, (10, 100), 70, "degrees from which no new sale begins"),
    ("case", "hysteresis", kinds.number, (1, 20), 3, "degrees under a bound at which it is left again"),
    ("head", "hot", kinds.number, (20, 90), 60, "degrees Celsius from which printing slows"),
    ("head", "too_hot", kinds.number, (20, 100), 70, "degrees from which it waits"),
    ("head", "hysteresis", kinds.number, (1, 30), 5, "degrees under a bound at which it is left again"),
    ("light", "dim", kinds.number, (0, 2000), 20, "lux under which the screen dims"),
    ("light", "hysteresis", kinds.number, (1, 500), 10, "lux above it at which the screen is bright again"),
    ("clock", "jump_s", kinds.number, (2, 3600), 5, "seconds that the clock may be off between two looks"),
    ("clock", "behind_s", kinds.number, (10, 86400), 120, "seconds that it may be behind the newest payment on record"),
    ("tamper", "case", kinds.one_of, (FOLLOWS[1:],), "lock", "what follows where the case is opened"),
    ("tamper", "light", kinds.one_of, (FOLLOWS,), "off", "where light falls into the closed case; \"off\": no sensor sits inside"),
    ("tamper", "temperature", kinds.one_of, (FOLLOWS,), "alarm", "where the case is colder or hotter than it gets by itself"),
    ("tamper", "voltage", kinds.one_of, (FOLLOWS,), "alarm", "where the cell gives less or more than a cell does by itself"),
    ("tamper", "lux", kinds.number, (1, 1000), 20, "of light in the closed case that are too much"),
    ("tamper", "coldest", kinds.number, (-40, 20), -10, "degrees Celsius"),
    ("tamper", "hottest", kinds.number, (50, 125), 90, "degrees Celsius"),
    ("tamper", "least_mv", kinds.number, (2500, 3400), 2800, "millivolts of the cell"),
    ("tamper", "most_mv", kinds.number, (4200, 4500), 4350, "millivolts of the cell"),
    ("tamper", "wrong_macs", kinds.number, (0, 50), 3, "answers in a row with a wrong MAC after which it locks; 0: however many"),
    ("velocity", "card_count", kinds.number, (0, 1000), 0, "payments of one card at most in card_hours; 0: any number"),
    ("velocity", "card_hours", kinds.number, (1, 72), 24, "hours for card_count"),
    ("velocity", "hour_count", kinds.number, (0, 1000), 0, "payments at most in any hour; 0: any number"),
    ("velocity", "hour_sum", kinds.limit, (), "off", "what they may come to"),
    ("velocity", "same_count", kinds.number, (0, 1000), 0, "payments of one and the same amount at most in same_minutes; 0: any number"),
    ("velocity", "same_minutes", kinds.number, (1, 1440), 10, "minutes for same_count"),
    ("people", "large_text", kinds.flag, (), False, "four rows of large letters on every screen"),
    ("people", "tones", kinds.flag, (), True, "sounds for keys, cards, results and alarms"),
    ("people", "haptic", kinds.flag, (), True, "a short shake with every key"),
    ("people", "patience", kinds.number, (100, 400), 100, "per cent by which every wait for a person is stretched"),
) + tuple(("roles", what, kinds.one_of, (("nobody",) + ROLES,), "nobody", "who must have logged in for it, if anybody") for what in GUARDED) + (
    ("roles", "minutes", kinds.number, (1, 240), 10, "after the last act, and a log-in ends"),
) + tuple(("pins", role, kinds.secret, (), "", "made by `microtill params pin`") for role in ROLES) + (
    ("settlement", "at", kinds.time_of_day, (), "off", "time of day at which it settles by itself, where there is something to settle"),
    ("waits", "tap", kinds.number, (5, 120), 30, "seconds for a card"),
    ("waits", "key", kinds.number, (5, 120), 30, "seconds for a key"),
    ("waits", "pin_key", kinds.number, (5, 120), 30, "seconds for the next digit of a PIN"),
    ("waits", "pin", kinds.number, (30, 120), 120, "seconds for a whole PIN"),
    ("waits", "card_ms", kinds.number, (200, 30000), 1000, "milliseconds for an answer of a card"),
    ("waits", "host", kinds.number, (5, 120), 30, "seconds for the bank's answer"),
    ("tools", "letters", kinds.letters, (120,), {}, "left to the tools"),
)
_SECTIONS = tuple(sorted({row[0] for row in SCHEMA}))


def defaults():
    """{section: {setting: as an owner would write it}}."""
    out = {}
    for section, name, _kind, _args, default, _about in SCHEMA:
        out.setdefault(section, {})[name] = default
    return out


def check(owner, here):
    """(values, problems) of what an owner wrote ({section: {setting: value}}, all optional). `problems`: [(section, setting or "", reason)].
    `values` is {section: {setting: value in force}}, or None where there is a problem. `here(code)`: does this terminal speak that language?"""
    problems, tables = [], {}
    if not isinstance(owner, dict):
        return None, [("", "", "must be a table")]
    for section in sorted(owner):
        if section not in _SECTIONS:
            problems.append((section, "", "is not a section; there are: " + ", ".join(each for each in _SECTIONS if each != "tools")))
        elif not isinstance(owner[section], dict):
            problems.append((section, "", "must be a table"))
        else:
            tables[section] = owner[section]
            names = [row[1] for row in SCHEMA if row[0] == section]
            problems += [(section, name, "is not a setting of this section") for name in sorted(owner[section]) if name not in names]
    values, decimals = {}, _decimals(tables)
    for section, name, kind, args, default, _about in SCHEMA:
        try:
            written = tables.get(section, {})
            value = kind(written[name], decimals, *args) if name in written else kind(default, _DEFAULT_DECIMALS, *args)
            values.setdefault(section, {})[name] = value
        except kinds.Wrong as wrong:
            problems.append((section, name, "must " + wrong.args[0]))
    if not problems:
        problems = [(section, name, "must " + reason) for section, name, bad, reason in _together(values, here) if bad]
    return (None, problems) if problems else (values, [])


_DEFAULT_DECIMALS = 2           # with which the amounts of SCHEMA are written, whatever the currency: 5000 of its smallest unit


def _decimals(owner):
    """Of the owner's currency; where that is none, of the default."""
    name = owner.get("shop", {}).get("currency", "EUR")
    return amount.CURRENCIES[CURRENCIES[name]][1] if isinstance(name, str) and name in CURRENCIES else _DEFAULT_DECIMALS


def _together(values, here):
    """What must hold between settings: rows of (section, setting, is it broken, reason)."""
    battery, case, head, light = values["battery"], values["case"], values["head"], values["light"]
    kiosk, limits = values["kiosk"], values["limits"]
    prices = {"off": [], "fixed": [kiosk["price"]], "chosen": [minor for _name, minor in kiosk["items"]]}[kiosk["mode"]]
    roles, pins = values["roles"], values["pins"]
    without_pin = [what for what in GUARDED if roles[what] != "nobody" and not any(pins[role] for role in ROLES[ROLES.index(roles[what]):])]
    return (
        ("battery", "critical", battery["critical"] + battery["hysteresis"] > battery["low"],
         "be lower than battery.low, by battery.hysteresis at least"),
        ("battery", "low", battery["low"] + battery["hysteresis"] >= 100, "be under 100 less battery.hysteresis"),
        ("light", "hysteresis", light["dim"] and light["hysteresis"] >= light["dim"], "be less than light.dim"),
        ("case", "hot", not case["warm"] < case["hot"] < case["too_hot"], "lie between case.warm and case.too_hot"),
        ("head", "too_hot", not head["hot"] < head["too_hot"], "be higher than head.hot"),
        ("kiosk", "price", kiosk["mode"] == "fixed" and not kiosk["price"], "be given, such as \"3.00\": kiosk.mode is \"fixed\""),
        ("kiosk", "items", kiosk["mode"] == "chosen" and not kiosk["items"], "name something to buy: kiosk.mode is \"chosen\""),
        ("kiosk", "mode", limits["single"] and any(price > limits["single"] for price in prices), "ask no price over limits.single"),
        ("contactless", "cvm", values["contactless"]["cvm"] > values["contactless"]["most"], "be at most contactless.most"),
        ("shop", "languages", not all(here(code) for code in values["shop"]["languages"]), "be languages that this terminal was built with"),
    ) + tuple(("roles", what, True, "name a role that has a PIN under [pins]; `microtill params pin` makes one") for what in without_pin)


def canonical(value):
    """A value as lists alone, tables in the order of their names, empty ones left out: two that mean the same are the same text, whatever order
    a table kept."""
    if isinstance(value, dict):
        return [[name, canonical(value[name])] for name in sorted(value) if value[name] != {}]
    return [canonical(each) for each in value] if isinstance(value, (list, tuple)) else value
