# escpos.py: an ESC/POS printer at its UART: buffer, mechanism, sensors, paper. At an empty roll it waits for ever; full, it loses bytes.
from microtill.bench.chips.escpos_commands import Interpreter
from microtill.bench.chips.escpos_paper import Paper

WIDTH_58, WIDTH_80 = 384, 576                   # dots of a 58 mm and an 80 mm head at 8 dots a millimetre
_DOTS_PER_MM = 8
_DLE, _EOT, _ENQ, _DC4 = 0x10, 0x04, 0x05, 0x14
_FIXED = 0x12                                   # bits 1 and 4 of every DLE EOT answer
_MAKER, _MODEL, _FIRMWARE = b"_MICROTILL\x00", b"_BENCH-58\x00", b"_1.00\x00"
OK, NEAR_END, OUT = "ok", "near end", "out"


class Escpos:
    """The printer. Sensors: `paper_out`, `near_end`, `reload`, `open_cover`, `close_cover`, `set_head_c`, `jam_cutter`, `set_roll`.

    Results: `receipts`, `drawer` [(at_us, pin, on_ms)], `printed_bytes`, `lost_bytes`. Hooks: `on_receipt(receipt)`, `on_change()`, `on_rows(rows)`.
    Times: `mm_s` of paper, `byte_us` to take a byte, `cut_us`. `deaf`: it hears and says nothing.
    `garble_next`: the next byte arrives as another one."""

    def __init__(self, world, line=None, width=WIDTH_58, mm_s=60, buffer=4096, byte_us=10, cut_us=300_000, baud=115200,
                 head_stop_c=65, head_resume_c=60):
        self.world, self.line, self.width, self.baud = world, line, width, baud
        self.row_us, self.byte_us, self.cut_us, self.buffer = 1_000_000 // (mm_s * _DOTS_PER_MM), byte_us, cut_us, buffer
        self.head_stop_c, self.head_resume_c = head_stop_c, head_resume_c
        self.sheet = Paper(width)
        self.receipts, self.drawer = [], []
        self.on_receipt = self.on_change = self.on_rows = None
        self.deaf = self.garble_next = self._is_near = self._is_out = self.cover_open = self.cutter_jammed = self._too_hot = False
        self.head_c, self.roll_mm, self.near_mm = 25, None, 0
        self._interpreter = Interpreter(self, self.sheet, width)
        if line is not None:
            line.chip = self
        self.power_on()

    def power_on(self):
        """The buffer and all modes are forgotten; paper, sensors and what was printed stay."""
        self._rx, self._recent, self._busy_us, self._pumping, self._auto = bytearray(), b"", 0, False, 0
        self.printed_bytes = self.lost_bytes = 0
        self._interpreter.power_on()

    # --- the wire

    def on_bytes(self, data, baud):
        """Real-time commands are obeyed as they arrive, even amid data and with a full buffer; all bytes go into the buffer."""
        if self.deaf or baud != self.baud:
            return
        if self.garble_next and data:
            self.garble_next, data = False, bytes((data[0] ^ 0x5A,)) + bytes(data[1:])
        for byte in data:
            self._recent = self._recent[-3:] + bytes((byte,))
            self._real_time()
            if len(self._rx) < self.buffer:
                self._rx.append(byte)
            else:
                self.lost_bytes += 1
        self._pump_at(self.world.now)

    def _real_time(self):
        recent = self._recent
        if recent[-3:-1] == bytes((_DLE, _EOT)) and 1 <= recent[-1] <= 4:
            self.answer(bytes((self.status(recent[-1]),)))
        elif recent[-3:] in (b"\x10\x05\x01", b"\x10\x05\x02") and self.cutter_jammed:
            self.cutter_jammed = False          # recover from an error, with or without what the buffer holds
            if recent[-1] == 2:
                self._rx.clear()
            self._sensed()
        elif recent[-4:-1] == b"\x10\x14\x01" and recent[-1] in (0, 1):
            self.kick(recent[-1], 100, 100)

    def answer(self, data):
        if not self.deaf and self.line is not None:
            self.line.to_host(data, self.baud)

    @property
    def busy(self):
        """DTR: it takes no more."""
        return len(self._rx) >= self.buffer or self.stopped

    @property
    def waiting(self):
        """Bytes in the buffer."""
        return len(self._rx)

    # --- status (DLE EOT, GS r, GS a, GS I)

    @property
    def paper(self):
        return OUT if self._is_out else NEAR_END if self._is_near else OK

    @property
    def stopped(self):
        """Nothing prints: offline."""
        return self._is_out or self.cover_open or self._too_hot or self.cutter_jammed

    def status(self, n):
        """The byte that answers DLE EOT n, 1 to 4."""
        if n == 1:
            return _FIXED | (0x08 if self.stopped else 0)
        if n == 2:
            error = self._too_hot or self.cutter_jammed
            return _FIXED | (0x04 if self.cover_open else 0) | (0x20 if self._is_out else 0) | (0x40 if error else 0)
        if n == 3:
            return _FIXED | (0x08 if self.cutter_jammed else 0) | (0x40 if self._too_hot else 0)
        return _FIXED | (0x0C if self._is_near or self._is_out else 0) | (0x60 if self._is_out else 0)

    def _automatic(self):
        first = 0x10 | (0x08 if self.stopped else 0) | (0x20 if self.cover_open else 0)
        second = (0x08 if self.cutter_jammed else 0) | (0x40 if self._too_hot else 0)
        third = (0x03 if self._is_near or self._is_out else 0) | (0x0C if self._is_out else 0)
        return bytes((first, second, third, 0x0F))

    def auto(self, n):
        """GS a: tell by itself at every change, and once now."""
        self._auto = n & 0x0F
        if self._auto:
            self._told = self._automatic()
            self.answer(self._told)

    def tell(self, n):
        """GS r: 1 paper, 2 drawer."""
        if n == 1:
            self.answer(self._automatic()[2:3])
        elif n == 2:
            self.answer(b"\x00")

    def identify(self, n):
        """GS I: model, type (an autocutter), ROM; texts for 65 to 67."""
        answers = {1: b"\x20", 49: b"\x20", 2: b"\x02", 50: b"\x02", 3: b"\x01", 51: b"\x01", 65: _FIRMWARE, 66: _MAKER, 67: _MODEL}
        self.answer(answers.get(n, b""))

    # --- what a person, heat and wear do

    def _sensed(self):
        if self._auto and self._automatic() != self._told:
            self._told = self._automatic()
            self.answer(self._told)
        if self.on_change:
            self.on_change()
        self._pump_at(self.world.now)

    def paper_out(self):
        self._is_out = True
        self._sensed()

    def near_end(self, near=True):
        self._is_near = near
        self._sensed()

    def reload(self):
        """A new roll: what waits in the buffer prints."""
        self._is_out = self._is_near = False
        self.roll_mm = None
        self._sensed()

    def set_roll(self, left_mm, near_mm=0):
        """So much paper is left; `near_mm` before its end the sensor sees it."""
        self.roll_mm, self.near_mm = left_mm, near_mm

    def open_cover(self):
        self.cover_open = True
        self._sensed()

    def close_cover(self):
        self.cover_open = False
        self._sensed()

    def set_head_c(self, celsius):
        """Temperature of the head; it stops at `head_stop_c` and goes on below `head_resume_c`."""
        self.head_c = celsius
        self._too_hot = celsius >= self.head_stop_c or (self._too_hot and celsius > self.head_resume_c)
        self._sensed()

    def jam_cutter(self, jammed=True):
        self.cutter_jammed = jammed
        self._sensed()

    # --- the mechanism

    def _pump_at(self, when_us):
        if not self._pumping:
            self._pumping = True
            self.world.at(max(when_us, self._busy_us), self._pump)

    def _pump(self):
        """Take bytes until one sets the mechanism moving; go on when it is done."""
        self._pumping = False
        if self.deaf:
            return
        while self._rx and not self.stopped:
            if self._busy_us > self.world.now:
                self._pump_at(self._busy_us)
                return
            byte = self._rx[0]
            del self._rx[0]
            self.printed_bytes += 1
            self._busy_us = max(self._busy_us, self.world.now)
            self._interpreter.feed(byte)

    def moved(self, rows):
        """Paper went by `rows` dots: it takes its time, and uses up the roll."""
        self._busy_us = max(self._busy_us, self.world.now) + rows * self.row_us
        if self.roll_mm is not None and rows:
            self.roll_mm = max(0, self.roll_mm - rows / _DOTS_PER_MM)
            near, out = self.roll_mm <= self.near_mm, self.roll_mm == 0
            if (near, out) != (self._is_near, self._is_out):
                self._is_near, self._is_out = near, out
                self._sensed()
        if self.on_rows and rows:
            self.on_rows(rows)
        if self.on_change and rows:
            self.on_change()

    def cut(self):
        self._busy_us = max(self._busy_us, self.world.now) + self.cut_us
        self.tear()

    def tear(self):
        """The paper comes off where the last row is: by the cutter, or by a hand at the tear bar."""
        receipt = self.sheet.cut(self.world.now)
        if receipt:
            self.receipts.append(receipt)
            if self.on_receipt:
                self.on_receipt(receipt)
        return receipt

    def kick(self, pin, on_ms, off_ms):
        self.drawer.append((self.world.now, pin, on_ms))

    @property
    def idle(self):
        """All that came has been printed and the head is still."""
        return not self._rx and self.world.now >= self._busy_us

    def image(self):
        """The paper that hangs out now, not yet cut: mode "L"."""
        return self.sheet.image()
