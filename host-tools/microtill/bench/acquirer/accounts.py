# accounts.py: the demonstration's accounts as the bank keeps them: numbers and PINs by keyed hash. KeyError for a card it does not know.
from microtill import demo
from microtill.bench.acquirer.issuer import keyed_hash


class Accounts:
    """Keyed hashes over one pair of keys (bytes). `name(pan)` is the account's name in the ledger, 64 hex digits."""

    def __init__(self, account_key=demo.ACCOUNT_HASH_KEY, pin_key=demo.PIN_HASH_KEY):
        self._account_key, self._pin_key = account_key, pin_key

    def name(self, pan):
        return keyed_hash(self._account_key, pan.encode("ascii")).hex()

    def pin(self, account, pin):
        return keyed_hash(self._pin_key, account.encode("ascii"), pin.encode("ascii"))

    def seed(self, ledger, people=demo.CARDS):
        """Opens an account for each person who has none yet; what is open stays as it is."""
        for person in people:
            account = self.name(person.pan)
            ledger.seed(account, person.product, person.psn, person.expiry, person.status, person.balance_minor,
                        self.pin(account, person.pin))

    def of(self, name_or_pan, people=demo.CARDS):
        """The account of a card, by the card's name or its number."""
        for person in people:
            if name_or_pan in (person.name, person.pan):
                return self.name(person.pan)
        raise KeyError("no such card")
