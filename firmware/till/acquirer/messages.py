# messages.py: what we say to the host and what we believe of its answers, by docs/host.md [pure]. WrongAnswer("field") for one that is not to us.
from till.acquirer import iso8583
from till.cards import tlv
from till.cards.pan import wipe
from till.core import clock
from till.core.errors import Malformed, WrongAnswer, WrongMac
from till.money import totals, transaction

PROCESSING = {transaction.SALE: "000000", transaction.VOID: "020000", transaction.REFUND: "200000"}
PARTIAL = "10"                                      # field 39: field 4 then holds the part
SIGN_ON, ECHO = "001", "301"
SETTLE, SETTLE_AFTER_UPLOAD = "920000", "960000"    # field 3 of 0500
DIFFERS = "95"                                      # field 39 of 0510: the bank has other sums
_TAPPED, _NO_CARD = "071", "012"                    # field 22
_KSN, _PIN_FORMAT, _PIN_BLOCK, _ACCOUNT, _TRIGGER, _TDES_KSN = 0xDF01, 0xDF02, 0xDF03, 0xDF04, 0xDF05, 0xDF06     # in field 126
_TDES_FORMAT_0 = "2001010000000000"                 # field 53
_MAC = 8
_LONGEST, _PRIVATE = 1024, 256                      # bytes of a request, and of its field 126
_COUNT, _MINOR = "%010d", "%016d"                   # fields 74 to 77, 86 to 89


class Messages:
    """`terminal`, `merchant`: fields 41 and 42. One buffer holds the request being sent, from the first until `rest`."""

    def __init__(self, terminal, merchant):
        self._terminal, self._merchant = terminal, merchant
        self._out = self._private = None

    def payment(self, payment, envelope, emv=None, account=None, pin_block=None, tdes_ksn=None):
        """0200 for a sale, void or refund on record (records.PAYMENT); `account`: its TLV in clear; `tdes_ksn`: of a PIN block of 8 bytes. A window
        on the whole signed message."""
        fields = self._common(payment, payment["stan"], payment["field7"])
        if payment["kind"] == transaction.SALE:
            fields[2] = payment["pan"]
            if payment["sequence"]:
                fields[23] = payment["sequence"]
            fields[55] = emv
            if tdes_ksn:
                fields[52], fields[53], pin_block = pin_block, _TDES_FORMAT_0, None
        else:
            fields[37], fields[90] = payment["original_rrn"], original("0200", payment["original_stan"], payment["original_field7"])
            if payment["original_auth"]:
                fields[38] = payment["original_auth"]
        return self._sign(b"0200", fields, envelope, payment["trigger"], account, pin_block, tdes_ksn)

    def reversal(self, payment, reversal, envelope, repeat):
        """0400, or 0401 when it repeats; the same STAN, time and KSN each time."""
        fields = self._common(payment, reversal["reversal_stan"], reversal["field7"])
        if payment["pan"]:
            fields[2] = payment["pan"]
        if payment.get("rrn"):
            fields[37] = payment["rrn"]
        fields[90] = original("0200", payment["stan"], payment["field7"])
        return self._sign(b"0401" if repeat else b"0400", fields, envelope, payment["trigger"])

    def network(self, stan, unix, code, envelope, trigger):
        """0800: sign-on (001) or echo (301)."""
        fields = {3: "990000", 7: clock.sent_at(unix), 11: "%06d" % stan, 12: clock.time_hhmmss(unix), 13: clock.sent_at(unix)[:4],
                  41: self._terminal, 42: self._merchant, 70: code}
        return self._sign(b"0800", fields, envelope, trigger)

    def settlement(self, stan, unix, code, batch, sums, currency, envelope, trigger):
        """0500: the sums (totals.of) of batch number `batch`: sales are debits, refunds credits, voids debits taken back. `code`: SETTLE,
        or SETTLE_AFTER_UPLOAD."""
        net = totals.net_minor(sums)
        fields = {3: code, 7: clock.sent_at(unix), 11: "%06d" % stan, 12: clock.time_hhmmss(unix), 13: clock.sent_at(unix)[:4],
                  41: self._terminal, 42: self._merchant, 49: "%03d" % currency, 60: "%06d" % batch,
                  74: _COUNT % sums["refund_count"], 75: _COUNT % 0, 76: _COUNT % sums["sale_count"], 77: _COUNT % sums["void_count"],
                  86: _MINOR % sums["refund_minor"], 87: _MINOR % 0, 88: _MINOR % sums["sale_minor"], 89: _MINOR % sums["void_minor"],
                  97: ("C" if net < 0 else "D") + _MINOR % abs(net)}
        return self._sign(b"0500", fields, envelope, trigger)

    def upload(self, payment, stan, unix, envelope, trigger):
        """0320: one approved payment of the batch (Ledger.approved), told again under a STAN and time of its own."""
        fields = self._common(payment, stan, clock.sent_at(unix))
        if payment["pan"]:
            fields[2] = payment["pan"]
        fields[37], fields[90] = payment["rrn"], original("0200", payment["stan"], payment["field7"])
        if payment.get("auth"):
            fields[38] = payment["auth"]
        return self._sign(b"0320", fields, envelope, trigger)

    def _common(self, payment, stan, field7):
        unix = payment["unix"]
        return {3: PROCESSING[payment["kind"]], 4: "%012d" % payment["amount_minor"], 7: field7, 11: "%06d" % stan,
                12: clock.time_hhmmss(unix), 13: clock.sent_at(unix)[:4],
                22: _TAPPED if payment["kind"] == transaction.SALE else _NO_CARD, 25: "00",
                41: self._terminal, 42: self._merchant, 49: "%03d" % payment["currency"]}

    def _sign(self, mti, fields, envelope, trigger, account=None, pin_block=None, tdes_ksn=None):
        private, out = self._private, self._out = self._private or bytearray(_PRIVATE), self._out or bytearray(_LONGEST)
        at = tlv.put(private, 0, _KSN, envelope.ksn)
        if pin_block:
            at = tlv.put(private, at, _PIN_FORMAT, b"\x04")
            at = tlv.put(private, at, _PIN_BLOCK, pin_block)
        if tdes_ksn:
            at = tlv.put(private, at, _TDES_KSN, tdes_ksn)
        if account:
            at = tlv.put(private, at, _ACCOUNT, envelope.account_data(account))
        at = tlv.put(private, at, _TRIGGER, trigger.encode())
        packed = {}
        for number in fields:
            value = fields[number]
            packed[number] = value.encode() if isinstance(value, str) else value
        packed[126], packed[128] = memoryview(private)[:at], bytes(_MAC)
        size = iso8583.pack(mti, packed, out)
        body = memoryview(out)[:size - _MAC]
        out[size - _MAC:size] = envelope.mac(body)
        return memoryview(out)[:size]

    def rest(self):
        """Nobody asks for a while: the buffers are made again when somebody does."""
        self._out = self._private = None

    def answer(self, data, request, envelope):
        """What an answer says: {response, auth, rrn}. Raises WrongMac, Malformed, WrongAnswer(field) where it is not the answer to `request`."""
        got, asked = iso8583.parse(data), iso8583.parse(request)
        mac = got.get(128)
        if mac is None or not envelope.answers(memoryview(data)[:len(data) - _MAC], bytes(mac)):
            raise WrongMac("answer")
        if bytes(got.mti) != _answer_to(bytes(asked.mti)):
            raise WrongAnswer("mti")
        partial = _text(got, 39) == PARTIAL
        for number in (11, 7, 3, 4, 41, 42, 49, 60):
            if _text(got, number) != _text(asked, number) and not (partial and number == 4):
                raise WrongAnswer(str(number))
        private = got.get(126)
        where = tlv.find(private, _KSN) if private is not None else None
        if private is None or where is None or bytes(private[where[0]:where[1]]) != envelope.ksn:
            raise WrongAnswer("ksn")
        if not _text(got, 39):
            raise WrongAnswer("39")
        return {"response": _text(got, 39), "auth": _text(got, 38), "rrn": _text(got, 37)}


def account(tap):
    """A bytearray to be wiped: tag 57, or 5A and 5F24 where the card gave no track 2."""
    out = bytearray(64)
    if tap.track2:
        at = tlv.put(out, 0, 0x57, tap.track2)
    else:
        number = bytearray((len(tap.pan) + 1) // 2)
        for n in range(2 * len(number)):
            digit = tap.pan[n] & 0x0F if n < len(tap.pan) else 0x0F
            number[n // 2] |= digit if n & 1 else digit << 4
        at = tlv.put(out, tlv.put(out, 0, 0x5A, number), 0x5F24, tap.expiry)
        wipe(number)
    return memoryview(out)[:at]


def stan_of(data):
    """Field 11 of a message, for the record of what was dropped; "" where it cannot be read."""
    try:
        return _text(iso8583.parse(data), 11)
    except Malformed:
        return ""


def original(mti, stan, field7):
    """Field 90: original MTI, STAN, field 7 and zeros."""
    return "%s%06d%s%s" % (mti, stan, field7, "0" * 22)


def _answer_to(mti):
    """0200 -> 0210, 0401 -> 0410, 0320 -> 0330: an advice is answered by its own kind."""
    return mti[:2] + (b"30" if mti[2:3] == b"2" else b"10")


def _text(message, number):
    value = message.get(number)
    return "" if value is None else str(bytes(value), "ascii")
