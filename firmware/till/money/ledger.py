# ledger.py: the one door to the journal. Every act is a plain def that returns when flash holds it; no await, so no cancel can tear it.
# Three syncs a sale: owed, outcome, printed. What is open is held in memory; the rest is read when asked. Raises JournalFull, StorageFault.
from till.core import clock, log
from till.money import transaction
from till.wire import records

ROOM_FOR_A_SALE = 2048      # bytes: owed, outcome, reversal, its end, printed, and something to spare


class Ledger:
    """`open_payments`: {stan: values} of what still owes something, oldest first in `order`. `last_stan`: of the newest payment."""

    def __init__(self, ring):
        self._ring = ring
        self.open_payments, self.order = {}, []
        self.last_stan = self._last_sector = 0      # of the newest payment: what is asked for most is found without reading far

    def mount(self):
        """Read what may be open: from the sector that the newest header names."""
        for sequence, _number, kind, payload in self._ring.records(self._ring.keep):
            self._learn(sequence, kind, payload)
        self._keep()
        return self

    def _learn(self, sequence, kind, payload):
        if kind == records.PAYMENT:
            values = records.decode(kind, payload)
            values["state"], values["sector"] = transaction.OWED, sequence
            self._add(values)
        elif kind == records.OUTCOME:
            values = records.decode(kind, payload)
            self._settle(values["stan"], values["state"], values["rrn"])
        elif kind == records.REVERSAL:
            values = records.decode(kind, payload)
            if values["stan"] in self.open_payments:
                values["maybe_sent"] = True         # in another life: what goes out now is a repeat
                self.open_payments[values["stan"]]["reversal"] = values

    def _add(self, values):
        self.open_payments[values["stan"]] = values
        self.order.append(values["stan"])
        self.last_stan, self._last_sector = values["stan"], values["sector"]

    def _settle(self, stan, state, rrn):
        if stan not in self.open_payments:
            return
        self.open_payments[stan]["state"] = state
        if rrn:
            self.open_payments[stan]["rrn"] = rrn
        if state not in transaction.OPEN:
            del self.open_payments[stan]
            self.order.remove(stan)

    def _keep(self):
        """Nothing open may be erased: tell the ring how far back that reaches."""
        oldest = min([self.open_payments[stan]["sector"] for stan in self.order] or [self._ring.sequence])
        self._ring.keep = oldest

    def has_room(self):
        return self._ring.room() >= ROOM_FOR_A_SALE

    # the acts
    def started(self, boot, cause):
        self._ring.append(records.STARTED, records.encode(records.STARTED, {"boot": boot, "unix": clock.unix(), "cause": cause}))

    def owe(self, values):
        """Sync 1: the payment exists, before its first byte leaves. `values` as records.PAYMENT."""
        self._ring.append(records.PAYMENT, records.encode(records.PAYMENT, values))
        values["state"], values["sector"] = transaction.OWED, self._ring.sequence
        self._add(values)
        self._keep()
        log.event("money", values["trigger"], "owed", values["stan"], values["amount_minor"])

    def happened(self, stan, what, answer=None, reason=""):
        """Sync 2, and every later turn: `what` happened to an open payment (transaction.STEPS). Returns the new state."""
        payment = self.open_payments[stan]
        state = transaction.step(payment["state"], what)
        answer = answer or {}
        self._ring.append(records.OUTCOME, records.encode(records.OUTCOME, {
            "stan": stan, "state": state, "unix": clock.unix(), "what": what, "response": answer.get("response", ""),
            "auth": answer.get("auth", ""), "rrn": answer.get("rrn", ""), "reason": reason}))
        self._settle(stan, state, answer.get("rrn", ""))
        self._keep()
        log.event("money", payment["trigger"], transaction.WORDS[state], stan, what)
        return state

    def reversal(self, stan, reversal_stan, field7, ksn, why):
        """The reversal that is owed gets its STAN, time and key serial number, which all its repeats keep."""
        values = {"stan": stan, "reversal_stan": reversal_stan, "field7": field7, "ksn": ksn, "why": why}
        self._ring.append(records.REVERSAL, records.encode(records.REVERSAL, values))
        self.open_payments[stan]["reversal"] = values
        return values

    def printed(self, stan, copies, result):
        """Sync 3: on paper, or why not; "unknown" is a result."""
        self._ring.append(records.PRINTED, records.encode(records.PRINTED, {"stan": stan, "copies": copies, "result": result}))

    def alarm(self, source, code, trigger=""):
        self._ring.append(records.ALARM, records.encode(records.ALARM, {
            "unix": clock.unix(), "source": source, "code": code, "trigger": trigger}))

    # what is on record
    def owed(self):
        """The oldest payment that owes a reversal, or None. One whose answer is still awaited owes nothing yet."""
        for stan in self.order:
            if self.open_payments[stan]["state"] == transaction.REVERSAL_DUE:
                return self.open_payments[stan]
        return None

    def find(self, stan):
        """Everything on record of one payment, as one dict, or None."""
        found = None
        for _sequence, _number, kind, payload in self._ring.records(self._last_sector if stan == self.last_stan else 0):
            if kind in (records.PAYMENT, records.OUTCOME, records.PRINTED, records.REVERSAL):
                values = records.decode(kind, payload)
                if values["stan"] == stan:
                    found = self._merge(found, kind, values)
        return found

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
        """Minor units already refunded of one sale, and whether it was voided."""
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
        return refunded, voided

    def last_printed(self):
        """STAN of the newest payment that had an outcome: what a reprint means; 0 for none."""
        last = 0
        for _sequence, _number, kind, payload in self._ring.records():
            if kind == records.OUTCOME:
                last = records.decode(kind, payload)["stan"]
        return last
