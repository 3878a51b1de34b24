# emv.py: what every contactless EMV card does: ISO 7816-4 commands, directory, states. A bad command gets a status word, no exception.
from pyemv import tlv

OK = b"\x90\x00"
BLOCKED = b"\x62\x83"             # ISO 7816-4: selected file deactivated; EMV Book 1 12.3.1: application blocked
WRONG_LENGTH = b"\x67\x00"
NOT_NOW = b"\x69\x85"             # conditions of use not satisfied
SEE_PHONE = b"\x69\x86"           # EMV Contactless Book C-3: try again after a look at the device
BAD_DATA = b"\x6a\x80"
NOT_FOUND = b"\x6a\x82"
NO_RECORD = b"\x6a\x83"
BAD_P1_P2 = b"\x6a\x86"
NO_DATA = b"\x6a\x88"
NO_INS = b"\x6d\x00"
NO_CLA = b"\x6e\x00"

PPSE = b"2PAY.SYS.DDF01"          # EMV Contactless Book B 3.3.2
_SELECT = (0x00, 0xA4)
_READ_RECORD = (0x00, 0xB2)
_GPO = (0x80, 0xA8)
_GENERATE_AC = (0x80, 0xAE)
_GET_DATA = (0x80, 0xCA)
_COMMANDS = (_SELECT, _READ_RECORD, _GPO, _GENERATE_AC, _GET_DATA)
_ATS = bytes.fromhex("0B7880A102312054455354")                    # ISO 14443-4 5.2: FSCI 8 (256 bytes), 106 kbit/s only, FWI 10, CID

NOTHING, DIRECTORY, SELECTED, STARTED, DONE = range(5)             # states: since power on, PPSE, application, GPO, GENERATE AC


class Bad(Exception):
    """A command that the card refuses; `sw` is its whole answer."""

    def __init__(self, sw):
        self.sw = sw


def split(command):
    """(class, instruction, p1, p2, data) of one short APDU, with or without Le (ISO 7816-4 5.1). Raises Bad."""
    if len(command) < 4:
        raise Bad(WRONG_LENGTH)
    cla, ins, p1, p2 = command[:4]
    body = command[4:]
    if len(body) <= 1:
        return cla, ins, p1, p2, b""
    size = body[0]
    if size == 0 or len(body) not in (size + 1, size + 2):
        raise Bad(WRONG_LENGTH)
    return cla, ins, p1, p2, bytes(body[1:1 + size])


def dol_values(dol, data):
    """{tag: value} of `data` laid out as `dol`, a tuple of (tag, size in bytes) (EMV Book 3 5.4). Raises Bad(WRONG_LENGTH)."""
    if len(data) != sum(size for _, size in dol):
        raise Bad(WRONG_LENGTH)
    values, at = {}, 0
    for tag, size in dol:
        values[tag] = data[at:at + size]
        at += size
    return values


def dol_bytes(dol):
    return b"".join(bytes.fromhex(tag) + bytes((size,)) for tag, size in dol)


def track2(person):
    """Track 2 equivalent data, tag 57 (EMV Book 3 annex A): PAN, D, YYMM, service code 201, discretionary digits, F to a whole byte."""
    digits = f"{person.pan}D{person.expiry}2010000000000"
    return bytes.fromhex(digits + "F" * (len(digits) % 2))


class Card:
    """One card in a field. Subclasses give `aid`, `label`, `kernel`, `files` and answer GPO and GENERATE AC.

    `person` is its demonstration person, `genuine` a pyemv cryptogram version made for it, `count` a callable that gives the next
    application transaction counter (1 to 65535), already safe on disk. `pulled_at` is the number (from 1) of the command that it no
    longer hears.
    """
    aid, label, kernel = b"", b"", b""
    atqa, sak, ats = b"\x00\x04", 0x20, _ATS       # SENS_RES high byte first; SAK bit 6: ISO 14443-4
    pace_us = {"directory": 24_000, "select": 28_000, "gpo": 30_000, "read": 17_000, "ac": 120_000, "other": 8_000}

    def __init__(self, person, genuine, count, pulled_at=None):
        self.person, self.genuine, self.count, self.pulled_at = person, genuine, count, pulled_at
        self.name, self.pin = person.name, person.pin
        self.uid = self._uid()
        self.files = {}
        self.power_on()

    def _uid(self):
        seed = sum(self.name.encode()) * 0x01000193 & 0xFFFFFF
        return b"\x5a" + seed.to_bytes(3, "big")

    def power_on(self):
        """The field has reached it: nothing is selected, and a card that left is back."""
        self.state, self.gone, self.heard = NOTHING, False, 0
        self.atc = None

    def apdu(self, command):
        """(response with its status word, or None when the card has left; microseconds that it thought)."""
        self.heard += 1
        if self.gone or (self.pulled_at is not None and self.heard >= self.pulled_at):
            self.gone = True
            return None, 0
        self._step = "other"
        try:
            response = self._answer(bytes(command))
        except Bad as refused:
            response = refused.sw
        return response, self.pace_us[self._step]

    def _answer(self, command):
        cla, ins, p1, p2, data = split(command)
        if (cla, ins) not in _COMMANDS:
            raise Bad(NO_INS if cla in (0x00, 0x80) else NO_CLA)
        if (cla, ins) == _SELECT:
            return self._select(p1, p2, data)
        if self.state < SELECTED:
            raise Bad(NOT_NOW)
        if (cla, ins) == _GPO:
            return self._start(p1, p2, data)
        if (cla, ins) == _READ_RECORD:
            return self._read(p1, p2, data)
        if (cla, ins) == _GENERATE_AC:
            self._step = "ac"
            return self.generate_ac(p1, p2, data)
        return self._get_data(p1, p2, data)

    def _select(self, p1, p2, data):
        if p1 != 0x04 or p2 not in (0x00, 0x02):
            raise Bad(BAD_P1_P2)
        if not data:
            raise Bad(WRONG_LENGTH)
        if data == PPSE and p2 == 0x00:
            self._step, self.state = "directory", DIRECTORY
            return tlv.encode({"6F": {"84": PPSE, "A5": {"BF0C": {"61": self.entry()}}}}) + OK
        if p2 == 0x00 and len(data) >= 5 and self.aid[:len(data)] == data:      # EMV Book 1 12.3.1: by partial name
            self._step, self.state = "select", SELECTED
            return tlv.encode({"6F": {"84": self.aid, "A5": self.proprietary()}}) + self.select_status()
        raise Bad(NOT_FOUND)

    def entry(self):
        """The directory entry (EMV Contactless Book B 3.3.2): application, label, priority, kernel."""
        return {"4F": self.aid, "50": self.label, "87": b"\x01", **({"9F2A": self.kernel} if self.kernel else {})}

    def proprietary(self):
        """Tag A5 of the application's file control information (EMV Book 1 table 45)."""
        languages = self.person.languages.encode("ascii")
        return {"50": self.label, "87": b"\x01", **self.processing_options(), **({"5F2D": languages} if languages else {})}

    def processing_options(self):
        """{"9F38": PDOL}, or nothing where the card asks for none."""
        return {}

    def select_status(self):
        return BLOCKED if self.person.blocked else OK

    def _start(self, p1, p2, data):
        self._step = "gpo"
        if p1 or p2:
            raise Bad(BAD_P1_P2)
        if self.state != SELECTED or self.person.blocked:
            raise Bad(NOT_NOW)
        if len(data) < 2 or data[0] != 0x83:
            raise Bad(BAD_DATA)
        if data[1] != len(data) - 2:
            raise Bad(WRONG_LENGTH)
        return self.start(data[2:])

    def take_counter(self):
        count = self.count()
        if count > 0xFFFF:            # EMV Book 2 8.1: the counter never wraps; the card is at its end
            raise Bad(NOT_NOW)
        self.atc = count.to_bytes(2, "big")

    def _read(self, p1, p2, data):
        self._step = "read"
        if data:
            raise Bad(WRONG_LENGTH)
        if p1 == 0 or p2 & 0x07 != 0x04:
            raise Bad(BAD_P1_P2)
        if self.state < STARTED:
            raise Bad(NOT_NOW)
        sfi = p2 >> 3
        if not any(key[0] == sfi for key in self.files):
            raise Bad(NOT_FOUND)
        if (sfi, p1) not in self.files:
            raise Bad(NO_RECORD)
        return tlv.encode({"70": self.files[(sfi, p1)]}) + OK

    def _get_data(self, p1, p2, data):
        if data:
            raise Bad(WRONG_LENGTH)
        if (p1, p2) == (0x9F, 0x36) and self.atc:
            return tlv.encode({"9F36": self.atc}) + OK
        raise Bad(NO_DATA)

    def start(self, values):
        """Answer to GET PROCESSING OPTIONS; `values` are the bytes that the PDOL asked for. Raises Bad."""
        raise Bad(NOT_NOW)

    def generate_ac(self, p1, p2, data):
        """Answer to GENERATE AC. Raises Bad."""
        raise Bad(NO_INS)
