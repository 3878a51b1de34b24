# bank.py: the acquirer: one request in, one answer out, a ledger that a test can read. Never raises for bytes; None: nothing can be said.
import datetime
import hashlib
import sqlite3
import threading

from microtill import demo
from microtill.bench.acquirer import dukpt, issuer, messages, moods, settlement, tdes
from microtill.bench.acquirer import payments as pay
from microtill.bench.acquirer.accounts import Accounts
from microtill.bench.acquirer.issuer import Refuse
from microtill.bench.acquirer.ledger import Ledger

THINK_US = 40_000             # from a request's last byte to its answer's first, where no mood says otherwise
_ECHOED = (3, 4, 7, 11, 12, 13, 41, 42, 49, 60)
_FINANCIAL = (pay.SALE, pay.VOID, pay.REFUND, pay.AUTHORISATION)
_COUNTED = (pay.SALE, pay.REFUND)
_ASKING = "02"                 # third digit of an MTI that wants an answer: request, advice
_ANSWERS = {"0": "10", "2": "30"}     # the last two digits of an answer's MTI, by the third of the request's
_REVERSALS = ("0400", "0401")


def _utc_now():
    return datetime.datetime.now(datetime.UTC)


class Crashed(Exception):
    """The bank's process has died at one request: nothing is said, every line is gone, and what its books had not synced with them."""


class Bank:
    """Acquirer and issuer in one, on the rules of the host message and on libraries that others keep.

    `ledger_path`: an SQLite file, or ":memory:". `now`: a callable that gives an aware UTC datetime. `bdk`: the base derivation key (16
    bytes), or `keys`, a function from a key id (8 bytes) to its initial key: such a bank knows no terminal by itself; then `tdes_keys` is the
    same from a TDES key serial number, or None: no PIN under TDES. `issuer_keys`: {product: 16 bytes}, replacing those of the demonstration.
    Hooks: `wire`, callables that hear ("request" | "response", bytes); `moods`, a list of moods.Mood (or their names) that the next answers
    follow, all others follow `usual`; `refusals`, the reasons (words) of the latest answers that were not 00.
    """

    def __init__(self, ledger_path=":memory:", now=_utc_now, bdk=demo.BDK, issuer_keys=None, people=demo.CARDS, keys=None, tdes_keys=None):
        self.wire, self.moods, self.refusals, self.usual = [], [], [], moods.HONEST
        self.think_us = THINK_US
        self._may_crash, self._down_until = False, None
        self._now, self._initial_key = now, keys or (lambda ikid: dukpt.initial_key(bdk, ikid))
        self._lock = threading.RLock()
        self._ledger, self._accounts = Ledger(ledger_path), Accounts()
        self._payments = pay.Payments(self._ledger, self._accounts, now, {**demo.ISSUER_KEYS, **(issuer_keys or {})},
                                      tdes_keys if keys else tdes.under(demo.TDES_BDK))
        self._settlements = settlement.Settlements(self._ledger)
        if keys is None:
            self.enrol(demo.SERIAL, demo.TERMINAL_ID, demo.MERCHANT_ID)
        with self._ledger.transaction():
            self._accounts.seed(self._ledger, people)

    def close(self):
        self._ledger.close()

    def enrol(self, serial, terminal_id, merchant_id):
        """Makes a terminal known: its serial (ASCII) stands in the key id, fields 41 (8 characters) and 42 (15) must match from then on."""
        with self._lock, self._ledger.transaction():
            self._ledger.enrol(dukpt.key_id(serial), terminal_id, merchant_id)

    def allow_tdes(self, serial):
        """The terminal with this serial, which is known, may send PIN blocks under TDES from now on."""
        with self._lock, self._ledger.transaction():
            self._ledger.allow_tdes(dukpt.key_id(serial))

    def spoil_card_key(self, name_or_pan, spoiled=True):
        """Changes one byte of the card's key at the bank, so that its next genuine cryptogram is refused (59); False mends it."""
        with self._lock, self._ledger.transaction():
            self._ledger.set_spoiled(self._accounts.of(name_or_pan), int(spoiled))

    def spoil_batch(self, amount_minor=None):
        """Makes the bank's clearing lose the newest payment that stands, or have it with another amount; accounts and answers stay as they are."""
        with self._lock, self._ledger.transaction():
            self._ledger.misbook(amount_minor)

    # one request
    def handle(self, message):
        """The answer (bytes) to one plaintext request without its length; None where it is no message of a known terminal."""
        message = bytes(message)
        self._heard("request", message)
        with self._lock:
            answer = self._handle(message)
        if answer is not None:
            self._heard("response", answer)
        return answer

    def replies(self, message):
        """[(delay in us, bytes)] for one request: `handle`, bent by the next of `moods`; None where `handle` gives None: close. Raises Crashed."""
        self._may_crash = True
        try:
            answer = self.handle(message)
        except Crashed:
            self._down_until = self._now() + datetime.timedelta(milliseconds=self._mood().away_ms)
            self.moods[:1] = []
            raise
        finally:
            self._may_crash = False
        if answer is None:
            return None
        mood = self._mood()
        self.moods[:1] = []
        return mood.bend(answer, self.think_us, self._sign_like(message))

    def _mood(self):
        """Of the answer that is next."""
        mood = self.moods[0] if self.moods else self.usual
        return moods.named(mood) if isinstance(mood, str) else mood

    def _crashes(self, when):
        """Does it die now, "before" its books are synced, or "after"?"""
        return self._may_crash and self._mood().crash == when

    @property
    def up(self):
        """Does its process run? It is started again some time after a crash."""
        return self._down_until is None or self._now() >= self._down_until

    def restart(self):
        """It runs again, now."""
        self._down_until = None

    def _heard(self, direction, message):
        for hear in self.wire:
            hear(direction, message)

    def _handle(self, raw):
        try:
            request = messages.decode(raw)
            if request.mti[2] not in _ASKING:
                raise messages.BadMessage("not a request")
            private = messages.private_set(request)
            first_key, terminal = self._keys_of(private)
            draft = pay.Draft(request, private, first_key, pay.kind_of(request))
            genuine = messages.genuine(request, draft.working_key(dukpt.MAC_REQUEST))
        except (messages.BadMessage, dukpt.WornOut, sqlite3.Error) as bad:
            self._refused(str(bad))
            return None
        if not genuine:
            return self._say(draft, issuer.SECURITY, "mac")
        try:
            with self._ledger.transaction():
                answer = self._decide(draft, terminal)
                if self._crashes("before"):
                    raise Crashed
        except sqlite3.Error:
            return self._say(draft, issuer.MALFUNCTION, "ledger")
        if self._crashes("after"):
            raise Crashed
        return answer

    def _keys_of(self, private):
        """(initial key, row of the terminal) for the KSN. Raises BadMessage where the terminal is not known."""
        ikid = private[messages.KSN][:8]
        terminal = self._ledger.terminal(ikid)
        if terminal is None:
            raise messages.BadMessage("unknown terminal")
        return self._initial_key(ikid), terminal

    def _decide(self, draft, terminal):
        request, counter = draft.request, int.from_bytes(draft.ksn[8:], "big")
        if None in draft.key or messages.malformed(request) in (7, 11, 41, 42):
            self._ledger.saw_counter(terminal["ikid"], counter)
            return self._say(draft, issuer.FORMAT, "no key")
        digest = self._digest(request)
        known = self._ledger.entry(draft.key)
        if known is not None:
            self._ledger.saw_counter(terminal["ikid"], counter)
            return known["answer"] if known["digest"] == digest else self._say(draft, issuer.DUPLICATE, "same key, other message")
        try:
            self._check(draft, terminal, counter)
            self._payments.decide(draft)
            self._settlements.decide(draft)
            response, why = issuer.APPROVED, "approved"
        except Refuse as refused:
            response, why = refused.response, refused.why
        self._ledger.saw_counter(terminal["ikid"], counter)
        return self._record(draft, response, why, digest, counter)

    def _check(self, draft, terminal, counter):
        """What must hold before the kind of a payment matters. Raises Refuse."""
        if draft.key[:2] != (terminal["terminal"], terminal["merchant"]):
            raise Refuse(issuer.SECURITY, "terminal or merchant")
        if self._ledger.forbidden(draft.key):
            raise Refuse(issuer.NO_HONOUR, "reversed before it came")
        overtaken = draft.kind == pay.REVERSAL and not self._ledger.counter_used(terminal["ikid"], counter)
        if counter <= terminal["counter"] and not overtaken:        # a debt that newer messages overtook must still be payable
            raise Refuse(issuer.SECURITY, "counter")
        pay.check_fields(draft)

    @staticmethod
    def _digest(request):
        """SHA-256 of a request as its repeats share it: 0401 is 0400 again, so MTI and MAC are left out there."""
        body = request.raw[4:-messages.MAC_BYTES] if request.mti in _REVERSALS else request.raw
        return hashlib.sha256(body).digest()

    def _record(self, draft, response, why, digest, counter):
        """Writes the entry with its answer, and gives the answer."""
        request, number = draft.request, self._ledger.next_number()
        rrn = self._now().strftime("%Y%j%H")[3:] + f"{number % 1_000_000:06}"
        approval = self._approval(rrn) if response == issuer.APPROVED and draft.kind in _FINANCIAL else None
        answer = self._say(draft, response, why, rrn if draft.kind in (*_FINANCIAL, pay.REVERSAL) else None, approval)
        amount = request.get(4, "")
        entry = self._ledger.add({
            "terminal": request[41], "merchant": request[42], "stan": request[11], "sent": request[7], "mti": request.mti,
            "kind": draft.kind or "unknown", "local_date": request.get(13), "local_time": request.get(12),
            "amount": int(amount) if amount.isascii() and amount.isdigit() else None, "currency": request.get(49), "pan": draft.pan,
            "account": draft.account, "response": response, "auth_code": approval, "rrn": rrn,
            "trigger_id": draft.private.get(messages.TRIGGER, b"").decode("ascii", "replace"), "ikid": draft.ksn[:8], "counter": counter,
            "digest": digest, "answer": answer, "original": draft.original, "why": why})
        if draft.batch is not None:
            self._ledger.add_settlement({"entry": entry, **draft.batch})
        return answer

    @staticmethod
    def _approval(rrn):
        """Six digits, the same for the same payment in every run."""
        return f"{int.from_bytes(issuer.keyed_hash(demo.ACCOUNT_HASH_KEY, rrn.encode('ascii'))[:4], 'big') % 1_000_000:06}"

    def _say(self, draft, response, why, rrn=None, approval=None):
        """The bytes of the answer, its MAC under the response key of the request's KSN."""
        if response != issuer.APPROVED:
            self._refused(why)
        request = draft.request
        fields = {number: request[number] for number in _ECHOED if number in request.fields}
        fields[39] = response
        if rrn is not None:
            fields[37] = rrn
        if approval is not None:
            fields[38] = approval
        if draft.card_keys is not None:
            proof = draft.card_keys.answer(draft.chip, response)
            fields[55] = b"\x91" + bytes((len(proof),)) + proof
        fields[126] = b"\xdf\x01\x0c" + draft.ksn
        return messages.encode(request.mti[:2] + _ANSWERS[request.mti[2]], fields, draft.working_key(dukpt.MAC_RESPONSE))

    def _sign_like(self, message):
        """A function (mti, fields) -> bytes that signs as an answer to `message`; for moods that lie with a good MAC."""
        def sign(mti, fields):
            ksn = messages.private_set(messages.decode(bytes(message)))[messages.KSN]
            key = dukpt.working_key(self._initial_key(ksn[:8]), ksn, dukpt.MAC_RESPONSE)
            return messages.encode(mti, fields, key)
        return sign

    def _refused(self, why):
        self.refusals = (self.refusals + [why])[-20:]

    # what the bank believes
    def records(self):
        """Payments, reversals and settlements in the order they came, as dicts; `microtill ledger` prints them. Sign-ons and echoes are left out.

        `effects` is 1 for an approved sale that is neither reversed nor voided, and 1 for an approved refund that is not reversed; else 0.
        """
        with self._lock:
            rows = self._ledger.entries()
            return [self._as_record(row) for row in rows if row["kind"] not in (pay.SIGN_ON, pay.ECHO)]

    def _as_record(self, row):
        voided = row["kind"] == pay.SALE and self._ledger.undone(row["id"], pay.VOID) > 0
        stands = row["response"] == issuer.APPROVED and not row["reversed"] and not voided
        names = ("terminal", "merchant", "stan", "rrn", "mti", "kind", "local_date", "local_time", "currency", "pan", "account", "response",
                 "auth_code", "counter", "original", "why")
        batch = self._ledger.settlement(row["id"]) if row["kind"] == pay.SETTLEMENT else None
        more = settlement.as_record(batch) if batch else {}
        return {**{name: row[name] for name in names}, **more, "field7": row["sent"], "amount_minor": row["amount"], "trigger": row["trigger_id"],
                "reversed": bool(row["reversed"]), "voided": voided, "effects": int(stands and row["kind"] in _COUNTED)}

    def effects(self, stan=None, field7=None, kind=pay.SALE):
        """How many payments of `kind` stand: with this STAN (and this field 7), or on the whole ledger."""
        with self._lock:
            rows = [self._as_record(row) for row in self._ledger.entries(stan)]
        return sum(row["effects"] for row in rows if row["kind"] == kind and field7 in (None, row["field7"]))

    def settlement(self):
        """{(stan, field 7): record} of sales, refunds and voids, whatever became of them; reversals show in `reversed`."""
        return {(row["stan"], row["field7"]): row for row in self.records() if row["kind"] in (pay.SALE, pay.REFUND, pay.VOID)}

    def balance_minor(self, name_or_pan):
        """What is left on the account of a card, in minor units."""
        with self._lock:
            return self._ledger.account(self._accounts.of(name_or_pan))["balance"]
