# receipt.py: a payment on record as rows for the printer [pure]. What the record lacks is left out, never invented.
from till.core import clock
from till.money import amount, transaction
from till.ui import words

COLUMNS = 32
MERCHANT, CUSTOMER = "MERCHANT COPY", "CUSTOMER COPY"


def rows(payment, shop, copy, again=False, test_label=""):
    """(style, text) rows. `payment`: Ledger.find's; `shop`: name, address, terminal, merchant; `again`: a copy printed later."""
    state = transaction.WORDS[payment["state"]]
    kind = transaction.KINDS[payment["kind"]]
    out = [_large(shop["name"]), ("centre", shop["address"])]
    if test_label:
        out.append(("centre", "*** %s ***" % test_label.upper()))
    if again:
        out.append(("bold", _centred("*** COPY ***")))
    out += [("line", "-" * COLUMNS), ("line", _pair(words.KINDS[kind], clock.readable(payment["unix"]))),
            ("line", _pair("Terminal", shop["terminal"])), ("line", _pair("Merchant", shop["merchant"]))]
    out += _card(payment) if payment["kind"] == transaction.SALE else _original(payment)
    out += [("line", "-" * COLUMNS), _large(amount.words(payment["amount_minor"], payment["currency"])),
            _large(words.OUTCOMES.get(state, "OUTCOME UNKNOWN")), ("line", "-" * COLUMNS)]
    out += _host(payment)
    if words.CVM[payment["cvm"]] and payment["state"] == transaction.APPROVED:
        out.append(("line", words.CVM[payment["cvm"]]))
    out += [("line", _pair("Trigger", payment["trigger"])), ("line", ""), ("centre", copy)]
    return out


def _card(payment):
    out = []
    if payment["label"]:
        out.append(("line", _pair("Card", payment["label"])))
    if payment["aid"]:
        out.append(("line", _pair("AID", payment["aid"])))
    if payment["pan"]:
        out.append(("line", _pair("Number", "**** " + payment["pan"][-4:])))
    if payment["entry"]:
        out.append(("line", _pair("Entry", payment["entry"])))
    return out


def _original(payment):
    return [("line", _pair("Of payment", "%06d" % payment["original_stan"])), ("line", _pair("Number", "**** " + payment["pan"][-4:]))]


def _host(payment):
    out = [("line", _pair("STAN", "%06d" % payment["stan"]))]
    for label, name in (("RRN", "rrn"), ("Authorisation", "auth"), ("Response", "response")):
        if payment.get(name):
            out.append(("line", _pair(label, payment[name])))
    if payment.get("reason") and not payment.get("response"):
        out.append(("line", " ".join(part for part in words.reason(payment["reason"]) if part)))
    return out


def _large(text):
    return "title" if len(text) <= COLUMNS // 2 else "big", text


def _pair(label, value):
    return label + " " * max(1, COLUMNS - len(label) - len(value)) + value


def _centred(text):
    return " " * ((COLUMNS - len(text)) // 2) + text
