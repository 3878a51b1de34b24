# payments.py: what the bank decides about one payment, and the money that it moves. Raises Refuse; money moves only after the last check.
import hmac
from dataclasses import dataclass

from microtill import demo
from microtill.bench.acquirer import dukpt, issuer, messages, tdes
from microtill.bench.acquirer.issuer import Refuse

SALE, VOID, REFUND, AUTHORISATION, REVERSAL, SIGN_ON, ECHO = "sale", "void", "refund", "authorisation", "reversal", "sign-on", "echo"
SETTLEMENT, UPLOAD = "settlement", "upload"
SETTLE, SETTLE_AFTER_UPLOAD = "920000", "960000"        # field 3
_REVERSIBLE = (SALE, VOID, REFUND, AUTHORISATION)
_TAPPED, _NO_CARD = "071", "012"          # field 22
_ALWAYS = {41, 42, 126, 128}
_PAYMENT = {3, 4, 7, 11, 12, 13, 22, 25, 49} | _ALWAYS
_ADMIN = {3, 7, 11, 70} | _ALWAYS
FIELDS = {                                # kind: (must be there, may be there); any other is a security violation
    SALE: (_PAYMENT | {2, 55}, {23, 52, 53}),
    AUTHORISATION: (_PAYMENT | {2, 55}, {23, 52, 53}),
    VOID: (_PAYMENT | {37, 38, 90}, {2, 23}),
    REFUND: (_PAYMENT | {37, 90}, {2, 23, 38}),
    REVERSAL: (_PAYMENT | {90}, {2, 23, 37, 38}),
    SETTLEMENT: ({3, 7, 11, 12, 13, 49, 60, 74, 75, 76, 77, 86, 87, 88, 89, 97} | _ALWAYS, set()),
    UPLOAD: (_PAYMENT | {37, 90}, {2, 38}),
    SIGN_ON: (_ADMIN, {12, 13}),
    ECHO: (_ADMIN, {12, 13}),
}
_ENTRY_MODES = {SALE: (_TAPPED,), AUTHORISATION: (_TAPPED,), VOID: (_NO_CARD,), REFUND: (_NO_CARD,), REVERSAL: (_TAPPED, _NO_CARD),
                UPLOAD: (_TAPPED, _NO_CARD)}
_CODES = {"000000": SALE, "020000": VOID, "200000": REFUND}                 # field 3
_KINDS = {**{("0200", code): kind for code, kind in _CODES.items()}, ("0100", "000000"): AUTHORISATION,
          **{("0320", code): UPLOAD for code in _CODES}, ("0500", SETTLE): SETTLEMENT, ("0500", SETTLE_AFTER_UPLOAD): SETTLEMENT}
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ADMIN_KINDS = {"001": SIGN_ON, "301": ECHO}


@dataclass
class Draft:
    """One request on its way to the ledger, filled in as it is checked."""
    request: messages.Message
    private: dict
    first_key: bytes
    kind: str = ""
    account: str | None = None
    pan: str | None = None             # masked
    original: int | None = None
    batch: dict | None = None          # what a settlement said and found
    chip: dict | None = None
    card_keys: issuer.CardKeys | None = None

    @property
    def ksn(self):
        return self.private[messages.KSN]

    @property
    def key(self):
        """The idempotency key: fields 41, 42, 11 and 7."""
        return tuple(self.request.get(number) for number in (41, 42, 11, 7))

    @property
    def amount(self):
        return int(self.request[4])

    def working_key(self, usage):
        return dukpt.working_key(self.first_key, self.ksn, usage)


def kind_of(request):
    """The kind of a request by fields 0, 3 and 70, or None where the bank offers no such thing."""
    if request.mti in ("0400", "0401"):
        return REVERSAL
    if request.mti == "0800":
        return _ADMIN_KINDS.get(request.get(70)) if request.get(3) == "990000" else None
    return _KINDS.get((request.mti, request.get(3)))


def check_fields(draft):
    """Raises Refuse unless exactly the fields of its kind are there, each well formed."""
    request = draft.request
    if draft.kind is None:
        raise Refuse(issuer.INVALID, "no such service")
    must, may = FIELDS[draft.kind]
    extra = set(request.fields) - must - may
    if extra:
        raise Refuse(issuer.SECURITY, f"field {min(extra)}")
    missing = must - set(request.fields)
    if missing:
        raise Refuse(issuer.FORMAT, f"no field {min(missing)}")
    bad = messages.malformed(request)
    if bad is not None:
        raise Refuse(issuer.FORMAT, f"field {bad}")
    if set(draft.private) - set(messages.PRIVATE_TAGS):
        raise Refuse(issuer.FORMAT, "field 126")
    trigger = draft.private.get(messages.TRIGGER, b"")
    if len(trigger) > 16 or not all(0x20 < byte < 0x7F for byte in trigger):
        raise Refuse(issuer.FORMAT, "trigger id")
    check_times(request)
    if draft.kind in _ENTRY_MODES:
        if request[22] not in _ENTRY_MODES[draft.kind] or request[25] != "00":
            raise Refuse(issuer.FORMAT, "field 22 or 25")
        if draft.amount == 0:
            raise Refuse(issuer.FORMAT, "field 4")
    if 49 in must and int(request[49]) != demo.CURRENCY:
        raise Refuse(issuer.INVALID, "currency")


def check_times(request):
    """Fields 7, 12 and 13 name a day and a time. Raises Refuse."""
    sent, day, time = request[7], request.get(13, "0101"), request.get(12, "000000")
    for month, date in ((sent[:2], sent[2:4]), (day[:2], day[2:])):
        if not (1 <= int(month) <= 12 and 1 <= int(date) <= _DAYS[int(month) - 1]):
            raise Refuse(issuer.FORMAT, "day")
    for hhmmss in (sent[4:], time):
        if not (int(hhmmss[:2]) < 24 and int(hhmmss[2:4]) < 60 and int(hhmmss[4:]) < 60):
            raise Refuse(issuer.FORMAT, "time")


def named(ledger, draft):
    """The entry that field 90 names, or None. Raises Refuse where field 90 is malformed."""
    try:
        _, stan, sent = messages.original_key(draft.request)
    except messages.BadMessage as bad:
        raise Refuse(issuer.FORMAT, "field 90") from bad
    return ledger.entry((draft.request[41], draft.request[42], stan, sent))


def coded(request):
    """The kind of the payment that an upload tells of, by field 3."""
    return _CODES[request[3]]


class Payments:
    """Decides on drafts against one ledger. `now` gives an aware UTC datetime; `issuer_keys` is {product: 16 bytes}; `tdes_initial`: a function from
    a TDES key serial number to its initial key, or None."""

    def __init__(self, ledger, accounts, now, issuer_keys, tdes_initial=None):
        self._ledger, self._accounts, self._now, self._issuer_keys, self._tdes_initial = ledger, accounts, now, issuer_keys, tdes_initial

    def decide(self, draft):
        """Returns where the answer is "approved", raises Refuse where it is anything else. Inside the ledger's transaction."""
        deciders = {SALE: self._sale, AUTHORISATION: self._sale, VOID: self._void, REFUND: self._refund, REVERSAL: self._reversal}
        if draft.kind in deciders:
            deciders[draft.kind](draft)

    def _sale(self, draft):
        request = draft.request
        pan, expiry = issuer.account_data(draft.private.get(messages.ACCOUNT_DATA, b""), draft.working_key(dukpt.DATA_REQUEST))
        if request[2] != issuer.mask(pan):
            raise Refuse(issuer.FORMAT, "field 2")
        draft.chip = issuer.chip_data(request)
        account = self._ledger.account(self._accounts.name(pan))
        if account is None:
            raise Refuse(issuer.NO_CARD, "no such account")
        draft.account, draft.pan = account["account"], issuer.mask(pan)
        self._check_card(draft, account, pan)
        if account["status"] != "open":
            raise Refuse(issuer.STOLEN, "stolen")
        today = self._now()
        if min(expiry, account["expiry"]) < f"{today.year % 100:02}{today.month:02}":
            raise Refuse(issuer.EXPIRED, "expired")
        self._check_pin(draft, account, pan)
        if account["balance"] < draft.amount:
            raise Refuse(issuer.NO_FUNDS, "no funds")
        if draft.kind == SALE:
            self._ledger.move(draft.account, -draft.amount)

    def _check_card(self, draft, account, pan):
        """The cryptogram is genuine, and its counter newer than any genuine one before (EMV Book 2 8.1)."""
        keys = issuer.CardKeys(account["product"], self._issuer_keys[account["product"]], pan, account["psn"], bool(account["spoiled"]))
        keys.verify(draft.chip)
        draft.card_keys = keys
        atc = int.from_bytes(draft.chip["9F36"], "big")
        if atc <= account["atc"]:
            raise Refuse(issuer.FRAUD, "replayed cryptogram")
        self._ledger.set_atc(draft.account, atc)

    def _check_pin(self, draft, account, pan):
        block, form, old = draft.private.get(messages.PIN_BLOCK), draft.private.get(messages.PIN_FORMAT), tdes.wanted(draft)
        if block is None and form is None and not old:
            if issuer.says_online_pin(draft.chip):
                raise Refuse(issuer.FORMAT, "no pin block")
            return
        if not old and (form != b"\x04" or block is None or len(block) != 16):
            raise Refuse(issuer.FORMAT, "pin block")
        tries = account["tries"]
        if tries >= issuer.PIN_TRIES:
            raise Refuse(issuer.TRIES_USED, "tries used up")
        if old:
            entered = tdes.entered_pin(draft, self._ledger, self._tdes_initial, pan)
        else:
            entered = issuer.entered_pin(block, draft.working_key(dukpt.PIN_ENCRYPTION), pan)
        self._ledger.set_tries(draft.account, tries + 1)        # spent, then checked
        if not hmac.compare_digest(self._accounts.pin(draft.account, entered), account["pin"]):
            raise Refuse(issuer.TRIES_USED if tries + 1 >= issuer.PIN_TRIES else issuer.WRONG_PIN, "wrong pin")
        self._ledger.set_tries(draft.account, 0)

    def _named_sale(self, draft):
        """The standing sale that fields 37 and 90 name, on this terminal. Raises Refuse."""
        entry = named(self._ledger, draft)
        if entry is None or entry["kind"] != SALE or entry["rrn"] != draft.request[37]:
            raise Refuse(issuer.NOT_FOUND, "no such sale")
        draft.original, draft.account, draft.pan = entry["id"], entry["account"], entry["pan"]
        if draft.request.get(2, entry["pan"]) != entry["pan"]:
            raise Refuse(issuer.FORMAT, "field 2")
        if draft.request.get(38, entry["auth_code"]) != entry["auth_code"]:
            raise Refuse(issuer.NOT_FOUND, "field 38")
        if entry["response"] != issuer.APPROVED or entry["reversed"] or self._ledger.undone(entry["id"], VOID):
            raise Refuse(issuer.INVALID, "sale does not stand")
        return entry

    def _void(self, draft):
        entry = self._named_sale(draft)
        if draft.amount != entry["amount"]:
            raise Refuse(issuer.FORMAT, "amount")
        if self._ledger.undone(entry["id"], REFUND):
            raise Refuse(issuer.INVALID, "refunded")
        self._ledger.move(draft.account, draft.amount)

    def _refund(self, draft):
        entry = self._named_sale(draft)
        if draft.amount > entry["amount"] - self._ledger.undone(entry["id"], REFUND):
            raise Refuse(issuer.TOO_MUCH, "more than is left")
        self._ledger.move(draft.account, draft.amount)

    def _reversal(self, draft):
        entry = named(self._ledger, draft)
        mti, stan, sent = messages.original_key(draft.request)
        if entry is None:
            self._ledger.forbid((draft.request[41], draft.request[42], stan, sent))
            raise Refuse(issuer.NOT_FOUND, "never seen")
        if entry["kind"] not in _REVERSIBLE or entry["mti"] != mti:
            raise Refuse(issuer.FORMAT, "field 90")
        draft.original, draft.account, draft.pan = entry["id"], entry["account"], entry["pan"]
        believed = {4: f"{entry['amount'] or 0:012}", 37: entry["rrn"], 2: entry["pan"] or draft.request.get(2)}
        if any(draft.request.get(number, value) != value for number, value in believed.items()):
            raise Refuse(issuer.FORMAT, "not the same payment")
        if entry["reversed"]:
            return
        if entry["response"] == issuer.APPROVED:
            self._take_back(entry)
        self._ledger.mark_reversed(entry["id"])

    def _take_back(self, entry):
        """Undoes the money of an approved entry that is not yet reversed. Raises Refuse where later payments rest on it."""
        kind, account, amount = entry["kind"], entry["account"], entry["amount"]
        if kind == SALE:
            if self._ledger.undone(entry["id"], REFUND):
                raise Refuse(issuer.INVALID, "refunded")
            if not self._ledger.undone(entry["id"], VOID):
                self._ledger.move(account, amount)
        elif kind == VOID:
            if not self._ledger.entry_by_id(entry["original"])["reversed"]:
                self._ledger.move(account, -amount)
        elif kind == REFUND:
            self._ledger.move(account, -amount)
