# tags.py: data objects by tag: name, clause, how their bytes are read. A tag that is not in the table is "unknown".
BOOK1, BOOK3, BOOK4 = "EMV Book 1", "EMV Book 3 annex A", "EMV Book 4 annex A"
_B, _C2, _C3, _HOST = "EMV Contactless Book B", "EMV Contactless Book C-2 annex A", "EMV Contactless Book C-3 annex (%s)", "docs/host.md 126"

# How a value reads: hex as it is, text, digits, an amount in minor units, a list of tags and sizes, an account number
HEX, TEXT, DIGITS, AMOUNT, DOL, NUMBER = "hex", "text", "digits", "amount", "dol", "number"

TAGS = {
    "42": ("issuer identification number", BOOK3, DIGITS),
    "4F": ("application identifier (ADF name)", BOOK1 + " table 45", HEX),
    "50": ("application label", BOOK1 + " table 45", TEXT),
    "56": ("track 1 data", _C2, NUMBER),
    "57": ("track 2 equivalent data", BOOK3, NUMBER),
    "5A": ("application PAN", BOOK3, NUMBER),
    "5F20": ("cardholder name", BOOK3, NUMBER),
    "5F24": ("application expiration date", BOOK3, DIGITS),
    "5F25": ("application effective date", BOOK3, DIGITS),
    "5F28": ("issuer country code", BOOK3, DIGITS),
    "5F2A": ("transaction currency code", BOOK3, DIGITS),
    "5F2D": ("language preference", BOOK3, TEXT),
    "5F30": ("service code", BOOK3, DIGITS),
    "5F34": ("PAN sequence number", BOOK3, DIGITS),
    "61": ("application template (directory entry)", _B + " 3.3.2", HEX),
    "6F": ("file control information template", BOOK1 + " 11.3.4", HEX),
    "70": ("record template", "EMV Book 3 6.5.11 READ RECORD", HEX),
    "77": ("response template, format 2", "EMV Book 3 6.5.8.4", HEX),
    "80": ("response template, format 1", "EMV Book 3 6.5.8.4", HEX),
    "82": ("application interchange profile (AIP)", "EMV Book 3 annex C1", HEX),
    "83": ("command template", "EMV Book 3 6.5.8.3", HEX),
    "84": ("dedicated file name", BOOK1 + " 11.3.4", HEX),
    "87": ("application priority indicator", BOOK1 + " 12.2.3", HEX),
    "8A": ("authorisation response code", BOOK3, TEXT),
    "8C": ("card risk management data object list 1 (CDOL1)", "EMV Book 3 5.4", DOL),
    "8D": ("card risk management data object list 2 (CDOL2)", "EMV Book 3 5.4", DOL),
    "8E": ("cardholder verification method list", "EMV Book 3 10.5, annex C3", HEX),
    "91": ("issuer authentication data (ARPC)", "EMV Book 2 8.2", HEX),
    "94": ("application file locator (AFL)", "EMV Book 3 10.2", HEX),
    "95": ("terminal verification results (TVR)", "EMV Book 3 annex C5", HEX),
    "9A": ("transaction date", BOOK3, DIGITS),
    "9C": ("transaction type", BOOK3, DIGITS),
    "A5": ("FCI proprietary template", BOOK1 + " 11.3.4", HEX),
    "BF0C": ("FCI issuer discretionary data", BOOK1 + " 11.3.4", HEX),
    "DF4B": ("POS cardholder interaction information", _C2, HEX),
    "9F02": ("amount, authorised", BOOK3, AMOUNT),
    "9F03": ("amount, other", BOOK3, AMOUNT),
    "9F06": ("application identifier (terminal)", BOOK3, HEX),
    "9F07": ("application usage control", "EMV Book 3 annex C2", HEX),
    "9F08": ("application version number (card)", BOOK3, HEX),
    "9F09": ("application version number (terminal)", BOOK3, HEX),
    "9F0B": ("cardholder name, extended", BOOK3, NUMBER),
    "9F0D": ("issuer action code, default", "EMV Book 3 10.7", HEX),
    "9F0E": ("issuer action code, denial", "EMV Book 3 10.7", HEX),
    "9F0F": ("issuer action code, online", "EMV Book 3 10.7", HEX),
    "9F10": ("issuer application data", BOOK3, HEX),
    "9F11": ("issuer code table index", BOOK3, DIGITS),
    "9F12": ("application preferred name", BOOK3, TEXT),
    "9F1A": ("terminal country code", BOOK3, DIGITS),
    "9F20": ("track 2 discretionary data", BOOK3, NUMBER),
    "9F21": ("transaction time", BOOK3, DIGITS),
    "9F26": ("application cryptogram", "EMV Book 2 8.1", HEX),
    "9F27": ("cryptogram information data (CID)", "EMV Book 3 6.5.5.4", HEX),
    "9F2A": ("kernel identifier", _B + " 3.3.2", HEX),
    "9F33": ("terminal capabilities", BOOK4 + "2", HEX),
    "9F34": ("CVM results", BOOK4 + "4", HEX),
    "9F35": ("terminal type", BOOK4 + "1", DIGITS),
    "9F36": ("application transaction counter (ATC)", BOOK3, HEX),
    "9F37": ("unpredictable number", BOOK3, HEX),
    "9F38": ("processing options data object list (PDOL)", "EMV Book 3 5.4", DOL),
    "9F40": ("additional terminal capabilities", BOOK4 + "3", HEX),
    "9F42": ("application currency code", BOOK3, DIGITS),
    "9F4E": ("merchant name and location", BOOK3, TEXT),
    "9F66": ("terminal transaction qualifiers (TTQ)", _C3 % "TTQ", HEX),
    "9F6B": ("track 2 data of magnetic mode", _C2, NUMBER),
    "9F6C": ("card transaction qualifiers (CTQ)", _C3 % "CTQ", HEX),
    "9F6E": ("form factor indicator", _C3 % "FFI", HEX),
    "DF01": ("key serial number (KSN)", "ANSI X9.24-3", HEX),
    "DF02": ("PIN block format", "ISO 9564-1 format 4", HEX),
    "DF03": ("PIN block, enciphered", "ISO 9564-1 format 4", HEX),
    "DF04": ("account data, enciphered", _HOST + "; ANSI X9.24-3 data key", HEX),
    "DF05": ("trigger id", _HOST, TEXT),
    "DF06": ("key serial number (KSN) of the PIN block", "ANSI X9.24-1", HEX),
}
UNKNOWN = ("unknown", "", HEX)


def name(tag):
    return TAGS.get(tag, UNKNOWN)[0]


def clause(tag):
    return TAGS.get(tag, UNKNOWN)[1]


def reads(tag):
    """HEX, TEXT, DIGITS, AMOUNT, DOL or NUMBER."""
    return TAGS.get(tag, UNKNOWN)[2]
