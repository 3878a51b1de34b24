# host.py: ISO 8583:1987 in words: message types, fields, response codes; 55 and 126 unfolded. The unknown is said to be. Never raises.
from microtill.names import safe, unfold

STANDARD = "ISO 8583:1987"
MESSAGES = {
    "0100": "authorisation request", "0110": "authorisation response", "0200": "financial request", "0210": "financial response",
    "0220": "financial advice", "0230": "financial advice response", "0320": "batch upload", "0330": "batch upload response", "0400": "reversal",
    "0401": "reversal, repeated", "0410": "reversal response",
    "0500": "settlement request", "0510": "settlement response",
    "0800": "network management request", "0810": "network management response",
}
FIELDS = {
    "2": "primary account number, masked", "3": "processing code", "4": "amount, transaction", "7": "transmission date and time",
    "11": "system trace audit number (STAN)", "12": "time, local", "13": "date, local", "14": "date, expiration", "22": "POS entry mode",
    "23": "card sequence number", "25": "POS condition code", "35": "track 2 data", "37": "retrieval reference number (RRN)",
    "38": "authorisation code", "39": "response code", "41": "card acceptor terminal id", "42": "card acceptor id (merchant)",
    "49": "currency code, transaction", "52": "PIN data", "53": "security control information", "54": "additional amounts",
    "55": "chip data (EMV TLVs)", "60": "batch number", "74": "credits, number", "75": "credits, reversal number", "76": "debits, number",
    "77": "debits, reversal number", "86": "credits, amount", "87": "credits, reversal amount", "88": "debits, amount",
    "89": "debits, reversal amount", "97": "amount, net settlement",
    "70": "network management code", "90": "original data elements", "126": "private TLV set", "128": "message authentication code (MAC)",
}
RESPONSES = {
    "00": "approved", "05": "do not honour", "10": "approved in part", "12": "invalid transaction", "14": "no such card",
    "25": "original not found",
    "30": "format error", "43": "stolen: pick up", "51": "not enough money", "54": "expired card", "55": "wrong PIN",
    "59": "suspected fraud", "61": "amount above the card's limit", "63": "security violation", "75": "PIN tries used up",
    "91": "issuer away", "94": "duplicate", "95": "totals differ",
    "96": "system malfunction",
}
PROCESSING = {"00": "sale", "02": "void", "20": "refund", "31": "balance",
              "92": "settlement", "96": "settlement after upload", "99": "network management"}
ENTRY = {"071": "contactless chip", "012": "no card, by reference"}
NETWORK = {"001": "sign-on", "301": "echo"}
CURRENCY = {"978": "EUR", "840": "USD", "826": "GBP", "756": "CHF", "392": "JPY"}
_CLAUSES = {"55": "EMV Book 3 annex A", "126": "docs/host.md field 126", "128": "docs/host.md MAC: AES-CMAC, NIST SP 800-38B, key by ANSI X9.24-3"}
_SIDES = {"C": "credit", "D": "debit"}
_ACCOUNTS = ("2", "35", "36", "45", "102", "103")


def message(mti):
    return MESSAGES.get(mti, "unknown message")


def clause(mti):
    return "%s %s" % (STANDARD, mti) if mti else STANDARD


def response(code):
    return RESPONSES.get(code, "unknown")


def fields(recorded, kernel=""):
    """Rows {field, name, clause, value, meaning?, tags?} of a recorded message's fields, in their order."""
    return [field(number, value, kernel) for number, value in sorted(recorded.items(), key=_order)]


def _order(pair):
    return (int(pair[0]), "") if pair[0].isdigit() else (1000, pair[0])


def field(number, value, kernel=""):
    """One field in words; an account number is masked whatever the record holds."""
    value = str(value)
    if number in _ACCOUNTS:
        value = safe.account(value)
    out = {"field": int(number) if number.isdigit() else number, "name": FIELDS.get(number, "unknown"),
           "clause": _CLAUSES.get(number, "%s field %s" % (STANDARD, number)), "value": value}
    if number in ("55", "126"):
        out["tags"] = unfold.rows(value.upper(), kernel)
        if any("*" in one["value"] for one in out["tags"]):
            out["value"] = "".join(_again(one) for one in out["tags"])
    elif number not in ("128", "52"):
        out["value"] = safe.text(value)
    meaning = _meaning(number, value)
    if meaning:
        out["meaning"] = meaning
    return out


def _again(one):
    """A row as TLV text once more (its value starred)."""
    size = len(one["value"]) // 2
    return one["value"] if not one["tag"] else "%s%s%02X%s" % (one["tag"], "81" if size > 127 else "", size, one["value"])


def _meaning(number, value):
    if number == "3":
        return PROCESSING.get(value[:2], "unknown")
    if number in ("4", "86", "87", "88", "89") and value.isdigit():
        return "%d minor units" % int(value)
    if number == "97" and value[:1] in _SIDES and value[1:].isdigit():
        return "%s of %d minor units" % (_SIDES[value[0]], int(value[1:]))
    if number == "7" and len(value) == 10:
        return "day %s of month %s, %s:%s:%s UTC" % (value[2:4], value[:2], value[4:6], value[6:8], value[8:])
    if number == "90" and len(value) == 42:
        return "original %s, STAN %s, sent %s" % (value[:4], value[4:10], value[10:20])
    table = {"22": ENTRY, "39": RESPONSES, "49": CURRENCY, "70": NETWORK}.get(number)
    return table.get(value, "unknown") if table else ""
