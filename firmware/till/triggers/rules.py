# rules.py: THE table. What may begin at this terminal, on which lane, and under which guards; flows are named and imported when they start.
# Read a row aloud: when a customer keys a digit, start a sale, if the terminal is unlocked, keyed, ... Rows of one trigger are tried in turn.
# Lane "step" starts nothing: it is a step of the session that is under way, taken where its guards pass.
FRONT, BACK, URGENT, STEP = "front", "back", "urgent", "step"

_READY = (("unlocked",), ("keyed",), ("flash_holds",), ("record_sound",), ("recovered",), ("room_on_record",))
_OPEN = (("no_holiday",), ("no_closed_period",), ("open_hours",), ("conditions_allow",))
_BODY = (("battery_enough",), ("cool_enough",), ("clock_good",))
_UNDO = _READY + (("untampered",), ("clock_caught_up",), ("owed_within",), ("not_training",), ("screen_shows",))
_SELL = _UNDO + (("reader_hears",), ("type_allowed", "sale")) + _OPEN + _BODY
_LIMITS = (("screen_shows",), ("single",), ("daily",), ("cumulative",), ("owed_with_this",), ("hourly",), ("same_again",))
_LEARN = (("unlocked",), ("training",), ("reader_hears",))

RULES = (
    # origin, trigger, lane, flow, guards
    ("customer", "digit", FRONT, "flows.practice", _LEARN + (("not_kiosk", "fixed"),)),
    ("customer", "digit", FRONT, "flows.sale", _SELL + (("not_kiosk", "fixed"),)),
    ("customer", "presented", FRONT, "flows.practice", _LEARN + (("kiosk", "fixed"),)),
    ("customer", "presented", FRONT, "flows.sale", _SELL + (("kiosk", "fixed"),)),
    ("customer", "amount", STEP, "", _LIMITS),
    ("customer", "card", STEP, "", (("screen_shows",), ("per_card",), ("card_again",))),
    ("customer", "pin", STEP, "", (("pin_keyed",),)),
    ("operator", "refund_amount", STEP, "", (("single",),)),

    ("operator", "menu", FRONT, "flows.menu", (("unlocked",), ("keyed",), ("recovered",))),
    ("operator", "void", FRONT, "flows.void", _UNDO + (("type_allowed", "void"), ("role_for", "void"))),
    ("operator", "refund", FRONT, "flows.refund", _UNDO + (("type_allowed", "refund"), ("role_for", "refund"))),
    ("operator", "reprint", FRONT, "flows.reprint", (("unlocked",), ("not_training",))),
    ("operator", "x_totals", FRONT, "flows.x_totals", (("unlocked",), ("keyed",), ("role_for", "x_totals"))),
    ("operator", "z_totals", FRONT, "flows.z_totals", _READY + (("not_training",), ("role_for", "z_totals"))),
    ("operator", "settle", FRONT, "flows.settle", _READY + (("not_training",), ("something_to_settle",), ("role_for", "settle"))),
    ("operator", "training", FRONT, "flows.training", (("unlocked",), ("role_for", "training"))),
    ("operator", "self_test", FRONT, "flows.self_test", (("unlocked",), ("role_for", "self_test"))),
    ("operator", "login", FRONT, "flows.login", (("unlocked",),)),

    ("settings", "staged", BACK, "flows.reload", ()),
    ("settings", "condition", BACK, "flows.condition", ()),
    ("settings", "image", BACK, "flows.update", ()),
    ("settings", "shop_hours", BACK, "flows.note", ()),
    ("settings", "settle_time", FRONT, "flows.settle", _READY + (("not_training",), ("something_to_settle",))),

    ("network", "owed", BACK, "flows.drain", (("keyed",), ("something_owed",))),
    ("network", "connect", BACK, "flows.connect", (("keyed",),)),
    ("network", "link_up", BACK, "flows.note", ()),
    ("network", "link_down", BACK, "flows.note", ()),
    ("network", "link_second", BACK, "flows.way_back", ()),
    ("network", "link_first", BACK, "flows.alarm", ()),
    ("network", "settled", BACK, "flows.note", ()),

    ("health", "started", FRONT, "flows.recover", (("keyed",),)),
    ("health", "battery_low", BACK, "flows.alarm", ()),
    ("health", "battery_critical", URGENT, "flows.shut_down", ()),
    ("health", "battery_fine", BACK, "flows.alarm", ()),
    ("health", "mains_lost", BACK, "flows.save_power", ()),
    ("health", "mains_back", BACK, "flows.save_power", ()),
    ("health", "case_cool", BACK, "flows.climate", ()),
    ("health", "case_warm", BACK, "flows.climate", ()),
    ("health", "case_hot", BACK, "flows.climate", ()),
    ("health", "case_too_hot", BACK, "flows.climate", ()),
    ("health", "fan_stalled", BACK, "flows.alarm", ()),
    ("health", "fan_turns", BACK, "flows.alarm", ()),
    ("health", "head_cool", BACK, "flows.alarm", ()),
    ("health", "head_hot", BACK, "flows.alarm", ()),
    ("health", "head_too_hot", BACK, "flows.alarm", ()),
    ("health", "dark", BACK, "flows.light", ()),
    ("health", "bright", BACK, "flows.light", ()),
    ("health", "sense_lost", BACK, "flows.alarm", ()),
    ("health", "sense_back", BACK, "flows.alarm", ()),
    ("health", "paper_out", BACK, "flows.alarm", ()),
    ("health", "printer_silent", BACK, "flows.alarm", ()),
    ("health", "printer_prints", BACK, "flows.alarm", ()),
    ("health", "reader_deaf", BACK, "flows.alarm", ()),
    ("health", "reader_heard", BACK, "flows.alarm", ()),
    ("health", "key_stuck", BACK, "flows.alarm", ()),
    ("health", "key_free", BACK, "flows.alarm", ()),
    ("health", "screen_dead", BACK, "flows.alarm", ()),
    ("health", "screen_back", BACK, "flows.alarm", ()),
    ("health", "flash_failed", BACK, "flows.flash", ()),
    ("health", "owed_long", BACK, "flows.alarm", ()),
    ("health", "task_died", BACK, "flows.alarm", ()),
    ("health", "image", BACK, "flows.image", ()),
    ("health", "safe_stop", URGENT, "flows.safe_stop", ()),

    ("security", "wrong_mac", URGENT, "flows.alarm", ()),
    ("security", "record_altered", URGENT, "flows.alarm", ()),
    ("security", "record_looked_at", URGENT, "flows.alarm", ()),
    ("security", "answers_due", BACK, "flows.known_answers", ()),
    ("security", "clock_jumped", URGENT, "flows.alarm", ()),
    ("security", "clock_back", URGENT, "flows.alarm", ()),
    ("security", "clock_behind", URGENT, "flows.clock", ()),
    ("security", "clock_caught_up", URGENT, "flows.clock", ()),
    ("security", "case_opened", URGENT, "flows.tamper", ()),
    ("security", "case_closed", URGENT, "flows.alarm", ()),
    ("security", "light_odd", URGENT, "flows.tamper", ()),
    ("security", "light_fine", URGENT, "flows.alarm", ()),
    ("security", "temperature_odd", URGENT, "flows.tamper", ()),
    ("security", "temperature_fine", URGENT, "flows.alarm", ()),
    ("security", "voltage_odd", URGENT, "flows.tamper", ()),
    ("security", "voltage_fine", URGENT, "flows.alarm", ()),
    ("security", "macs_wrong", URGENT, "flows.tamper", ()),
    ("security", "keys_worn", URGENT, "flows.tamper", ()),
    ("security", "velocity", URGENT, "flows.alarm", ()),
    ("security", "tries_used", URGENT, "flows.alarm", ()),
    ("security", "lifted", URGENT, "flows.alarm", ()),
)


def by_trigger(rows):
    """{(origin, trigger): its rows, in order}: a trigger's rules are found in one look, however many there are."""
    found = {}
    for row in rows:
        found[row[:2]] = found.get(row[:2], ()) + (row,)
    return found


BY_TRIGGER = by_trigger(RULES)
