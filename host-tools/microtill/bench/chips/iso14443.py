# iso14443.py: a card's side of ISO 14443-3 and -4 type A, frame by frame. What breaks the protocol is met with silence, as a card does.
from enum import Enum

BIT_NS = 9_440                              # 128 / 13.56 MHz: one bit at 106 kbit/s
_FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256)       # ISO 14443-4 5.2.3, by FSCI or FSDI
_FWT_UNIT_US = 302                          # 256 * 16 / fc, ISO 14443-4 7.2
_WTX_MOST = 59                              # ISO 14443-4 7.3
REQA, WUPA, RATS = 0x26, 0x52, 0xE0
HLTA = b"\x50\x00"
CASCADE_TAG = 0x88


def crc_a(data):
    """CRC_A of ISO 14443-3 annex B, as two bytes in the order sent."""
    crc = 0x6363
    for byte in data:
        byte ^= crc & 0xFF
        byte = (byte ^ byte << 4) & 0xFF
        crc = crc >> 8 ^ byte << 8 ^ byte << 3 ^ byte >> 4
    return bytes((crc & 0xFF, crc >> 8 & 0xFF))


def frame_us(size):
    """Air time of `size` bytes with their parity, start and end, at 106 kbit/s, in microseconds."""
    return (size * 9 + 2) * BIT_NS // 1000


def frame_size(code):
    """FSD or FSC in bytes for its code; codes past 8 count as 8."""
    return _FRAME_SIZES[min(code, 8)]


def fwt_us(ats):
    """Frame waiting time that an ATS promises, in microseconds (TB1's upper half; 4 where it is absent or 15)."""
    fwi = 4
    if len(ats) > 1 and ats[1] & 0x20:
        at = 2 + (ats[1] >> 4 & 1)
        if at < len(ats) and ats[at] >> 4 != 15:
            fwi = ats[at] >> 4
    return _FWT_UNIT_US << fwi


def fsc(ats):
    """Largest frame that the card takes, in bytes."""
    return frame_size(ats[1] & 15) if len(ats) > 1 else 32


def cascades(uid):
    """UID_CLn with its check byte, a level each (ISO 14443-3 6.5.4)."""
    parts = [uid] if len(uid) == 4 else [bytes((CASCADE_TAG,)) + uid[:3], uid[3:]]
    return [part + bytes((part[0] ^ part[1] ^ part[2] ^ part[3],)) for part in parts]


class State(Enum):
    OFF = 0
    IDLE = 1
    READY = 2
    ACTIVE = 3
    HALT = 4
    PROTOCOL = 5


class Picc:
    """The contactless interface around one `card`: what it answers to each frame, and when."""

    def __init__(self, card):
        self.card, self.state, self.life = card, State.OFF, 0
        self._reset()
        self.begin(0)

    def begin(self, now_us):
        """A new command starts: `pending` is what the card works on, `finished` (command, response) once its last block is out."""
        self.began_us, self.pending, self.finished = now_us, None, None

    def _reset(self):
        self._number, self._fsd, self._level = 1, 256, 0
        self._command, self._chunks, self._last, self._waiting = bytearray(), [], None, None

    def power(self, on):
        """The field came or went."""
        self.life += 1
        self.state = State.IDLE if on else State.OFF
        self._reset()
        if on:
            self.card.power_on()

    @property
    def iso_dep(self):
        return bool(self.card.sak & 0x20)

    @property
    def quiet(self):
        """True when nothing of an exchange is under way: the next block starts a command."""
        return not (self._command or self._chunks or self._waiting)

    def request(self, wake_halted):
        """REQA or WUPA. True when it answers with its ATQA; a card that was active falls back to idle (ISO 14443-3 6.3)."""
        if self.state is State.IDLE or (self.state is State.HALT and wake_halted):
            self.state, self._level = State.READY, 0
            return True
        if self.state in (State.READY, State.ACTIVE):
            self.state = State.IDLE
        return False

    def select(self):
        """Every cascade level chosen: active."""
        self.state = State.ACTIVE

    def deselect(self):
        self.state = State.HALT
        self._reset()

    def rats(self, parameter):
        """ATS, or None where the card is not of ISO 14443-4 or not active (ISO 14443-4 5.6.1)."""
        if self.state is not State.ACTIVE or not self.iso_dep:
            return None
        self._reset()
        self.state, self._fsd = State.PROTOCOL, frame_size(parameter >> 4)
        self.card.power_on()
        return bytes(self.card.ats)

    def short(self, code):
        """A frame of seven bits. Returns the ATQA in the order of the air, or None."""
        if code in (REQA, WUPA) and self.request(code == WUPA):
            return bytes(self.card.atqa[::-1])
        return None

    def receive(self, frame):
        """A whole frame, CRC already taken off. Returns (answer or None, microseconds of the card's own time)."""
        if self.state is State.PROTOCOL:
            return self._block(frame)
        if self.state is State.ACTIVE:
            if frame == HLTA:
                self.deselect()
                return None, 0
            if len(frame) == 2 and frame[0] == RATS:
                return self.rats(frame[1]), 300
            raw = getattr(self.card, "raw", None)
            return raw(frame) if raw and not self.iso_dep else (None, 0)
        if self.state is State.READY:
            return self._anticollision(frame), 0
        return None, 0

    def _anticollision(self, frame):
        levels = cascades(self.card.uid)
        if self._level >= len(levels) or len(frame) < 2 or frame[0] != (0x93, 0x95)[self._level]:
            return None
        part = levels[self._level]
        if frame[1] == 0x20:
            return part
        if frame[1] != 0x70 or frame[2:7] != part:
            return None
        self._level += 1
        if self._level < len(levels):
            return b"\x04"
        self.select()
        return bytes((self.card.sak,))

    def _block(self, frame):
        """One block of ISO 14443-4 7.5; rules by their letters there."""
        if not frame:
            return None, 0
        pcb, cid = frame[0], frame[1:2] if frame[0] & 0x08 else b""
        body = frame[1 + len(cid):]
        if pcb & 0xE6 == 0x02:                  # with a NAD (bit 3) it is not for us
            return self._information(pcb, cid, body)
        if pcb & 0xE6 == 0xA2:
            return self._receipt(pcb, cid), 0
        if pcb & 0xF7 == 0xC2:
            self.deselect()
            return bytes((pcb,)) + cid, 0
        if pcb & 0xF7 == 0xF2 and self._waiting:
            response, left_us, granted_us = self._waiting
            self._waiting = None
            return self._in_time(response, left_us, cid, granted_us)
        if pcb & 0xF0 == 0xD0:
            return bytes((pcb,)), 0             # PPSS: it stays at 106 kbit/s
        return None, 0

    def _information(self, pcb, cid, body):
        self._number ^= 1                       # rule D
        self._chunks = []
        self._command += body
        if pcb & 0x10:
            return self._say(bytes((0xA2 | self._number | pcb & 8,)) + cid), 0     # rule 2
        self.pending = bytes(self._command)
        self._command.clear()
        response, took_us = self.card.apdu(self.pending)
        if response is None:
            self.finished, self.pending = (self.pending, None), None
            return None, took_us
        return self._in_time(bytes(response), took_us, cid, fwt_us(self.card.ats))

    def _in_time(self, response, took_us, cid, granted_us):
        """The response, or a wish for more time (S(WTX)) where it would take longer than the ATS promises."""
        fwt = fwt_us(self.card.ats)
        if took_us > granted_us:
            times = min(_WTX_MOST, -(-took_us // fwt))
            self._waiting = (response, took_us - fwt // 2, times * fwt)
            return self._say(bytes((0xF2 | (8 if cid else 0),)) + cid + bytes((times,))), fwt // 2
        room = self._fsd - 3 - len(cid)
        self._chunks = [response[i:i + room] for i in range(0, len(response), room)] or [b""]
        self._whole = response
        return self._next(cid), took_us

    def _next(self, cid):
        chunk = self._chunks.pop(0)
        if not self._chunks:
            self.finished, self.pending = (self.pending, self._whole), None
        pcb = 0x02 | self._number | (0x10 if self._chunks else 0) | (8 if cid else 0)
        return self._say(bytes((pcb,)) + cid + chunk)

    def _receipt(self, pcb, cid):
        """R(ACK) and R(NAK): again, or the next of a chain (rules 11, 12, 13)."""
        if pcb & 1 == self._number:
            return self._last
        if pcb & 0x10:
            return bytes((0xA2 | self._number | pcb & 8,)) + cid
        if not self._chunks:
            return None
        self._number ^= 1                       # rule E
        return self._next(cid)

    def _say(self, block):
        self._last = block
        return block
