# receipt.py: a payment on record as rows for the printer [pure]. What the record lacks is left out, never invented.
from till.core import clock
from till.money import amount, transaction

COLUMNS = 32
MERCHANT, CUSTOMER = "merchant_copy", "customer_copy"       # names in PAPER


def rows(payment, shop, copy, words, again=False, test_label=""):
    """(style, text) rows. `payment`: Ledger.find's; `shop`: name, address, terminal, merchant; `words`: ui.words.Words; `again`: a copy
    printed later."""
    def say(name):
        return words.of("PAPER", name)
    state = transaction.WORDS[payment["state"]]
    kind = transaction.KINDS[payment["kind"]]
    out = [_large(shop["name"]), ("centre", shop["address"])]
    if test_label:
        out.append(("centre", "*** %s ***" % test_label.upper()))
    if again:
        out.append(("bold", _centred("*** %s ***" % say("copy"))))
    out += [("line", "-" * COLUMNS), ("line", _pair(words.of("KINDS", kind), clock.readable(payment["unix"]))),
            ("line", _pair(say("terminal"), shop["terminal"])), ("line", _pair(say("merchant"), shop["merchant"]))]
    out += _card(payment, say) if payment["kind"] == transaction.SALE else _original(payment, say)
    out += [("line", "-" * COLUMNS), _large(amount.words(payment["amount_minor"], payment["currency"])),
            _large(words.of("OUTCOMES", state) or say("unknown")), ("line", "-" * COLUMNS)]
    out += _host(payment, words)
    if words.of("CVM", payment["cvm"]) and payment["state"] == transaction.APPROVED:
        out.append(("line", words.of("CVM", payment["cvm"])))
    out += [("line", _pair(say("trigger"), payment["trigger"])), ("line", ""), ("centre", say(copy))]
    return out


def _card(payment, say):
    out = []
    if payment["label"]:
        out.append(("line", _pair(say("card"), payment["label"])))
    if payment["aid"]:
        out.append(("line", _pair(say("aid"), payment["aid"])))
    if payment["pan"]:
        out.append(("line", _pair(say("number"), "**** " + payment["pan"][-4:])))
    if payment["entry"]:
        out.append(("line", _pair(say("entry"), say(payment["entry"]))))
    return out


def _original(payment, say):
    return [("line", _pair(say("original"), "%06d" % payment["original_stan"])), ("line", _pair(say("number"), "**** " + payment["pan"][-4:]))]


def _host(payment, words):
    out = [("line", _pair(words.of("PAPER", "stan"), "%06d" % payment["stan"]))]
    for name in ("rrn", "auth", "response"):
        if payment.get(name):
            out.append(("line", _pair(words.of("PAPER", name), payment[name])))
    if payment.get("reason") and not payment.get("response"):
        out.append(("line", " ".join(part for part in words.reason(payment["reason"]) if part)))
    return out


def _large(text):
    return "title" if len(text) <= COLUMNS // 2 else "big", text


def _pair(label, value):
    return label + " " * max(1, COLUMNS - len(label) - len(value)) + value


def _centred(text):
    return " " * ((COLUMNS - len(text)) // 2) + text
