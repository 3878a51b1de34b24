# wallet.py: the bench's cards by behaviour, and the counters that each keeps for life. KeyError for a name it does not hold.
import json
import os
import warnings
from pathlib import Path

from cryptography.utils import CryptographyDeprecationWarning
from pyemv import cvn

from microtill import demo
from microtill.bench.cards.mchip import MChip
from microtill.bench.cards.visa import OtherScheme, Phone, Visa

warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning, module="pyemv")     # EMV is TDES, for ever

PULLED_AT = 3                         # the command that `pulled` no longer hears, where nobody says otherwise
_VERSIONS = {"visa-10": cvn.VisaCVN10, "visa-18": cvn.VisaCVN18, "mchip-16": cvn.MasterCardCVN16, "mchip-17": cvn.MasterCardCVN17}
_KINDS = {"phone": Phone, "other-scheme": OtherScheme}
_PEOPLE = {person.name: person for person in demo.CARDS}
SCREENS = {                           # what the customer reads at the end, by the reason that a card promises
    "approved": "Approved", "no_funds": "Not enough money", "pick_up": "Please keep the card", "expired": "Card has expired",
    "blocked": "Card is blocked", "not_accepted": "Not taken here", "not_genuine": "Card is not genuine", "card_removed": "Card moved too soon",
}
_UNUSED = bytes.fromhex("0101010101010101 0101010101010101")     # script keys: no issuer script reaches a card that has gone


def genuine(product, issuer_key, pan, psn):
    """A pyemv cryptogram version with the card's own keys derived from `issuer_key` (16 bytes)."""
    return _VERSIONS[product](issuer_key, _UNUSED, _UNUSED, pan, psn)


class Wallet:
    """Cards by name. `path` is a JSON file of transaction counters by card name (no card number in it), or None to keep them in memory."""

    def __init__(self, path=None, issuer_keys=demo.ISSUER_KEYS):
        self._path = Path(path) if path is not None else None
        self._issuer_keys = issuer_keys
        self._counters = {}
        if self._path is not None and self._path.exists():
            self._counters = {name: int(value) for name, value in json.loads(self._path.read_text()).items()}

    def names(self):
        return list(_PEOPLE)

    def person(self, name):
        """The demo.Person who holds the card: PIN, PAN, promise."""
        return _PEOPLE[name]

    def card(self, name, pulled_at=None):
        """A card out of the field, as it comes from the wallet. `pulled_at`: the command, counted from 1, that it no longer hears."""
        person = _PEOPLE[name]
        issuer_key = self._issuer_keys[person.product]
        if name == "clone":
            issuer_key = bytes((issuer_key[0] ^ 0x10,)) + issuer_key[1:]
        if name == "pulled" and pulled_at is None:
            pulled_at = PULLED_AT
        kind = _KINDS.get(name, Visa if person.product.startswith("visa") else MChip)
        return kind(person, genuine(person.product, issuer_key, person.pan, person.psn), lambda: self._count(name), pulled_at)

    def promises(self):
        """What `microtill cards` prints, for a sale of 12.50 on an empty state folder. `pin` only where that sale asks for one."""
        return [{"name": person.name, "outcome": person.outcome, "reason": person.reason, "screen": SCREENS[person.reason],
                 "pan": person.pan, "about": person.about,
                 **({"pin": person.pin} if person.asks_pin else {})} for person in demo.CARDS]

    def _count(self, name):
        """The card's next transaction counter, written down before it is used."""
        self._counters[name] = self._counters.get(name, 0) + 1
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = self._path.with_suffix(".new")
            fresh.write_text(json.dumps(self._counters, sort_keys=True))
            os.replace(fresh, self._path)
        return self._counters[name]
