# en.py: every word that a person reads, in English [pure]. Another language is another file like this one, with the same names in each table.
# A screen is rows: "=" first: a bar; "!" first: double size; %s takes what the flow gives. Sixteen characters a row, eight in double size.
SCREENS = {
    "starting": ("=Microtill", "", "", "Starting"),
    "ready": ("=Microtill", "", "", "Key an amount", "", "", "", "%s"),
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
    "menu": ("=Menu", "1 void", "2 refund", "3 copy of last", "", "", "", "A leave"),
    "number": ("=%s", "Payment number", "!%s", "from the receipt", "", "D go on", "A cancel B clear"),
    "refund_amount": ("=Refund", "!%s", "%s", "", "at most %s", "D go on", "A cancel B clear"),
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
    "no_link": ("No connection", "Try later"), "owed": ("An older payment", "waits for bank"), "full": ("Memory is full", "Call service"),
    "no_such_payment": ("No such payment", "on record"), "not_approved": ("It was never", "approved"),
    "already_undone": ("Already voided", "or refunded"), "too_much": ("More than", "was paid"),
    "pin_timeout": ("No PIN came", ""), "storage": ("Memory fault", "Call service"),
}

# Why a trigger was refused: codes of guards and of the engine.
REFUSALS = {
    "S01": ("No keys yet", "Set it up first"), "S02": ("Terminal locked", "Call service"), "L01": ("Over the limit", "Key less"),
    "L03": ("Not allowed here", ""), "R01": ("Checking the", "last payment"), "R02": ("Nothing is owed", ""),
    "F02": ("Memory is full", "Call service"), "D01": ("Card reader", "does not answer"),
    "E01": ("One thing", "at a time"), "E02": ("Too fast", "Once more"), "E03": ("That key does", "nothing here"),
}

RECOVERED = {
    "reversed": ("A payment was", "undone", "Nothing charged"), "waiting": ("A payment waits", "to be undone", "Bank not reached"),
}

OUTCOMES = {"approved": "APPROVED", "declined": "DECLINED", "reversed": "REVERSED", "reversal due": "BEING REVERSED"}
KINDS = {"sale": "SALE", "void": "VOID", "refund": "REFUND"}
CVM = {"none": "No cardholder verification", "online_pin": "PIN verified by the bank", "device": "Verified on the device", "": ""}

PAPER = {
    "merchant_copy": "MERCHANT COPY", "customer_copy": "CUSTOMER COPY", "copy": "COPY", "terminal": "Terminal", "merchant": "Merchant",
    "card": "Card", "aid": "AID", "number": "Number", "entry": "Entry", "contactless": "contactless", "original": "Of payment", "stan": "STAN",
    "rrn": "RRN", "auth": "Authorisation", "response": "Response", "trigger": "Trigger", "unknown": "OUTCOME UNKNOWN",
}

# Where a code has no words of its own.
OTHER = {"reason": "The bank said no", "code": "Code %s", "refusal": "Not possible"}
