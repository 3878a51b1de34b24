# schemas.py: the shapes of what goes in and comes out, as JSON Schema (draft 2020-12), for openapi.py and for the checks of what comes in.
from microtill.console import acts


def obj(properties, required=None, more=False):
    """An object; all its members are there unless `required` says otherwise."""
    return {"type": "object", "properties": properties, "required": list(properties) if required is None else list(required),
            "additionalProperties": more}


def array(items):
    return {"type": "array", "items": items}


def one_of(names, about=""):
    names = list(names)
    kind = ["string", "null"] if None in names else "string"
    return {"type": kind, "enum": names, **({"description": about} if about else {})}


def between(least, most, about="", kind="integer"):
    return {"type": kind, "minimum": least, "maximum": most, **({"description": about} if about else {})}


TEXT, FLAG, WHOLE, NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "integer"}, {"type": "number"}
ANY = {"type": "object", "additionalProperties": True}
KEY = one_of(acts.KEYS, "a key of the terminal: D enters, A cancels, B clears, C is the menu")
ERROR = obj({"error": {"type": "string", "pattern": "^[A-Z][0-9]{2,3}$"}, "words": TEXT})
AT = obj({"at_ms": WHOLE})
TIME = obj({"pace": one_of(("real", "x10", "paused")), "at_ms": WHOLE, "at": {"type": "string", "format": "date-time"}})
SCREEN = obj({"text": TEXT, "name": TEXT, "dots": {"type": "string", "contentEncoding": "base64", "description":
              "1024 bytes in the page order of an SSD1306, the least significant bit on top"}, "lit": FLAG, "contrast": between(0, 255)})
LIGHTS = obj({"power": FLAG, "link": FLAG, "alert": FLAG})
_AROUND = {
    "mains": {**FLAG, "description": "is it plugged in?"}, "battery_percent": between(0, 100, "of the cell", "number"),
    "case_c": between(-20, 110, "degrees Celsius in the case", "number"), "head_c": between(-20, 120, "of the printer's head", "number"),
    "lux": between(0, 100_000, "of light at the display", "number"),
    "hole_lux": between(0, 100_000, "of light that falls into the closed case", "number"),
    "cell_mv": between(0, 4_500, "millivolts in place of the cell's own; 0: its own", "number"), "case_open": FLAG, "paper": one_of(acts.PAPER),
    "network": one_of(acts.NETWORK), "bank": one_of((*acts.BANK, "down"), "how the bank answers, if at all"),
}
ENVIRONMENT = obj({**_AROUND, "head_c": NUMBER})
ROW = obj({"n": WHOLE, "at": TEXT, "t_us": WHOLE, "life": WHOLE, "kind": TEXT, "trigger": TEXT}, more=True)
STATE = obj({
    "at_ms": WHOLE, "at": TEXT, "pace": TEXT, "powered": FLAG, "screen": SCREEN, "lights": LIGHTS, "in_field": array(TEXT),
    "environment": ENVIRONMENT, "faults": array(TEXT), "papers": WHOLE, "paper_rows": WHOLE,
    "alarms": {"type": "object", "additionalProperties": TEXT},
    "can_record": FLAG, "version": TEXT, "serial": TEXT, "seed": WHOLE})
SIDE = {"anyOf": [obj({"amount_minor": {"type": ["integer", "null"]}, "state": TEXT, "effects": WHOLE}), {"type": "null"}]}
CURRENCY = {"type": "string", "pattern": "^[A-Z]{3}$", "description": "of ISO 4217"}
EXPONENT = between(0, 4, "how many digits of an amount in minor units stand after the point")
BOOKS = obj({"rows": array(obj({"stan": WHOLE, "field7": TEXT, "kind": TEXT, "at": TEXT, "currency": CURRENCY, "exponent": EXPONENT,
                                "terminal": SIDE, "bank": SIDE, "differs": TEXT})), "agree": FLAG, "currency": CURRENCY, "exponent": EXPONENT})
TRIGGER = obj({"origin": TEXT, "trigger": TEXT, "lane": TEXT, "flow": TEXT, "taken": WHOLE, "started": WHOLE, "refused": WHOLE,
               "reasons": ANY, "words": ANY}, more=True)
CARD = obj({"name": TEXT, "about": TEXT, "outcome": one_of(("approved", "declined", "cancelled")), "reason": TEXT, "screen": TEXT, "pin": TEXT},
           ["name", "about", "outcome", "reason", "screen"], more=True)
STORY = obj({"trigger": TEXT, "ident": TEXT, "steps": array(obj({"n": WHOLE, "at": TEXT, "t_ms": WHOLE, "what": TEXT, "text": TEXT}, more=True)),
             "owed": obj({"stan": TEXT, "state": TEXT, "since": TEXT, "why": TEXT, "next": TEXT,
                          "attempts": array(obj({"n": WHOLE, "at": TEXT, "sent": TEXT, "result": TEXT}))})}, ["trigger", "ident", "steps"])
SETTINGS = obj({"ok": FLAG, "errors": array(obj({"setting": TEXT, "reason": TEXT})),
                "changed": array(obj({"setting": TEXT, "before": TEXT, "after": TEXT}))})
HEALTH = obj({"ok": FLAG, "windows": WHOLE, "at_ms": WHOLE, "why": TEXT})

# what comes in, by path
BODIES = {
    "/key": obj({"key": KEY, "action": one_of(("press", "down", "up")), "hold_ms": between(20, 20_000, "of a press", "number")}, ["key"]),
    "/tap": obj({"card": {"type": "string", "description": "a name of /cards"}, "action": one_of(("tap", "hold", "pull")),
                 "hold_ms": between(50, 60_000, "of a tap", "number"), "pulled_at": between(1, 40, "it leaves at this command")}, ["card"]),
    "/fault": obj({"fault": one_of(acts.FAULTS), "key": KEY, "line": one_of(("reader", "printer")), "remedy": one_of(acts.REMEDIES),
                   "share": {"type": "number", "enum": [0, 0.5, 1]}, "sensor": one_of(acts.SENSORS), "how": one_of(acts.HOW), "on": FLAG}, ["fault"]),
    "/environment": {**obj(_AROUND, []), "minProperties": 1},
    "/time": {**obj({"pace": one_of(("real", "x10", "paused")), "step_ms": between(1, 60_000, "", "number"),
                     "to": one_of(("next_event", "tomorrow_0300"))}, []), "minProperties": 1, "maxProperties": 1},
    "/paper": obj({"action": one_of(("tear",))}),
    "/settings": obj({"owner": {**ANY, "description": "sections of settings, as in an owner's file"}}),
    "/reset": obj({}),
}
