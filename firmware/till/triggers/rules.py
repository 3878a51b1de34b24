# rules.py: THE table. What may begin at this terminal, on which lane, and under which guards; flows are named and imported when they start.
# Read a row aloud: when a customer keys a digit, start a sale, if the terminal is unlocked, keyed, ...
FRONT, BACK, URGENT = "front", "back", "urgent"

RULES = (
    # origin, trigger, lane, flow, guards
    ("customer", "digit", FRONT, "flows.sale",
        (("unlocked",), ("keyed",), ("type_allowed", "sale"), ("recovered",), ("room_on_record",), ("reader_hears",))),
    ("operator", "menu", FRONT, "flows.menu",
        (("unlocked",), ("keyed",), ("recovered",))),
    ("operator", "void", FRONT, "flows.void",
        (("unlocked",), ("keyed",), ("type_allowed", "void"), ("room_on_record",))),
    ("operator", "refund", FRONT, "flows.refund",
        (("unlocked",), ("keyed",), ("type_allowed", "refund"), ("room_on_record",))),
    ("operator", "reprint", FRONT, "flows.reprint",
        (("unlocked",),)),
    ("health", "started", FRONT, "flows.recover",
        (("keyed",),)),
    ("network", "owed", BACK, "flows.drain",
        (("keyed",), ("something_owed",))),
    ("network", "connect", BACK, "flows.connect",
        (("keyed",),)),
    ("network", "link_up", BACK, "flows.note", ()),
    ("network", "link_down", BACK, "flows.note", ()),
    ("network", "settled", BACK, "flows.note", ()),
    ("health", "owed_long", BACK, "flows.note", ()),
    ("health", "paper_out", BACK, "flows.note", ()),
    ("health", "printer_silent", BACK, "flows.note", ()),
    ("health", "reader_deaf", BACK, "flows.note", ()),
    ("health", "task_died", BACK, "flows.note", ()),
    ("health", "safe_stop", URGENT, "flows.safe_stop", ()),
    ("security", "wrong_mac", URGENT, "flows.note", ()),
)
