# en.py: every word that a person reads, in English [pure]. Another language is another file like this one, with the same names in each table.
# A screen is rows: "=" first: a bar; "!" first: double size; %s takes what the flow gives. Sixteen characters a row, eight in double size.
SCREENS = {
    "starting": ("=Microtill", "", "", "Starting", "", "%s"),
    "ready": ("=Microtill", "", "", "Key an amount", "", "%s", "", "%s"),
    "ready_fixed": ("=Tap to pay", "", "!%s", "%s", "", "%s", "", "%s"),
    "choose": ("=Choose", "%s", "%s", "%s", "%s", "%s", "%s", "%s"),
    "closed": ("=Not in service", "", "%s", "%s", "", "%s", "", "%s"),
    "not_keyed": ("=Microtill", "", "", "No keys yet", "", "Ask whoever", "set it up"),
    "amount": ("=Amount", "", "!%s", "%s", "", "D go on", "A cancel B clear"),
    "tap": ("=Tap a card", "", "!%s", "%s", "", "", "A cancel"),
    "reading": ("=Reading", "", "", "Hold it still"),
    "one_card": ("=Two cards", "", "", "One card only", "", "Tap again", "", "A cancel"),
    "again": ("=Tap again", "", "Card moved", "too soon", "", "Hold it until", "the next screen", "A cancel"),
    "see_phone": ("=See phone", "", "Look at your", "phone, then", "tap again", "", "", "A cancel"),
    "pin": ("=Enter PIN", "%s", "", "!%s", "", "D go on", "A cancel B clear"),
    "asking": ("=Please wait", "", "", "Asking", "the bank"),
    "approved": ("=Approved", "", "!%s", "%s", "", "", "Take the receipt"),
    "declined": ("=Declined", "", "%s", "%s", "", "Nothing was", "charged"),
    "cancelled": ("=Cancelled", "", "%s", "%s", "", "Nothing was", "charged"),
    "unknown": ("=No answer", "", "The bank did", "not answer", "", "Payment is", "being undone"),
    "recovering": ("=Power is back", "", "", "Checking the", "last payment"),
    "recovered": ("=Power is back", "", "%s", "%s", "", "%s"),
    "refused": ("=Not now", "", "%s", "%s"),
    "paper_out": ("=Paper is out", "", "Payment is safe", "Put in paper", "", "D print again", "A no receipt"),
    "printer_silent": ("=Printer", "", "Payment is safe", "No receipt came", "", "D print again", "A no receipt"),
    "menu": ("=Menu", "%s", "%s", "%s", "%s", "%s", "D more", "A leave"),
    "tip": ("=Tip?", "!%s", "1  %s", "2  %s", "3  %s", "", "D no tip", "A cancel"),
    "receipt": ("=Receipt?", "", "!%s", "%s", "", "D yes please", "A no thanks"),
    "head_hot": ("=Printer is hot", "", "Payment is safe", "", "Prints again", "in about %s min", "", "A no receipt"),
    "login": ("=Log in", "%s", "", "!%s", "", "D go on", "A cancel"),
    "role": ("=Log in", "1 operator  ", "2 supervisor", "3 technician", "0 log out   ", "", "", "A leave"),
    "logged_in": ("=Log in", "", "Welcome", "%s", "", "", "C menu"),
    "logged_out": ("=Log in", "", "Logged out"),
    "settling": ("=Settlement", "", "", "Asking", "the bank"),
    "settled": ("=Settled", "", "!%s", "%s", "", "Batch %s", "Take the report"),
    "not_settled": ("=Not settled", "", "%s", "%s", "", "Try again", "later"),
    "report": ("=%s", "", "", "Printing", "the report"),
    "self_test": ("=Self-test", "", "", "%s", "", "Please wait"),
    "tested": ("=Self-test", "", "%s", "%s", "", "Take the report"),
    "altered": ("=Record altered", "", "Number %s", "was changed", "Compare with", "the bank", "D go on", "A not yet"),
    "training_on": ("=Training", "", "No bank is", "ever asked", "", "No money moves"),
    "training_off": ("=Training", "", "Training is over", "", "Payments count", "from now on"),
    "any_digits": ("=Enter any PIN", "Not a real one", "", "!%s", "", "D go on", "A cancel"),
    "switching_off": ("=Battery empty", "", "Switching off", "", "No payment", "is lost", "", "Plug it in"),
    "number": ("=%s", "Payment number", "!%s", "from the receipt", "", "D go on", "A cancel B clear"),
    "refund_amount": ("=Refund", "!%s", "%s", "", "most %s", "D go on", "A cancel B clear"),
    "confirm": ("=%s", "", "!%s", "%s", "", "D do it", "A cancel"),
    "done": ("=%s", "", "!%s", "%s", "", "", "Take the receipt"),
    "printing": ("=Printing", "", "", "A copy of", "payment %s"),
    "safe_stop": ("=Stopped", "", "Switch off and", "on again", "", "No payment", "is lost"),
}

# Why a payment was declined or cancelled: two rows that say what happened, or what to do.
REASONS = {
    "05": ("The bank said no", "Another card?"), "12": ("The bank cannot", "do this"), "14": ("Card not known", "Another card?"),
    "30": ("The bank did not", "understand"), "43": ("Please keep", "the card"), "51": ("Not enough money", "Another card?"),
    "54": ("Card has expired", "Another card?"), "55": ("Wrong PIN", "Tap to try again"), "59": ("Card is", "not genuine"),
    "61": ("Too much", "for this card"), "63": ("Security check", "failed"), "75": ("Too many", "wrong PINs"),
    "91": ("The bank is away", "Try later"), "94": ("Already sent", "Check the paper"), "96": ("The bank is busy", "Try later"),
    "10": ("Only part of it", "was approved"), "25": ("The bank does", "not know it"),
    "expired": ("Card has expired", "Another card?"), "blocked": ("Card is blocked", "Another card?"),
    "not_accepted": ("Not taken here", "Another card?"), "over_limit": ("Too much for", "a tap"),
    "card_declined": ("The card said no", "Another card?"), "offline_not_allowed": ("Card wants to", "pay offline"),
    "card_error": ("Card unreadable", "Another card?"), "cvm": ("Card cannot ask", "for a PIN here"),
    "card_removed": ("Card moved", "too soon"), "customer": ("As you wished", ""), "nobody": ("Nobody came", ""),
    "no_link": ("No connection", "Try later"), "owed": ("An older payment", "waits for bank"),
    "no_such_payment": ("No such payment", "on record"), "not_approved": ("It was never", "approved"),
    "already_undone": ("Already voided", "or refunded"), "too_much": ("More than", "was paid"),
    "pin_timeout": ("No PIN came", ""), "no_answer": ("The bank did", "not answer"),
    "no_role": ("No PIN is set", "for this role"), "95": ("Totals differ", "Call the bank"), "practice": ("For practice", "it said no"),
}

# Why a trigger was refused, and what to do: codes of guards and of the engine.
REFUSALS = {
    "S01": ("No keys yet", "Set it up first"), "S02": ("Terminal locked", "Call service"), "L01": ("Over the limit", "Key less"),
    "L02": ("Limit of the day", "is reached"), "L03": ("Not done here", "Ask the shop"), "L04": ("Too much waits", "Settle first"),
    "L05": ("Card's daily", "limit reached"), "W01": ("We are closed", "See the hours"), "W02": ("Holiday", "Closed today"),
    "W03": ("Closed for", "some days"), "H01": ("Battery is low", "Plug it in"), "H02": ("Too hot", "Let it cool"),
    "S06": ("Clock is wrong", "Call service"), "S07": ("Record altered", "C, self-test"),
    "C02": ("Not possible", "at present"), "C03": ("Waiting", "for news"),
    "T03": ("Training is on", "End it first"), "T04": ("No training", "Start it first"), "A01": ("Log in first", "C, then log in"),
    "A02": ("Wrong PIN", "Try once more"), "A03": ("Too many tries", "Wait a while"), "K01": ("Key the amount", "then tap"),
    "K02": ("Only tapping", "pays here"), "K03": ("Choose first", "then tap"), "R03": ("Nothing to", "settle"), "E04": ("Not asked now", ""),
    "R04": ("Too many wait", "for the bank"), "R05": ("Too much waits", "for the bank"), "R06": ("The bank is away", "for too long"),
    "R01": ("Checking the", "last payment"), "R02": ("Nothing is owed", ""),
    "F01": ("Memory fault", "Call service"), "F02": ("Memory is full", "Call service"),
    "D01": ("Card reader", "does not answer"), "D02": ("Screen is dead", "Call service"),
    "E01": ("One thing", "at a time"), "E02": ("Too fast", "Once more"), "E03": ("That key does", "nothing here"),
}

RECOVERED = {
    "reversed": ("A payment was", "undone", "Nothing charged"), "waiting": ("A payment waits", "to be undone", "Bank not reached"),
}

# What is wrong now, in one row of the ready screen; the most urgent one shows.
ALARMS = {
    "battery_low": "Battery low", "battery_critical": "Battery empty", "mains_lost": "On battery", "case_warm": "Fan is on",
    "case_hot": "Running warm",
    "case_too_hot": "Too hot", "head_hot": "Printer warm", "head_too_hot": "Printer hot", "fan_stalled": "Fan stands still",
    "sense_lost": "A sensor is mute", "clock_jumped": "Clock is wrong", "case_opened": "Case is open", "paper_out": "Paper is out",
    "printer_silent": "Printer is mute", "reader_deaf": "Reader is mute", "owed_long": "Bank is away", "task_died": "A part failed",
    "record_altered": "Record altered", "link_second": "On second line",
    "wrong_mac": "Security check", "safe_stop": "Stopped", "key_stuck": "A key is stuck", "screen_dead": "Screen is dead",
    "flash_failed": "Memory fault", "crypto_failed": "Key fault",
}
ROLES = {"operator": "operator", "supervisor": "supervisor", "technician": "technician"}
MENU = {                        # one row each, a digit and a space before it
    "void": "void", "refund": "refund", "reprint": "copy of last", "x_totals": "X totals", "z_totals": "Z totals", "settle": "settlement",
    "training": "training", "self_test": "self-test", "login": "log in",
}
OUTCOMES = {"approved": "APPROVED", "declined": "DECLINED", "reversed": "REVERSED", "reversal due": "BEING REVERSED"}
TITLES = {"void": "Void", "refund": "Refund"}
KINDS = {"sale": "SALE", "void": "VOID", "refund": "REFUND"}
CVM = {"none": "No cardholder verification", "online_pin": "PIN verified by the bank", "device": "Verified on the device", "": ""}

PAPER = {
    "merchant_copy": "MERCHANT COPY", "customer_copy": "CUSTOMER COPY", "copy": "COPY", "terminal": "Terminal", "merchant": "Merchant",
    "card": "Card", "aid": "AID", "number": "Number", "entry": "Entry", "contactless": "contactless", "original": "Of payment", "stan": "STAN",
    "rrn": "RRN", "auth": "Authorisation", "response": "Response", "trigger": "Trigger", "unknown": "OUTCOME UNKNOWN",
    "tip": "Tip", "training": "TRAINING - NO PAYMENT", "x_totals": "X TOTALS", "z_totals": "Z TOTALS", "settled": "SETTLEMENT",
    "sales": "Sales", "refunds": "Refunds", "voids": "Voids", "net": "Total", "shift": "Shift", "batch": "Batch", "printed_at": "Printed",
    "agreed": "Bank agrees", "uploaded": "Agreed after upload", "self_test": "SELF-TEST", "good": "good", "failed": "FAILED",
    "no_answer": "no answer", "altered": "altered",
    "firmware": "Firmware", "serial": "Serial", "battery": "Battery", "case": "Case", "head": "Print head", "light": "Light", "fan": "Fan",
    "rtc": "Clock", "flash": "Memory", "reader": "Reader", "printer": "Printer", "screen": "Screen", "keypad": "Keypad", "host": "Host",
    "keys": "Keys", "opens": "Opens %s", "again_at": "At %s",
}

# Where a code has no words of its own.
OTHER = {"reason": "The bank said no", "code": "Code %s", "refusal": "Not possible", "training": "TRAINING", "development": "Development"}

# The same screens for people who see badly: four rows of sixteen tall letters. {0} is the first value that the flow gives, {1} the second.
LARGE = {
    "starting": ("=Microtill", "", "Starting", "%s"),
    "ready": ("=Microtill", "Key an amount", "%s", "%s"),
    "ready_fixed": ("=Tap to pay {1}", "{2}", "!{0}", "{3}"),
    "choose": ("=Choose", "%s", "%s", "%s"),
    "closed": ("=Not in service", "{0}", "{1}", "{3}"),
    "not_keyed": ("=Microtill", "No keys yet", "Ask whoever", "set it up"),
    "amount": ("=Amount, then D", "{1}", "!{0}", "A stop  B clear"),
    "tap": ("=Tap a card", "{1}", "!{0}", "A stop"),
    "reading": ("=Reading", "", "Hold it still", ""),
    "one_card": ("=Two cards", "One card only", "Tap again", "A stop"),
    "again": ("=Tap again", "Moved too soon", "Hold it still", "A stop"),
    "see_phone": ("=See phone", "Look at phone,", "then tap again", "A stop"),
    "pin": ("=PIN, then D", "%s", "!%s", "A stop  B clear"),
    "asking": ("=Please wait", "", "Asking the bank", ""),
    "approved": ("=Approved", "{1}", "!{0}", "Take the receipt"),
    "declined": ("=Declined", "%s", "%s", "Nothing charged"),
    "cancelled": ("=Cancelled", "%s", "%s", "Nothing charged"),
    "unknown": ("=No answer", "", "Payment is", "being undone"),
    "recovering": ("=Power is back", "Checking the", "last payment", ""),
    "recovered": ("=Power is back", "%s", "%s", "%s"),
    "refused": ("=Not now", "%s", "%s", ""),
    "paper_out": ("=Paper is out", "Payment is safe", "D when it is in", "A no receipt"),
    "printer_silent": ("=Printer", "Payment is safe", "D print again", "A no receipt"),
    "menu": ("=D more  A leave", "%s", "%s", "%s"),
    "tip": ("=Tip? D no A end", "1  {1}", "2  {2}", "3  {3}"),
    "receipt": ("=Receipt?", "{1}", "!{0}", "D yes    A no"),
    "head_hot": ("=Printer is hot", "Payment is safe", "Wait %s min", "A no receipt"),
    "login": ("=Log in, then D", "%s", "!%s", "A stop"),
    "role": ("=0 out  A leave", "1 operator", "2 supervisor", "3 technician"),
    "logged_in": ("=Log in", "Welcome", "%s", "C menu"),
    "logged_out": ("=Log in", "", "Logged out", ""),
    "settling": ("=Settlement", "", "Asking the bank", ""),
    "settled": ("=Settled", "{1}", "!{0}", "Batch {2}"),
    "not_settled": ("=Not settled", "%s", "%s", "Try again later"),
    "report": ("=%s", "", "Printing", "the report"),
    "self_test": ("=Self-test", "", "%s", "Please wait"),
    "tested": ("=Self-test", "%s", "%s", "Take the report"),
    "altered": ("=Record altered", "Number %s", "Ask the bank", "D go on  A later"),
    "training_on": ("=Training", "No bank is asked", "No money moves", ""),
    "training_off": ("=Training over", "", "Payments count", "from now on"),
    "any_digits": ("=Any PIN, then D", "Not a real one", "!%s", "A stop  B clear"),
    "switching_off": ("=Battery empty", "Switching off", "No payment lost", "Plug it in"),
    "number": ("=%s, then D", "Receipt number", "!%s", "A stop  B clear"),
    "refund_amount": ("=Refund, then D", "max {2}", "!{0}", "A stop  B clear"),
    "confirm": ("={0}", "{2}", "!{1}", "D do it  A stop"),
    "done": ("={0}", "{2}", "!{1}", "Take the receipt"),
    "printing": ("=Printing", "A copy of", "payment %s", ""),
    "safe_stop": ("=Stopped", "Switch off and", "on. No payment", "is lost"),
}
