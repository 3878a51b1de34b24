# ledger.py: the one door to the journal. Every act is a plain def that returns when flash holds it; no await, so no cancel can tear it.
# Three syncs a sale: owed, outcome, printed. What is open and the sums are held in memory; the rest is read when asked, by a "look": a generator
# that takes one record a step, so that others have their turn (flows/looking.py), and returns what it found. Raises JournalFull, StorageFault.
# A sector's first act is followed by the sums so far (a checkpoint), so that a boot reads two sectors, however long the journal is.
from till.core import clock, log
from till.core.errors import JournalFull, StorageFault
from till.money import totals, transaction
from till.money.owed import Open, Owed
from till.wire import records

ROOM_FOR_A_SALE = 2048      # bytes: owed, outcome, reversal, its end, printed, and something to spare
MOST_BYTES = 72             # of a setting's words, so that a record fits a page
_READ_AT_BOOT = (records.PAYMENT, records.OUTCOME, records.REVERSAL, records.SUMS, records.CLOSING)


class Ledger:
    """`open`: what has not ended, an Owed. `last_stan`: of the newest payment.
    `newest`: Unix seconds of what was written last, 0: nothing was.
    `offset_min`: minutes east of UTC where the shop's day begins; set it before `mount`."""

    def __init__(self, ring, offset_min=0):
        self._ring, self.offset_min = ring, offset_min
        self.open = Owed()
        self.last_stan, self._last_sector, self._last_offset = 0, 0, ring.FIRST     # of the newest payment: what is asked for most is found at once
        self._sums, self.newest = totals.nothing(), 0
        self._checkpoint = 0                        # the sector of the newest sums on flash, 0: none yet
        self._since = ring.keep                     # the sector from which a boot must read to know all that this object knows

    def mount(self):
        """Read what may be open, and the sums: from the sector that the newest header names."""
        for sequence, _number, kind, payload in self._ring.records(self._ring.keep):
            if kind in _READ_AT_BOOT:
                self._learn((sequence, self._ring.found), kind, records.decode(kind, payload))
        self._keep()
        return self

    def _learn(self, place, kind, values):
        """What one record changes in memory, at boot and when it is written. `place`: its sector, and where in that it begins."""
        self.newest = values.get("unix", self.newest)
        if kind == records.PAYMENT:
            self._add(values, place)
        elif kind == records.OUTCOME:
            self._settle(values["stan"], values["state"], values["unix"], place)
        elif kind == records.REVERSAL and values["stan"] in self.open:
            self.open[values["stan"]].promise = place
        elif kind == records.SUMS:
            self._sums = {name: values[name] for name in self._sums}
            self._checkpoint, self._since = place[0], self._oldest(place[0])
        elif kind == records.CLOSING and values["what"] in totals.CLOSES:
            totals.close(self._sums, totals.CLOSES[values["what"]], values["period_number"])

    def _add(self, values, place):
        stan = self.last_stan = values["stan"]
        self._last_sector, self._last_offset = place
        self.open.add(Open(stan, values["kind"], values["amount_minor"], values["unix"], values["trigger"], *place))

    def _settle(self, stan, state, unix, place):
        if stan not in self.open:
            return
        payment = self.open[stan]
        payment.outcome = place
        if state == transaction.APPROVED:
            totals.add(self._sums, payment.kind, payment.minor, totals.day_of(unix, self.offset_min))
        self.open.move(stan, state)

    def _oldest(self, sequence):
        """The oldest sector that holds something open, or `sequence` where that is older."""
        return min(self.open.first.sector, sequence) if self.open.first else sequence

    def _keep(self):
        """Nothing open may be erased, nor what came after the newest sums: tell the ring how far back that reaches."""
        self._ring.keep = self._oldest(self._since)

    def has_room(self):
        return self._ring.room() >= ROOM_FOR_A_SALE

    # the acts
    def _write(self, kind, values):
        """One record on flash, then in memory; then the sums, where it is the first of its sector, or where an old debt has ended: the sums
        from before it would hold back all that is since."""
        self._ring.append(kind, records.encode(kind, values))
        place = self._ring.sequence, self._ring.began
        if kind == records.PAYMENT or values.get("state") == transaction.APPROVED:
            self._sure()
        newest = self.newest
        self._learn(place, kind, values)
        self.newest = max(newest, self.newest)      # a clock that goes back is seen until a start, or a person, makes it count
        if self._checkpoint != self._ring.sequence or self._oldest(self._ring.sequence) > self._since + 1:
            self._write_sums()
        self._keep()

    def _sure(self):
        """From here on the newest record can be altered, and never pass for torn. Where flash does not take that, the record counts all the same."""
        try:
            self._ring.sure()
        except StorageFault as error:
            log.event("device", "", "flash", error.code)

    def _write_sums(self):
        """A checkpoint that cannot be had is tried again after the next act: the one before it still holds, and so does the act."""
        values = dict(self._sums)
        values["unix"] = clock.unix()
        try:
            self._ring.append(records.SUMS, records.encode(records.SUMS, values))
        except (JournalFull, StorageFault) as error:
            log.event("device", "", "flash", error.code)
        else:
            self._checkpoint, self._since = self._ring.sequence, self._oldest(self._ring.sequence)

    def reckon(self):
        """The clock was behind, and counts from here on: also for the next start, which reads this last."""
        self._write_sums()
        self.newest = clock.unix()

    def started(self, boot, cause, settings=""):
        """`settings`: the mark of those in force."""
        self._write(records.STARTED, {"boot": boot, "unix": clock.unix(), "cause": cause, "settings": settings})

    def owe(self, values):
        """Sync 1: the payment exists, before its first byte leaves. `values` as records.PAYMENT."""
        self._write(records.PAYMENT, values)
        log.event("money", values["trigger"], "owed", values["stan"], values["amount_minor"])

    def happened(self, stan, what, answer=None, reason=""):
        """Sync 2, and every later turn: `what` happened to an open payment (transaction.STEPS). Returns the new state."""
        payment = self.open[stan]
        state = transaction.step(payment.state, what)
        answer = answer or {}
        self._write(records.OUTCOME, {
            "stan": stan, "state": state, "unix": clock.unix(), "what": what, "response": answer.get("response", ""),
            "auth": answer.get("auth", ""), "rrn": answer.get("rrn", ""), "reason": reason})
        log.event("money", payment.trigger, transaction.WORDS[state], stan, what)
        return state

    def reversal(self, stan, reversal_stan, field7, ksn, why):
        """The reversal that is owed gets its STAN, time and key serial number, which all its repeats keep."""
        values = {"stan": stan, "reversal_stan": reversal_stan, "field7": field7, "ksn": ksn, "why": why}
        self._write(records.REVERSAL, values)
        return values

    def printed(self, stan, copies, result):
        """Sync 3: on paper, or why not; "unknown" is a result."""
        self._write(records.PRINTED, {"stan": stan, "copies": copies, "result": result})

    def alarm(self, source, code, trigger=""):
        self._write(records.ALARM, {"unix": clock.unix(), "source": source, "code": cut(code), "trigger": trigger})

    def refuse(self, kind, minor, reason, trigger):
        """A person's wish (a transaction's kind, 0 for none, and minor units) that a guard refused."""
        self._write(records.REFUSED, {"unix": clock.unix(), "kind": kind, "amount_minor": minor, "reason": reason, "trigger": trigger})

    def changed(self, setting, before, after, trigger):
        """One setting of the owner's, as its words before and after, cut to what a record holds."""
        self._write(records.CHANGED, {"unix": clock.unix(), "setting": cut(setting), "before": cut(before), "after": cut(after),
                                      "trigger": trigger})

    def closed(self, what, result, stan, trigger):
        """A shift ("z") or a batch ("settled") is over: its number and sums on record, and the next begins at nothing. Returns that record."""
        period = totals.CLOSES[what]
        values = totals.of(self._sums, period)
        values.update({"unix": clock.unix(), "period_number": self._sums[period], "stan": stan, "what": what, "result": result,
                       "trigger": trigger})
        self._write(records.CLOSING, values)
        log.event("closing", trigger, what, values["period_number"], result)
        return values

    # what it adds up to
    @property
    def sums(self):
        """totals.nothing's names as they stand now; `day_minor` is today's, whenever it is read."""
        return totals.on_day(self._sums, totals.day_of(clock.unix(), self.offset_min))

    def card_minor(self, account, day):
        """A look: minor units of the approved sales of one account (its hash) on one local day, as far as they began no earlier than an hour
        before it."""
        minor, mine = 0, {}
        sequence = yield from self._sector_of((day * 24 - 1) * 3_600 - self.offset_min * 60)
        for _sequence, _number, kind, payload in self._ring.records(sequence):
            if kind == records.PAYMENT:
                values = records.brief(kind, payload, "account")
                if values["account"] == account and values["kind"] == transaction.SALE:
                    mine[values["stan"]] = values["amount_minor"]
            elif kind == records.OUTCOME and mine:
                values = records.decode(kind, payload)
                paid = mine.pop(values["stan"], 0) if values["state"] not in transaction.OPEN else 0
                if values["state"] == transaction.APPROVED and totals.day_of(values["unix"], self.offset_min) == day:
                    minor += paid
            yield
        return minor

    def since(self, unix):
        """A look that gives every payment that began at that moment or later, its numbers and account as records.PAYMENT has them, oldest first,
        and None at a step without one. Reads the sectors that may hold one, no more."""
        sequence = yield from self._sector_of(unix)
        for _sequence, _number, kind, payload in self._ring.records(sequence):
            values = records.brief(kind, payload, "account") if kind == records.PAYMENT else None
            yield values if values and values["unix"] >= unix else None

    def _sector_of(self, unix):
        """A look: sequence of the newest sector that began before that moment, or of the oldest one."""
        sequence = self._ring.sequence
        while sequence > 1 and self._began(sequence) >= unix:
            sequence -= 1
            yield
        return sequence

    def _began(self, sequence):
        """When the first dated record of a sector was written; 0 where the ring does not hold that sector."""
        for found, _number, kind, payload in self._ring.records(sequence):
            if found != sequence:
                return 0
            unix = records.decode(kind, payload).get("unix", 0)
            if unix:
                return unix
        return 0

    def batch(self):
        """A look: [(stan, sector)] of the approved payments since the last settlement, oldest first, as far as the ring still holds them."""
        owed, found = {}, []
        for sequence, _number, kind, payload in self._ring.records():
            values = records.decode(kind, payload) if kind in (records.PAYMENT, records.OUTCOME, records.CLOSING) else {}
            if kind == records.PAYMENT:
                owed[values["stan"]] = sequence
            elif kind == records.CLOSING:
                found = [] if values["what"] == "settled" else found
            elif values and values["state"] not in transaction.OPEN and values["stan"] in owed:
                sector = owed.pop(values["stan"])
                if values["state"] == transaction.APPROVED:
                    found.append((values["stan"], sector))
            yield
        return found

    def approved(self, stan, sector):
        """A look: one payment of `batch` as `find` gives it, read from its own sector up to its approval; None where it has left the ring."""
        found = None
        for _sequence, _number, kind, payload in self._ring.records(sector):
            if kind in (records.PAYMENT, records.OUTCOME):
                values = records.decode(kind, payload)
                if values["stan"] == stan:
                    found = self._merge(found, kind, values)
                    if found and found["state"] == transaction.APPROVED:
                        return found
            yield
        return None

    # what is on record
    def owed(self):
        """The oldest payment that owes a reversal, as `find` gives it, or None. Raises StorageFault where flash does not hold it any more."""
        payment = self.open.next()
        if not payment:
            return None
        found = self._of_open(payment)
        if not found:
            raise StorageFault("lost")
        return found

    def owing(self):
        """(how many payments owe a reversal, minor units, seconds since the oldest of them began)."""
        oldest = self.open.next()
        return self.open.count, self.open.minor, max(0, clock.unix() - oldest.unix) if oldest else 0

    def find(self, stan):
        """A look: everything on record of one payment, as one dict, or None. The newest is found without reading all."""
        if stan in self.open:
            return self._of_open(self.open[stan])
        found, where = None, (self._last_sector, self._last_offset) if stan == self.last_stan else ()
        for _sequence, _number, kind, payload in self._ring.records(*where):
            if kind in (records.PAYMENT, records.OUTCOME, records.PRINTED, records.REVERSAL):
                values = records.decode(kind, payload)
                if values["stan"] == stan:
                    found = self._merge(found, kind, values)
            yield
        return found

    def _of_open(self, payment):
        """As `find`, but for what was printed: each record is read where it lies, whatever has come after it."""
        found = None
        for wanted, place in ((records.PAYMENT, (payment.sector, payment.offset)), (records.OUTCOME, payment.outcome),
                              (records.REVERSAL, payment.promise)):
            values = place and self._at(wanted, payment.stan, place)
            if values:
                found = self._merge(found, wanted, values)
        return found

    def _at(self, wanted, stan, place):
        """The values of this payment's record of a kind, in its sector at or behind that place; None where it is not to be believed."""
        for sequence, _number, kind, payload in self._ring.records(*place):
            if sequence != place[0]:
                return None
            values = records.decode(kind, payload) if kind == wanted else None
            if values and values["stan"] == stan:
                return values
        return None

    def _merge(self, found, kind, values):
        if kind == records.PAYMENT:
            values["state"] = transaction.OWED
            return values
        if found is None:
            return None                 # its payment has left the ring
        if kind == records.PRINTED:
            found["printed"] = values["result"]
        elif kind == records.REVERSAL:
            found["reversal"] = values
        else:
            for name in ("state", "what", "response", "auth", "rrn", "reason"):
                if values[name] != "" or name == "what":
                    found[name] = values[name]
        return found

    def refunds_of(self, stan, field7):
        """A look: minor units already refunded of one sale, and whether it was voided."""
        refunded, voided, mine = 0, False, {}
        for _sequence, _number, kind, payload in self._ring.records():
            if kind == records.PAYMENT:
                values = records.decode(kind, payload)
                if values["original_stan"] == stan and values["original_field7"] == field7 and values["kind"] != transaction.SALE:
                    mine[values["stan"]] = values
            elif kind == records.OUTCOME and mine:
                values = records.decode(kind, payload)
                if values["stan"] in mine and values["state"] == transaction.APPROVED:
                    if mine[values["stan"]]["kind"] == transaction.VOID:
                        voided = True
                    else:
                        refunded += mine[values["stan"]]["amount_minor"]
            yield
        return refunded, voided

    def last_printed(self):
        """A look: STAN of the newest payment that had an outcome: what a reprint means; 0 for none."""
        last = 0
        for sequence in range(self._ring.sequence, self._ring.oldest() - 1, -1):
            for found, _number, kind, payload in self._ring.records(sequence):
                if found != sequence:
                    break
                if kind == records.OUTCOME:
                    last = records.decode(kind, payload)["stan"]
                yield
            if last:
                break
        return last


def cut(text, most=MOST_BYTES):
    """As much of a text as `most` bytes of UTF-8 hold, ending at a character."""
    data = text.encode()
    end = min(most, len(data))
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end -= 1
    return str(data[:end], "utf-8")
