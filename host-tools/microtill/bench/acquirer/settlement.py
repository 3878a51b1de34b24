# settlement.py: the bank's side of closing a batch: its own sums beside the terminal's, payments told again, the difference kept. Raises Refuse.
import json

from microtill.bench.acquirer import issuer
from microtill.bench.acquirer import payments as pay
from microtill.bench.acquirer.issuer import Refuse

# What is added up, and the fields that say it: number, minor units. Sales are debits, refunds credits, voids debits taken back.
_SUMS = {pay.SALE: (76, 88), pay.REFUND: (74, 86), pay.VOID: (77, 89)}
_CREDIT_REVERSALS = (75, 87)                # nobody takes a refund back but by a reversal, and then it does not stand
_SIGNS = (pay.SALE, 1), (pay.REFUND, -1), (pay.VOID, -1)


class Settlements:
    """Decides on 0500 and 0320 against one ledger, inside its transaction."""

    def __init__(self, ledger):
        self._ledger = ledger

    def decide(self, draft):
        """Returns where the answer is 00, raises Refuse where it is not; a settlement leaves what it said and found in `draft.batch`."""
        if draft.kind == pay.SETTLEMENT:
            self._settle(draft)
        elif draft.kind == pay.UPLOAD:
            self._upload(draft)

    def _settle(self, draft):
        """A batch that is closed and asked for again is added up again, with what came since: no answer that was lost can shut it out."""
        request = draft.request
        said = _said(request)
        held = {kind: [0, 0] for kind in _SUMS}
        held.update({kind: [count, minor] for kind, count, minor in self._ledger.batch(request[41], request[42], request[60])})
        after_upload = request[3] == pay.SETTLE_AFTER_UPLOAD
        closed = after_upload or said == held
        draft.batch = {"terminal": request[41], "merchant": request[42], "batch": request[60], "closed": int(closed),
                       "said": json.dumps(said), "held": json.dumps(held)}
        if not closed:
            raise Refuse(issuer.DIFFERS, "totals differ")

    def _upload(self, draft):
        """Is this payment in our batch, as the terminal has it?"""
        request, entry = draft.request, pay.named(self._ledger, draft)
        if entry is None or entry["kind"] != pay.coded(request) or entry["rrn"] != request[37]:
            raise Refuse(issuer.NOT_FOUND, "no such payment")
        draft.original, draft.account, draft.pan = entry["id"], entry["account"], entry["pan"]
        if request.get(38, entry["auth_code"]) != entry["auth_code"] or request.get(2, entry["pan"]) != entry["pan"]:
            raise Refuse(issuer.NOT_FOUND, "field 38 or 2")
        if entry["response"] != issuer.APPROVED or entry["reversed"] or self._ledger.booked(entry["id"]) != (True, draft.amount):
            raise Refuse(issuer.NOT_FOUND, "not so in the batch")


def _said(request):
    """{kind: [count, minor units]} of a 0500. Raises Refuse where it does not add up in itself."""
    said = {kind: [int(request[count]), int(request[minor])] for kind, (count, minor) in _SUMS.items()}
    if any(int(request[number]) for number in _CREDIT_REVERSALS):
        raise Refuse(issuer.FORMAT, "credit reversals")
    net = sum(sign * said[kind][1] for kind, sign in _SIGNS)
    if request[97] != ("C" if net < 0 else "D") + f"{abs(net):016}":
        raise Refuse(issuer.FORMAT, "field 97")
    return said


def as_record(row):
    """What a settlement row adds to a record: the batch, whether it was closed, both sides' sums, and whether they differ."""
    said, held = json.loads(row["said"]), json.loads(row["held"])
    return {"batch": row["batch"], "closed": bool(row["closed"]), "said": said, "held": held, "differs": said != held}
