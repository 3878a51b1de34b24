# owed.py: the payments that have not ended, oldest first, and what of them is owed to the bank [pure]: adding one, ending one and finding the next
# cost the same however many there are. Their words stay on flash; here stands what is asked for often. KeyError for a payment that is not open.
from till.money import transaction


class Open:
    """One payment: `sector`, `offset`: where its record lies at the earliest, `outcome`, `promise`: (sector, offset) of what came of it and of
    its reversal, or None; `unix`: when it began."""

    __slots__ = ("stan", "kind", "minor", "unix", "trigger", "sector", "offset", "state", "outcome", "promise", "before", "after")

    def __init__(self, stan, kind, minor, unix, trigger, sector, offset):
        self.stan, self.kind, self.minor, self.unix, self.trigger, self.sector, self.offset = stan, kind, minor, unix, trigger, sector, offset
        self.state = transaction.OWED
        self.outcome = self.promise = self.before = self.after = None


class Owed:
    """`count` and `minor` (units of the currency's smallest) are of what owes a reversal."""

    def __init__(self):
        self._all = {}
        self.first = self._last = None
        self.count = self.minor = 0

    def __contains__(self, stan):
        return stan in self._all

    def __getitem__(self, stan):
        return self._all[stan]

    def add(self, payment):
        self._all[payment.stan] = payment
        payment.before = self._last
        if self._last:
            self._last.after = payment
        else:
            self.first = payment
        self._last = payment

    def move(self, stan, state):
        """What it owes changes with its state; one that is not open any more leaves."""
        payment = self._all[stan]
        change = (state == transaction.REVERSAL_DUE) - (payment.state == transaction.REVERSAL_DUE)
        self.count += change
        self.minor += change * payment.minor
        payment.state = state
        if state not in transaction.OPEN:
            self._leave(payment)

    def _leave(self, payment):
        del self._all[payment.stan]
        if payment.before:
            payment.before.after = payment.after
        else:
            self.first = payment.after
        if payment.after:
            payment.after.before = payment.before
        else:
            self._last = payment.before

    def next(self):
        """The oldest that owes a reversal, or None. One whose answer is still awaited owes nothing yet; there is one such at a time."""
        payment = self.first if self.count else None
        while payment and payment.state != transaction.REVERSAL_DUE:
            payment = payment.after
        return payment

    def stans(self):
        """Of all, oldest first."""
        out, payment = [], self.first
        while payment:
            out.append(payment.stan)
            payment = payment.after
        return out
