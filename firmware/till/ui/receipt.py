# receipt.py: a payment on record, or a report, as rows for the printer [pure]. What the record lacks is left out, never invented.
from till.core import clock
from till.money import amount, transaction
from till.ui.letters import width

COLUMNS = 32                                                # a Chinese character takes two
MERCHANT, CUSTOMER = "merchant_copy", "customer_copy"       # names in PAPER


def rows(payment, shop, copy, words, again=False, test_label="", offset_min=0):
    """(style, text) rows. `payment`: Ledger.find's; `shop`: name, address (its lines parted by a line feed), terminal, merchant; `words`:
    ui.words.Words; `again`: a copy printed later; `offset_min`: local time less UTC."""
    def say(name):
        return words.of("PAPER", name)
    state, kind = transaction.WORDS[payment["state"]], transaction.KINDS[payment["kind"]]
    minor, currency, tip = payment["amount_minor"], payment["currency"], payment.get("tip_minor")
    banner = _starred(say("training")) if words.training else []
    out = banner + _head(shop, test_label)
    if again:
        out += _starred(say("copy"))
    out += _rule() + pair(words.of("KINDS", kind), _local(payment["unix"], offset_min))
    out += pair(say("terminal"), shop["terminal"]) + pair(say("merchant"), shop["merchant"])
    out += _card(payment, say) if payment["kind"] == transaction.SALE else _original(payment, say)
    out += _rule() + _large(amount.words(minor, currency))
    if tip:
        out += pair(say("tip"), amount.words(tip, currency))
    out += _large(words.of("OUTCOMES", state) or say("unknown")) + _rule() + _host(payment, words)
    if words.of("CVM", payment["cvm"]) and payment["state"] == transaction.APPROVED:
        out += _lines("line", words.of("CVM", payment["cvm"]))
    return out + pair(say("trigger"), payment["trigger"]) + [("line", "")] + _lines("centre", say(copy)) + banner


def report(title, pairs, shop, words, unix, offset_min, test_label, notes=()):
    """(style, text) rows of a report: X and Z totals, a settlement, a self-test. `pairs`: (label, value) as they are printed, one of None for
    a rule; `notes`: sentences below."""
    banner = _starred(words.of("PAPER", "training")) if words.training else []
    out = banner + _head(shop, test_label) + _rule() + _large(title) + pair(words.of("PAPER", "printed_at"), _local(unix, offset_min))
    out += pair(words.of("PAPER", "terminal"), shop["terminal"]) + _rule()
    for row in pairs:
        out += pair(*row) if row else _rule()
    if notes:
        out += _rule()
    for note in notes:
        out += _lines("line", note)
    return out + [("line", "")] + banner


def pair(label, value):
    """A label at the left and its value at the right of one row; of two where they do not fit beside each other."""
    room = COLUMNS - width(label) - width(value)
    if room >= 1:
        return [("line", label + " " * room + value)]
    parts = wrapped(value, COLUMNS)
    return _lines("line", label) + [("line", " " * (COLUMNS - width(part)) + part) for part in parts]


def wrapped(text, columns):
    """Pieces of at most so many columns; a piece ends where a word does, or amid a word that is longer than a row."""
    out = []
    while width(text) > columns:
        at = len(text)
        while width(text[:at]) > columns:
            at -= 1
        space = text.rfind(" ", 1, at + 1)
        if space > 0:
            at = space
        out.append(text[:at])
        text = text[at:].lstrip(" ")
    return out + [text]


def _head(shop, test_label):
    out = _large(shop["name"])
    for line in shop["address"].split("\n"):
        out += _lines("centre", line)
    return out + (_lines("centre", "*** %s ***" % test_label.upper()) if test_label else [])


def _card(payment, say):
    out = []
    if payment["label"]:
        out += pair(say("card"), payment["label"])
    if payment["aid"]:
        out += pair(say("aid"), payment["aid"])
    if payment["pan"]:
        out += pair(say("number"), "**** " + payment["pan"][-4:])
    if payment["entry"]:
        out += pair(say("entry"), say(payment["entry"]))
    return out


def _original(payment, say):
    return pair(say("original"), "%06d" % payment["original_stan"]) + pair(say("number"), "**** " + payment["pan"][-4:])


def _host(payment, words):
    out = pair(words.of("PAPER", "stan"), "%06d" % payment["stan"])
    for name in ("rrn", "auth", "response"):
        if payment.get(name):
            out += pair(words.of("PAPER", name), payment[name])
    if payment.get("reason") and not payment.get("response"):
        out += _lines("line", " ".join(part for part in words.reason(payment["reason"]) if part))
    return out


def _local(unix, offset_min):
    return clock.readable(unix + offset_min * 60)


def _rule():
    return [("line", "-" * COLUMNS)]


def _large(text):
    return _lines("title" if width(text) <= COLUMNS // 2 else "big", text)


def _lines(style, text):
    return [(style, part) for part in wrapped(text, COLUMNS)]


def _starred(text):
    return [("bold", " " * ((COLUMNS - width(text) - 8) // 2) + "*** %s ***" % text)]
