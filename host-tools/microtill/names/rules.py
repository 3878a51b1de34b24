# rules.py: guards, triggers, engine's refusals and money's steps in sentences, each with its clause. An unknown name is told as it is.
_SETTINGS = "docs/settings.md %s"
_ENGINE, _RULES, _MONEY, _HOST = "triggers/engine.py", "triggers/rules.py", "docs/money.md rule %d", "docs/host.md: what a payment owes"

GUARDS = {
    "unlocked": ("the terminal is not locked", "triggers/guards.py unlocked"),
    "keyed": ("its keys are loaded", "docs/host.md: keys; ANSI X9.24-3"),
    "type_allowed": ("payments of this type are allowed here", "triggers/guards.py type_allowed"),
    "recovered": ("what was open at the last start has been looked at", _MONEY % 2),
    "flash_holds": ("flash took the last record", _MONEY % 2),
    "screen_shows": ("the display answers, or is not known not to", "docs/degradation.md"),
    "record_sound": ("no record of the journal was altered, or a person has looked at it", "docs/decisions/07"),
    "room_on_record": ("the journal has room for a whole payment", _MONEY % 2),
    "reader_hears": ("the card reader answers, or is not known not to", _MONEY % 6),
    "owed_within": ("what waits for the bank is within its caps", _SETTINGS % "owed"),
    "owed_with_this": ("so it is with this payment too", _SETTINGS % "owed.sum"),
    "something_owed": ("something is owed to the bank", _HOST),
    "something_to_settle": ("the batch holds a payment", "docs/money.md: totals"),
    "battery_enough": ("the battery is not low, or mains is there", "docs/senses.md"),
    "cool_enough": ("the case is not too hot", "docs/senses.md"),
    "clock_good": ("the clock has not jumped", "docs/senses.md"),
    "open_hours": ("the shop is open at this hour", _SETTINGS % "hours"),
    "no_holiday": ("today is no holiday", _SETTINGS % "closed.holidays"),
    "no_closed_period": ("today is not in a closed period", _SETTINGS % "closed.periods"),
    "conditions_allow": ("news from outside allow it", _SETTINGS % "outside.conditions"),
    "kiosk": ("this is a kiosk of that kind", _SETTINGS % "kiosk.mode"),
    "not_kiosk": ("this is no kiosk of that kind", _SETTINGS % "kiosk.mode"),
    "training": ("training is on", "flows/practice.py"),
    "not_training": ("training is off", "flows/practice.py"),
    "role_for": ("somebody with the role for it has logged in", _SETTINGS % "roles"),
    "single": ("the amount is within the limit of one payment", _SETTINGS % "limits.single"),
    "daily": ("the day's sales stay within their limit", _SETTINGS % "limits.daily"),
    "cumulative": ("what is not settled stays within its limit", _SETTINGS % "limits.cumulative"),
    "untampered": ("nobody was at the case, at the cell or on the line, or a person has looked", _SETTINGS % "tamper"),
    "clock_caught_up": ("the clock is not behind the newest record", _SETTINGS % "clock.behind_s"),
    "hourly": ("payments of an hour stay within their number and sum", _SETTINGS % "velocity.hour_count, hour_sum"),
    "same_again": ("the same amount was not asked for too often", _SETTINGS % "velocity.same_count"),
    "pin_keyed": ("there is a key for PINs as the owner wants them sent", _SETTINGS % "host.pin_format"),
    "card_again": ("this card was not used too often", _SETTINGS % "velocity.card_count"),
    "per_card": ("what this card pays today stays within its limit", _SETTINGS % "limits.per_card"),
}
TRIGGERS = {
    ("customer", "digit"): "a digit was keyed",
    ("customer", "enter"): "the go-on key was pressed",
    ("customer", "clear"): "the clear key was pressed",
    ("customer", "cancel"): "the cancel key was pressed",
    ("customer", "presented"): "a card reached the reader's field",
    ("customer", "two_cards"): "more than one card is in the field",
    ("operator", "menu"): "the menu was asked for",
    ("operator", "void"): "a void was asked for",
    ("operator", "refund"): "a refund was asked for",
    ("operator", "reprint"): "a copy of the last receipt was asked for",
    ("health", "started"): "the terminal has started",
    ("network", "owed"): "something is owed to the bank",
    ("network", "connect"): "the host is to be reached",
    ("network", "link_up"): "the line to the host is up",
    ("network", "link_down"): "the line to the host went down",
    ("network", "link_second"): "the bank is reached by its second way",
    ("network", "link_first"): "the bank is reached by its first way again",
    ("network", "settled"): "what was owed to the bank is settled",
    ("health", "owed_long"): "a reversal has been owed for six tries",
    ("health", "paper_out"): "the paper is out",
    ("health", "printer_silent"): "the printer does not answer",
    ("health", "reader_deaf"): "the card reader does not answer",
    ("health", "task_died"): "a task died and was started again",
    ("health", "image"): "an application image is on trial, or went back",
    ("health", "safe_stop"): "a part that must not die keeps dying",
    ("security", "wrong_mac"): "an answer came whose MAC is wrong",
    ("customer", "amount"): "an amount was asked to be paid",
    ("customer", "card"): "a card that may pay was read",
    ("customer", "pin"): "a PIN was to be asked for, under TDES",
    ("operator", "refund_amount"): "an amount was asked to be refunded",
    ("operator", "x_totals"): "the totals so far were asked for",
    ("operator", "z_totals"): "the shift was closed",
    ("operator", "settle"): "settlement was asked for",
    ("operator", "training"): "training was switched",
    ("operator", "self_test"): "a self-test was asked for",
    ("operator", "login"): "somebody wants to log in or out",
    ("settings", "staged"): "the owner's new settings came in",
    ("settings", "condition"): "news from outside came in",
    ("settings", "image"): "a signed application image has come whole",
    ("settings", "shop_hours"): "the shop opened or closed",
    ("settings", "settle_time"): "the hour of settlement has come",
    ("health", "battery_low"): "the battery is low",
    ("health", "battery_critical"): "the battery is nearly empty",
    ("health", "battery_fine"): "the battery is well again",
    ("health", "mains_lost"): "mains went",
    ("health", "mains_back"): "mains came back",
    ("health", "case_cool"): "the case is cool again",
    ("health", "case_warm"): "the case is warm",
    ("health", "case_hot"): "the case is hot",
    ("health", "case_too_hot"): "the case is too hot",
    ("health", "fan_stalled"): "the fan stands still",
    ("health", "fan_turns"): "the fan turns again",
    ("health", "head_cool"): "the print head is cool again",
    ("health", "head_hot"): "the print head is hot",
    ("health", "head_too_hot"): "the print head is too hot",
    ("health", "dark"): "it grew dark",
    ("health", "bright"): "it grew bright",
    ("health", "sense_lost"): "a sensor cannot be believed any more",
    ("health", "sense_back"): "a sensor can be believed again",
    ("health", "printer_prints"): "the printer prints again",
    ("health", "reader_heard"): "the card reader answers again",
    ("health", "key_stuck"): "a key has been down for ten seconds",
    ("health", "key_free"): "the stuck key is up again",
    ("health", "screen_dead"): "the display does not answer",
    ("health", "screen_back"): "the display answers again",
    ("health", "flash_failed"): "flash did not take a record",
    ("security", "record_altered"): "a record of the journal was found altered",
    ("security", "answers_due"): "known answers of every algorithm are due",
    ("security", "record_looked_at"): "a person has looked at the altered record",
    ("security", "clock_jumped"): "the clock jumped",
    ("security", "clock_back"): "the clock is right again",
    ("security", "clock_behind"): "the clock is behind the newest record",
    ("security", "clock_caught_up"): "the clock has come to the newest record",
    ("security", "light_odd"): "light fell into the closed case",
    ("security", "light_fine"): "it is dark in the case again",
    ("security", "temperature_odd"): "the case is colder or hotter than it gets by itself",
    ("security", "temperature_fine"): "the case has a usual temperature again",
    ("security", "voltage_odd"): "the cell gives a voltage that no cell has",
    ("security", "voltage_fine"): "the cell's voltage is a cell's again",
    ("security", "macs_wrong"): "too many answers in a row had a wrong MAC",
    ("security", "keys_worn"): "no key is left for a request",
    ("security", "velocity"): "payments came too often, or too much of them",
    ("security", "tries_used"): "the tries for a PIN are used up: a wait begins",
    ("security", "lifted"): "a person let payments begin again",
    ("security", "case_opened"): "the case was opened",
    ("security", "case_closed"): "the case was closed",
}
REFUSALS = {
    "E01": ("the front is busy with another flow", _ENGINE), "E02": ("too many triggers of this origin wait", _ENGINE),
    "E03": ("no rule begins with it", _RULES), "S01": ("no keys are loaded", "docs/host.md: keys; ANSI X9.24-3"),
    "S02": ("the terminal is locked", "triggers/guards.py unlocked"), "L01": ("the amount is over the limit of one payment",
    _SETTINGS % "limits.single"), "L02": ("the limit of the day is reached", _SETTINGS % "limits.daily"),
    "L04": ("too much waits for settlement", _SETTINGS % "limits.cumulative"), "L05": ("this card has paid enough today",
    _SETTINGS % "limits.per_card"), "W01": ("the shop is closed at this hour", _SETTINGS % "hours"),
    "W02": ("today is a holiday", _SETTINGS % "closed.holidays"), "W03": ("today is in a closed period", _SETTINGS % "closed.periods"),
    "H01": ("the battery is low and mains is away", "docs/senses.md"), "H02": ("the case is too hot", "docs/senses.md"),
    "S06": ("the clock jumped", "docs/senses.md"),
    "S11": ("the case was opened", _SETTINGS % "tamper.case"), "S12": ("light fell into the closed case", _SETTINGS % "tamper.light"),
    "S13": ("the case was too cold or too hot", _SETTINGS % "tamper.temperature"),
    "S14": ("the cell gave too little or too much", _SETTINGS % "tamper.voltage"),
    "S15": ("too many answers in a row had a wrong MAC", _SETTINGS % "tamper.wrong_macs"),
    "S16": ("the clock is behind the newest record", _SETTINGS % "clock.behind_s"),
    "S17": ("no key is left for a request", "docs/host.md: keys; ANSI X9.24-3"),
    "S21": ("no key for PINs under TDES is loaded, or none is left", "docs/host.md: keys; ANSI X9.24-1"),
    "L06": ("too many payments within an hour", _SETTINGS % "velocity.hour_count"),
    "L07": ("too much within an hour", _SETTINGS % "velocity.hour_sum"),
    "L08": ("the same amount too often", _SETTINGS % "velocity.same_count"),
    "L09": ("this card too often", _SETTINGS % "velocity.card_count"),
    "S07": ("a record of the journal was altered", "docs/decisions/07"), "C02": ("news from outside forbid it", _SETTINGS % "outside.conditions"),
    "C03": ("news from outside are awaited", _SETTINGS % "outside.conditions"), "T03": ("training is on", "flows/practice.py"),
    "T04": ("training is off", "flows/practice.py"), "A01": ("nobody with the role for it has logged in", _SETTINGS % "roles"),
    "A02": ("the PIN was wrong", _SETTINGS % "pins"), "A03": ("too many tries", "secure/access.py"),
    "K01": ("this is no kiosk with one price", _SETTINGS % "kiosk.mode"), "K02": ("this kiosk has one price", _SETTINGS % "kiosk.mode"),
    "K03": ("something must be chosen first", _SETTINGS % "kiosk.mode"), "R03": ("the batch is empty", "docs/money.md: totals"),
    "E04": ("no session asks for it", _RULES),
    "L03": ("payments of this type are not allowed here", "triggers/guards.py type_allowed"),
    "R01": ("what was open at the last start is still being looked at", _MONEY % 2), "R02": ("nothing is owed", _HOST),
    "R04": ("too many payments wait for the bank to undo them", _SETTINGS % "owed.count"),
    "R05": ("too much waits for the bank to undo it", _SETTINGS % "owed.sum"),
    "R06": ("a payment has waited too long for the bank to undo it", _SETTINGS % "owed.hours"),
    "F02": ("the journal is full", _MONEY % 2), "D01": ("the card reader does not answer", "PN532 UM 6.2.1"),
    "D02": ("the display does not answer", "docs/degradation.md"), "F01": ("flash took no record", _MONEY % 2),
}
ERRORS = {
    "P01": "malformed bytes", "T01": "a deadline passed", "T02": "interrupted by something more urgent",
    "F01": "flash did not hold what was written", "F02": "the journal is full", "N01": "no connection, or it broke",
    "N02": "not the answer to what was asked", "S01": "no keys",
    "S04": "wrong MAC", "S05": "the key counter is worn out", "M01": "no such step in a payment's life",
}
MONEY = {
    "owed": ("on record before its first byte leaves (sync 1)", _MONEY % 2),
    "approved": ("the bank approved, and that is on record (sync 2)", _MONEY % 2),
    "declined": ("the bank said no: declined is an answer", _HOST),
    "no_answer": ("no answer that can be believed: unknown is not declined, a reversal is owed", _MONEY % 2),
    "wrong_answer": ("an answer that may not be believed is no answer: a reversal is owed", _MONEY % 2),
    "partial": ("a partial approval is not allowed here: a reversal is owed", _HOST),
    "restarted": ("the power went between question and answer: a reversal is owed", _MONEY % 2),
    "cancelled": ("cancelled while the bank was asked: a reversal is owed", _MONEY % 2),
    "reversed": ("the bank has undone it (00)", _HOST),
    "never_seen": ("the bank never saw it (25) and will decline it", _HOST),
}
STEPS = {
    "candidate": ("the application to try", "EMV Contactless Book B 3.3.2"),
    "kernel": ("the kernel that takes it", "EMV Contactless Book B 3.3.3"),
    "ttq": ("what the terminal can do and wants (TTQ)", "EMV Contactless Book C-3 annex (TTQ)"),
    "ctq": ("what the card decided (CTQ)", "EMV Contactless Book C-3 annex (CTQ)"),
    "cid": ("the kind of cryptogram", "EMV Book 3 6.5.5.4"),
    "cvm": ("how the cardholder is verified", "EMV Book 3 10.5"),
    "tvr": ("what the terminal found (TVR)", "EMV Book 3 annex C5"),
    "iac": ("when the issuer wants a decline", "EMV Book 3 10.7"),
    "outcome": ("the outcome of the tap", "EMV Contactless Book B 3.5"),
}
STEP_TAGS = {"ttq": "9F66", "ctq": "9F6C", "cid": "9F27", "tvr": "95", "iac": "9F0E", "candidate": "4F"}
CVMS = {"none": "no cardholder verification", "online_pin": "PIN, checked by the bank", "device": "verified on the cardholder's device"}
TAPS = {"online": "the card wants the bank asked", "declined": "declined at the card",
        "try_again": "the card is to be tapped again", "other_card": "another card is needed",
        "see_phone": "the phone's screen is to be looked at",
        "start": "the dialogue with the card begins"}


def guard(name):
    """(what it asks, clause)."""
    return GUARDS.get(name, (name, "triggers/guards.py"))


def trigger(origin, name):
    return TRIGGERS.get((origin, name), "%s %s" % (origin, name))


def refusal(code):
    """(words, clause)."""
    return REFUSALS.get(code, ("refused, code %s" % code, _ENGINE))


def error(code):
    return ERRORS.get(code, "error %s" % code)


def money(what):
    """(words, clause) of what happened to a payment."""
    return MONEY.get(what, (what, _MONEY % 2))


def step(name):
    """(words, clause) of a decision of the kernel."""
    return STEPS.get(name, (name, "EMV Contactless Book B"))
