# entry.py: one tap of a contactless card, from directory to outcome (EMV Contactless Book B). Bad data end as "card_error", never raise.
from micropython import const

from till.cards import pan
from till.cards.emv import apdu, c2, c3, data, directory
from till.cards.emv import settings as rows
from till.core.errors import Malformed

_PPSE = b"2PAY.SYS.DDF01"             # Book B 3.3.2
_MOST_COMMANDS = const(64)
_KINDS = {"sale": 0x00, "refund": 0x20}        # 9C, first two digits of the processing code
_KERNELS = {2: c2, 3: c3}

_OK = const(0x9000)
_BLOCKED = const(0x6283)              # the application is invalidated (EMV Book 1 12.3.1)
_NOT_NOW = const(0x6985)              # select the next one
_SEE_PHONE = const(0x6986)            # Book C-3 5.2.2: a look at the device, then again

_IDLE, _DIRECTORY, _SELECT, _START, _READ, _GENERATE = range(6)


class Tap:
    """One card, one try. `begin` gives the first command, `answer` each next one, until None; then `outcome` and `reason` are set.

    outcome: "online", "declined", "try_again", "other_card", "see_phone"; "" while it goes on.
    reason: "", "expired", "blocked", "not_accepted", "over_limit", "card_declined", "offline_not_allowed", "cvm", "card_error",
    "card_removed", "see_phone". cvm: "none", "online_pin", "device".
    A command is a window on a buffer that the next call writes again.
    """

    def __init__(self, settings, amount_minor, currency, kind, yymmdd, hhmmss, unpredictable, room=None):
        """`settings` as settings.DEFAULTS (None: those); currency, date and time as int, digits or packed digits; `kind` "sale" or 9C;
        `unpredictable` 4 bytes; `room` a data.Room to work in (None: a new one), which the tap before gives up.

        Raises Malformed("digits"), or KeyError for a kind, where ours do not fit.
        """
        self.settings = rows.DEFAULTS if settings is None else settings
        self.amount_minor = amount_minor
        self.outcome = self.reason = self.label = ""
        self.cvm, self.cvm_results = "none", b"\x3f\x00\x00"
        self.aid = self.language = self.ttq = self.ctq = b""
        self.pan, self.track2, self.expiry = bytearray(), bytearray(), bytearray()
        self.sequence = None
        self.tvr = bytearray(5)
        self.steps = []
        self.commands = 0
        self.above_cvm = self.above_floor = False
        self.denial = bytes(5)
        self.asked = 0
        room = data.Room() if room is None else room
        self.store, self.index, self.out = room.store, room.index, room.out
        self.store.clear()
        self._state, self._kernel = _IDLE, None
        self._candidates, self._blocked = [], False
        self._locator = b""
        self._file_at = self._record = 0
        kind = _KINDS[kind] if isinstance(kind, str) else kind
        self.today = data.date(data.bcd(yymmdd, 3))
        self._terminal(currency, kind, yymmdd, hhmmss, unpredictable)

    def _terminal(self, currency, kind, yymmdd, hhmmss, unpredictable):
        put = self.store.put
        put(0x9F02, data.bcd(self.amount_minor, 6))
        put(0x9F03, bytes(6))
        put(0x9F1A, self.settings["country"])
        put(0x5F2A, data.bcd(currency, 2))
        put(0x9A, data.bcd(yymmdd, 3))
        put(0x9F21, data.bcd(hhmmss, 3))
        put(0x9C, bytes((kind,)))
        put(0x9F37, unpredictable)
        put(0x9F35, self.settings["terminal_type"])
        put(0x9F40, self.settings["more_capabilities"])
        self.store.keep()

    def begin(self):
        """SELECT of the directory of contactless applications."""
        self._state = _DIRECTORY
        return self._send(apdu.select(self.out, _PPSE))

    def answer(self, response):
        """The next command after `response` (bytes with their status word), or None when the outcome stands."""
        if self.outcome:
            return None
        if len(response) < 2 or self._state == _IDLE:
            self.wipe()
            return self.end("try_again", "card_error")
        status = response[-2] << 8 | response[-1]
        try:
            return self._send(self._next(status, response))
        except Malformed:
            self.wipe()
            return self.end("other_card", "card_error")

    def removed(self):
        """The card left the field or is mute."""
        if not self.outcome:
            self.wipe()
            self.end("try_again", "card_removed")

    def end(self, outcome, reason):
        """Sets the outcome; for the kernels. Returns None."""
        self.outcome, self.reason = outcome, reason
        self.note("outcome", outcome)

    def note(self, name, value):
        """One step of the story, never account data."""
        self.steps.append((name, value))

    def wipe(self):
        """Zeroes all that the card said of its account."""
        for secret in (self.pan, self.track2, self.expiry):
            pan.wipe(secret)
            secret[:] = b""
        pan.wipe(self.out)
        self.store.forget()

    def emv_data(self, buf, cvm_done):
        """Writes field 55 at buf[0:] and returns its length. `cvm_done`: True or "online_pin" where a PIN was entered for the bank.

        Only after "online" and before wipe. Raises Malformed("full") where `buf` is short (256 bytes are enough).
        """
        results = self.cvm_results
        entered = cvm_done is True or cvm_done == "online_pin"
        if entered and self.cvm != "online_pin":
            results = b"\x02\x00\x00"
        elif not entered and self.cvm == "online_pin":
            results = b"\x3f\x00\x01"
        self.store.put(0x9F34, results)
        return data.field_55(self.store, buf)

    def _send(self, command):
        if command is None:
            return None
        self.commands += 1
        if self.commands > _MOST_COMMANDS:
            raise Malformed("many")
        return command

    def _next(self, status, response):
        state = self._state
        if state == _DIRECTORY:
            return self._listed(status, response)
        if state == _SELECT:
            return self._selected(status, response)
        if state == _START:
            return self._started(status, response)
        if status != _OK:
            raise Malformed("status")
        template = data.read(self.index, response)
        if state == _READ:
            if template != 0x70:
                raise Malformed("format")
            data.absorb(self.index, self.store, data.RECORD)
            return self._read_on()
        return self._kernel.generated(self, template)

    # The directory (Book B 3.3.2)

    def _listed(self, status, response):
        if status != _OK:
            return self.end("declined", "not_accepted")
        if data.read(self.index, response) != 0x6F:
            raise Malformed("format")
        self._candidates, over = directory.candidates(self.index, self.settings["aids"], self.amount_minor)
        if not self._candidates and over:
            return self.end("declined", "over_limit")
        return self._try_next()

    # The application (Book B 3.3.3, 3.4)

    def _try_next(self):
        if not self._candidates:
            return self.end("declined", "blocked" if self._blocked else "not_accepted")
        _, self.aid, row = self._candidates.pop(0)
        self.store.forget()
        self._kernel = _KERNELS[row[rows.KERNEL]]
        self.label = row[rows.LABEL]
        self.denial = row[rows.DENIAL]
        self.above_cvm = self.amount_minor > row[rows.CVM_LIMIT]
        self.above_floor = self.amount_minor > row[rows.FLOOR_LIMIT] or self.amount_minor == 0     # nothing to pay: ask the bank too
        self.note("candidate", self.aid)
        self._state = _SELECT
        return apdu.select(self.out, self.aid)

    def _selected(self, status, response):
        if status != _OK:
            self._blocked |= status == _BLOCKED
            return self._try_next()
        if data.read(self.index, response) != 0x6F:
            raise Malformed("format")
        index = self.index
        name = index.get(0x84)
        if name is None or not 5 <= len(name) <= 16 or name[:len(self.aid)] != self.aid:
            raise Malformed("name")
        self.aid = bytes(name)
        self.store.put(0x84, name)
        self.store.put(0x95, bytes(5))
        self.language = data.languages(index.get(0x5F2D))
        self._name_it(index)
        self.note("kernel", "C-2" if self._kernel is c2 else "C-3")
        self._kernel.prepare(self)
        self._state = _START
        return apdu.get_processing_options(self.out, index.get(0x9F38), self.store.get)

    def _name_it(self, index):
        """Preferred name (9F12) in the Latin alphabet, else label (50), else ours (EMV Book 4 11.3)."""
        preferred, alphabet, label = index.get(0x9F12), index.get(0x9F11), index.get(0x50)
        given = ""
        if preferred is not None and alphabet is not None and bytes(alphabet) == b"\x01" and len(preferred) <= 16:
            given = data.text(preferred)
        if not given and label is not None and len(label) <= 16:
            given = data.text(label)
        self.label = given or self.label

    # The payment (Books C-2, C-3)

    def _started(self, status, response):
        if status == _SEE_PHONE:
            return self.end("see_phone", "see_phone")
        if status == _NOT_NOW:
            return self._try_next()
        if status != _OK:
            raise Malformed("status")
        self._kernel.started(self, data.read(self.index, response))
        locator = self.store.get(0x94)
        self._locator = b"" if locator is None else bytes(locator)
        self._file_at = self._record = 0
        return self._read_on()

    def _read_on(self):
        """READ RECORD of the next record of the locator, or what the kernel asks when all are read (EMV Book 3 10.2)."""
        locator, at = self._locator, self._file_at
        if at >= len(locator):
            self._state = _GENERATE
            return self._kernel.complete(self)
        if at + 4 > len(locator):
            raise Malformed("locator")
        file, first, last = locator[at] >> 3, locator[at + 1], locator[at + 2]
        if locator[at] & 7 or not 1 <= file <= 30 or not 1 <= first <= last or locator[at + 3] > last - first + 1:
            raise Malformed("locator")
        self._state = _READ
        record = self._record or first
        self._record = record + 1
        if record == last:
            self._file_at, self._record = at + 4, 0
        return apdu.read_record(self.out, file, record)

    def read_account(self):
        """pan, track2, expiry and sequence out of what was read; for the kernels. Raises Malformed."""
        data.account(self.store, self.pan, self.track2, self.expiry)
        sequence = self.store.get(0x5F34)
        self.sequence = None if sequence is None else data.number(sequence)

    def expired(self):
        return data.date(self.expiry) < self.today

    def allows(self, kind, why_not):
        """Whether the cryptogram's kind (9F27) is an ARQC; if not, the outcome stands. Raises Malformed("cid") for none of the three."""
        kind &= 0xC0
        if kind == 0x00:
            self.end("declined", why_not)
        elif kind == 0x40:
            self.end("declined", "offline_not_allowed")
        elif kind != 0x80:
            raise Malformed("cid")
        return kind == 0x80
