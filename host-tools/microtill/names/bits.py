# bits.py: the bits of TVR, TTQ, CTQ, AIP, CID, capabilities and CVM results in words. A bit with no meaning is named by its place.
_TVR = (
    ("offline data authentication was not performed", "static data authentication failed", "card data missing",
     "card on the exception file", "dynamic data authentication failed", "combined data authentication failed",
     "static data authentication selected", ""),
    ("card and terminal have different application versions", "expired application", "application not yet effective",
     "requested service not allowed for the card product", "new card", "", "", ""),
    ("cardholder verification was not successful", "unrecognised CVM", "PIN try limit exceeded",
     "PIN entry required, PIN pad missing or broken", "PIN entry required, PIN was not entered", "online PIN entered", "", ""),
    ("transaction exceeds the floor limit", "lower consecutive offline limit exceeded", "upper consecutive offline limit exceeded",
     "selected randomly for online processing", "merchant forced the transaction online", "", "", ""),
    ("default TDOL used", "issuer authentication failed", "script failed before the final GENERATE AC",
     "script failed after the final GENERATE AC", "relay resistance threshold exceeded", "relay resistance time limits exceeded",
     "relay resistance protocol performed",
     "relay resistance protocol not performed"))
_TTQ = (
    ("magnetic stripe mode supported", "", "qVSDC supported", "EMV contact chip supported", "offline-only reader", "online PIN supported",
     "signature supported", "offline data authentication for online authorisations supported"),
    ("online cryptogram required", "CVM required", "offline PIN on contact chip supported", "", "", "", "", ""),
    ("issuer update processing supported", "consumer device CVM supported", "", "", "", "", "", ""),
    ("fDDA version 1.0 supported", "", "", "", "", "", "", ""))
_CTQ = (
    ("online PIN required", "signature required", "go online if offline data authentication fails",
     "switch interface if offline data authentication fails", "go online if the application is expired", "switch interface for cash",
     "switch interface for cashback", ""),
    ("consumer device CVM performed", "card supports issuer update processing", "", "", "", "", "", ""))
_AIP_1 = ("", "static data authentication supported", "dynamic data authentication supported", "cardholder verification supported",
          "terminal risk management to be performed", "issuer authentication supported", "on-device cardholder verification supported",
          "combined data authentication supported")
_AIP = {"C-2": (_AIP_1, ("EMV mode supported", "", "", "", "", "", "", "relay resistance protocol supported")),
        "C-3": (_AIP_1, ("magnetic stripe mode supported", "mobile device", "", "", "", "", "", ""))}
_CAPABILITIES = (
    ("manual key entry", "magnetic stripe", "chip with contacts", "", "", "", "", ""),
    ("plain PIN for the card", "enciphered PIN online", "signature", "enciphered PIN for the card", "no CVM required", "", "", ""),
    ("static data authentication", "dynamic data authentication", "card capture", "", "combined data authentication", "", "", ""))
_MORE = (
    ("cash", "goods", "services", "cashback", "inquiry", "transfer", "payment", "administrative"),
    ("cash deposit", "", "", "", "", "", "", ""),
    ("numeric keys", "letters and special keys", "command keys", "function keys", "", "", "", ""),
    ("prints for the attendant", "prints for the cardholder", "display for the attendant", "display for the cardholder", "", "",
     "code table 10", "code table 9"),
    tuple("code table %d" % n for n in range(8, 0, -1)))
_USAGE = (
    ("domestic cash", "international cash", "domestic goods", "international goods", "domestic services", "international services",
     "at cash machines", "elsewhere than at cash machines"),
    ("domestic cashback", "international cashback", "", "", "", "", "", ""))
TABLES = {"95": _TVR, "9F0D": _TVR, "9F0E": _TVR, "9F0F": _TVR, "9F66": _TTQ, "9F6C": _CTQ, "9F33": _CAPABILITIES, "9F40": _MORE,
          "9F07": _USAGE}

# EMV Book 3 annex C3: rule byte 1, bits 6 to 1, and rule byte 2; EMV Book 4 annex A4: the result
METHODS = {0x00: "fail", 0x01: "plain PIN checked by the card", 0x02: "enciphered PIN checked online",
           0x03: "plain PIN checked by the card, and signature", 0x04: "enciphered PIN checked by the card",
           0x05: "enciphered PIN checked by the card, and signature",
           0x1E: "signature", 0x1F: "no CVM",
           0x3F: "no CVM performed"}
CONDITIONS = {0x00: "always", 0x01: "if unattended cash", 0x02: "if neither cash nor cashback", 0x03: "if the terminal supports it",
              0x04: "if manual cash", 0x05: "if cashback", 0x06: "if under amount X", 0x07: "if over amount X", 0x08: "if under amount Y",
              0x09: "if over amount Y"}
RESULTS = {0: "result not known here", 1: "failed", 2: "successful"}
_KINDS = {0x00: "AAC: declined by the card", 0x40: "TC: approved offline", 0x80: "ARQC: wants to go online", 0xC0: "reserved"}
_ADVICE = ("", "service not allowed", "PIN try limit exceeded", "issuer authentication failed")


def of(tag, value, kernel=""):
    """Words for the bits of `value` (hex text) of a tag, by byte; [] for a tag that has none, or a value that is starred or odd."""
    try:
        data = bytes.fromhex(value)
    except ValueError:
        return []
    if not data:
        return []
    if tag in _SPECIAL:
        return _SPECIAL[tag](data)
    table = _AIP["C-2" if kernel == "C-2" else "C-3"] if tag == "82" else TABLES.get(tag)
    return _named(table, data) if table else []


def _named(table, data):
    out = []
    for at, byte in enumerate(data):
        for bit in range(8, 0, -1):
            if byte >> (bit - 1) & 1:
                word = table[at][8 - bit] if at < len(table) else ""
                out.append("byte %d bit %d: %s" % (at + 1, bit, word or "no meaning known"))
    return out


def _cid(data):
    out = [_KINDS[data[0] & 0xC0]]
    if data[0] & 0x08:
        out.append("advice required")
    reason = data[0] & 0x07
    if reason:
        out.append(_ADVICE[reason] if reason < len(_ADVICE) else "reason %d" % reason)
    return out


def _cvm_results(data):
    if len(data) != 3:
        return []
    # 3F is a result of its own ("no CVM performed"); in a list bit 7 says what to do on failure
    method = METHODS.get(data[0] & 0x3F, "method %02X" % (data[0] & 0x3F))
    return [method, CONDITIONS.get(data[1], "condition %02X" % data[1]), RESULTS.get(data[2], "result %02X" % data[2])]


def _cvm_list(data):
    if len(data) < 8 or len(data) % 2:
        return []
    out = ["amount X %d, amount Y %d" % (int.from_bytes(data[:4], "big"), int.from_bytes(data[4:8], "big"))]
    for at in range(8, len(data), 2):
        method = METHODS.get(data[at] & 0x3F, "method %02X" % (data[at] & 0x3F))
        out.append("%s, %s; if it fails, %s" % (method, CONDITIONS.get(data[at + 1], "condition %02X" % data[at + 1]),
                                               "the next rule" if data[at] & 0x40 else "stop"))
    return out


def _locator(data):
    if len(data) % 4:
        return []
    signed = ", %d signed"
    return ["file %d, records %d to %d%s" % (data[at] >> 3, data[at + 1], data[at + 2], signed % data[at + 3] if data[at + 3] else "")
            for at in range(0, len(data), 4)]


_SPECIAL = {"9F27": _cid, "9F34": _cvm_results, "8E": _cvm_list, "94": _locator}
