# device.py: a PN532 as a reader of ISO 14443 A cards: find, talk to, let go. UM0701-02 gives the clauses.
# Fails with PN532Error: "deaf", "time", "frame", "syntax", "busy", "card_gone", "rf", "context", "protocol", "size", "chip".
import asyncio
from micropython import const
from pn532.transport import Deadline, Hsu, PN532Error

_DIAGNOSE, _VERSION, _BAUD, _SAM, _RF = const(0x00), const(0x02), const(0x10), const(0x14), const(0x32)
_EXCHANGE, _LIST, _RELEASE = const(0x40), const(0x4A), const(0x52)
_FIELD, _RETRIES = const(0x01), const(0x05)     # items of RFConfiguration, 7.3.1
_PRESENCE = const(0x06)                         # test of Diagnose: is the ISO 14443-4 card still there, 7.2.1
_MORE = const(0x40)                             # MI of Tg and of a status, 7.3.8
_STATUS = const(0x3F)
_PIECE = const(262)                             # DataOut and DataIn of one InDataExchange, 7.3.8
_ISO_DEP = const(0x20)                          # of SAK: the card speaks ISO 14443-4
_SHORT_MS = const(100)                          # commands that the chip answers by itself
_PRESENCE_MS = const(1500)                      # a card may take its frame waiting time, more than once
_GONE_EACH_MS = const(100)
_RATES = (9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)    # 7.2.6
_FIRST_RATES = (115200, 921600, 460800, 230400)     # after power on; or what an earlier life of ours left
_WORDS = {0x01: "card_gone", 0x02: "rf", 0x03: "rf", 0x05: "rf", 0x06: "rf", 0x0A: "rf", 0x0B: "protocol", 0x13: "protocol",
          0x27: "context", 0x29: "card_gone", 0x2A: "card_gone", 0x2B: "card_gone"}     # 7.1, table 24


def _failed(status):
    return PN532Error(_WORDS.get(status, "chip"), status)


class Target:
    """A card in the field. `count`: how many were seen, 1 or 2 (then this is the first). `uid`, `atqa` (2 bytes, as the chip gives it),
    `sak`, `ats` (TL first; b"" for a card that does not speak ISO 14443-4), `iso_dep`."""

    def __init__(self, count, body):
        end = 6 + body[5]
        self.count, self.sak = count, body[4]
        self.atqa, self.uid = bytes(body[2:4]), bytes(body[6:end])
        self.iso_dep = bool(self.sak & _ISO_DEP)
        self.ats = bytes(body[end:end + body[end]]) if self.iso_dep and end < len(body) else b""


class PN532:
    """`uart`: a machine.UART, timeout 0. `longest`: the longest answer of a card that is taken, in bytes."""

    def __init__(self, uart, longest=2048):
        self._line = Hsu(uart)
        self._longest, self._whole = longest, None
        self._target = None

    async def _command(self, code, data, within_ms=_SHORT_MS):
        self._line.data[2:2 + len(data)] = data
        return await self._line.command(code, len(data), Deadline(within_ms))

    async def firmware_version(self):
        """IC, version, revision, support: 4 bytes (7.2.2)."""
        return bytes(await self._command(_VERSION, b""))

    async def configure(self):
        """Wake the chip, at whatever rate it is, and have it look for a card until it is told to stop. The field stays off."""
        await self._call()
        await self._command(_SAM, b"\x01\x14\x01")                  # 7.2.10: normal mode, no SAM
        await self._command(_RF, bytes((_RETRIES, 0xFF, 0x01, 0xFF)))
        self._target = None

    async def _call(self):
        for rate in _FIRST_RATES:
            self._line.open(rate)
            try:
                return await self.firmware_version()
            except PN532Error as error:
                if error.code not in ("deaf", "time", "frame"):
                    raise
        raise PN532Error("deaf")

    async def wake(self):
        """A long wake-up behind a quiet line, for a chip that does not answer; configure() afterwards."""
        await self._line.wake()

    async def set_rate(self, baud):
        """Both ends to `baud` (9600 to 921600). Where the chip does not follow, back to what was, and the error is raised."""
        before = self._line.baud
        await self._command(_BAUD, bytes((_RATES.index(baud),)))
        self._line.move(baud)
        try:
            await self.firmware_version()
        except PN532Error:
            self._line.open(before)
            raise

    async def find(self, within_ms=None):
        """The first card that comes into the field within `within_ms` (None: for ever), as a Target; None when nobody came.
        Nothing runs here meanwhile: the chip looks by itself, and may be left alone by a cancel."""
        self._target = None
        try:
            body = await self._command(_LIST, b"\x02\x00", within_ms)       # two cards at most, 106 kbit/s type A (7.3.5)
        except PN532Error as error:
            if error.code != "time":
                raise
            return None
        if not body[0]:
            return None
        self._target = Target(body[0], body)
        return self._target

    async def exchange(self, apdu, within_ms=1000):
        """One command to the card and its response, status word included, as a window that is good until the next call.
        Longer ones go and come in pieces. Raises PN532Error("card_gone") where it left, "size" where the response is too long."""
        deadline = Deadline(within_ms)
        line, at, left = self._line, 0, len(apdu)
        while left > _PIECE:
            piece = memoryview(apdu)[at:at + _PIECE]
            await self._piece(1 | _MORE, piece, deadline)
            at += _PIECE
            left -= _PIECE
        body = await self._piece(1, memoryview(apdu)[at:] if at else apdu, deadline)
        if not body[0] & _MORE:
            return body[1:]
        if self._whole is None:
            self._whole = bytearray(self._longest)
        have = 0
        while True:
            size = len(body) - 1
            if have + size > self._longest:
                raise PN532Error("size")
            self._whole[have:have + size] = body[1:]
            have += size
            if not body[0] & _MORE:
                return memoryview(self._whole)[:have]
            line.data[2] = 1
            body = self._good(await line.command(_EXCHANGE, 1, deadline, False))

    async def _piece(self, target, data, deadline):
        line = self._line
        line.data[2] = target
        line.data[3:3 + len(data)] = data
        return self._good(await line.command(_EXCHANGE, 1 + len(data), deadline, False))

    def _good(self, body):
        if not body:
            raise PN532Error("frame")
        if body[0] & _STATUS:
            raise _failed(body[0] & _STATUS)
        return body

    async def field(self, on):
        """RF field on or off. Off, every card forgets what it was asked."""
        await self._command(_RF, bytes((_FIELD, 1 if on else 0)))
        if not on:
            self._target = None

    async def release(self):
        """Let go of every card, of those too that have left by themselves; the field stays as it is."""
        self._target = None
        await self._command(_RELEASE, b"\x00")

    def abort(self):
        """End what the chip does. For a task that is cancelled the driver does so by itself."""
        self._line.abort()

    async def present(self):
        """Is the card that find() gave still there? Takes up to its frame waiting time; no command goes to the card."""
        target = self._target
        if target is None:
            return False
        if not target.iso_dep:
            return await self._again(target)
        body = await self._command(_DIAGNOSE, bytes((_PRESENCE,)), _PRESENCE_MS)
        if body and not body[0]:
            return True
        self._target = None
        return False

    async def _again(self, target):
        """A card below ISO 14443-4 cannot be asked: list it anew."""
        found = await self.find(_GONE_EACH_MS)
        return found is not None and found.uid == target.uid

    async def wait_removed(self, within_ms=None):
        """True once the card has left, False when `within_ms` (None: for ever) have passed and it has not."""
        deadline = Deadline(within_ms)
        while await self.present():
            left = deadline.left_ms()
            if left == 0:
                return False
            await asyncio.sleep_ms(_GONE_EACH_MS if left is None else min(left, _GONE_EACH_MS))
        return True
