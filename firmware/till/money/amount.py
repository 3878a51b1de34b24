# amount.py: money in whole minor units [pure]. No float ever. Raises Malformed for what is not an amount.
from till.core.errors import Malformed

CURRENCIES = {978: ("EUR", 2), 840: ("USD", 2), 826: ("GBP", 2), 156: ("CNY", 2), 392: ("JPY", 0), 414: ("KWD", 3)}   # ISO 4217
MOST_MINOR = 999999999999           # field 4 has twelve digits


def words(minor, currency):
    """1250, 978 -> "12.50 EUR"."""
    name, decimals = CURRENCIES[currency]
    return "%s %s" % (digits(minor, decimals), name)


def digits(minor, decimals):
    if not decimals:
        return str(minor)
    whole, part = divmod(minor, 10 ** decimals)
    return "%d.%0*d" % (whole, decimals, part)


def _plain(text):
    """ASCII digits alone, and at least one: other scripts have digits too, and superscripts."""
    return bool(text) and all("0" <= letter <= "9" for letter in text)


def parse(text, decimals):
    """"12.50" -> 1250. Exactly the currency's decimals, or none at all."""
    whole, dot, part = text.partition(".")
    if not _plain(whole) or (dot and (not decimals or len(part) != decimals or not _plain(part))):
        raise Malformed("amount")
    minor = int(whole) * 10 ** decimals + int(part or "0")
    if not 0 < minor <= MOST_MINOR:
        raise Malformed("amount")
    return minor
