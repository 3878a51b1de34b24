# pn532_radio.py: a PN532's radio side: its field, the cards in it, blocks to and fro. A card that left is a time-out.
from microtill.bench.chips.iso14443 import CASCADE_TAG, Picc, State, crc_a, frame_us, fsc, fwt_us

OK, TIMEOUT, CRC_ERROR, COLLISION, PROTOCOL_ERROR, WRONG_CONTEXT = 0x00, 0x01, 0x02, 0x06, 0x0B, 0x27     # UM0701-02 7.1
_RATS_FSD = 0x80                            # FSDI 8: frames of 256 bytes


class Target:
    """A card that was listed: its interface, the life it was listed in, its ATS, and what an exchange has left over."""

    def __init__(self, picc, ats):
        self.picc, self.life, self.ats = picc, picc.life, ats
        self.number, self.outgoing, self.rest = 0, False, b""

    @property
    def timeout_us(self):
        return fwt_us(self.ats)

    def described(self, number):
        """TargetData of InListPassiveTarget at 106 kbit/s type A (7.3.5)."""
        card = self.picc.card
        head = bytes((number,)) + bytes(card.atqa) + bytes((card.sak, len(card.uid))) + bytes(card.uid)
        return head + self.ats


class Radio:
    """Field and cards. Times in microseconds: fdt (between frames), guard (field on to first request), try (one poll of an empty field)."""

    def __init__(self, world, fdt_us=90, guard_us=5_000, try_us=5_000, wakes_halted=True):
        self.world, self.fdt_us, self.guard_us, self.try_us, self.wakes_halted = world, fdt_us, guard_us, try_us, wakes_halted
        self.piccs, self.on_apdu, self.rf_bytes = [], None, 0
        self.targets, self.field, self._on_us, self._since_us, self._busy = {}, False, 0, 0, None

    def power_on(self):
        """All forgotten but which cards lie there."""
        self.reset()
        self._on_us = self.rf_bytes = 0

    def reset(self):
        """As power_on, but what was counted stays."""
        self.field_off()
        self.targets, self.auto_rats, self._seek = {}, True, None
        self.abort()

    @property
    def on_us(self):
        """How long the field has been on since power came."""
        return self._on_us + (self.world.now - self._since_us if self.field else 0)

    def field_on(self):
        if not self.field:
            self.field, self._since_us = True, self.world.now
            for picc in self.piccs:
                picc.power(True)

    def field_off(self):
        if self.field:
            self._on_us += self.world.now - self._since_us
            self.field = False
            for picc in self.piccs:
                picc.power(False)

    def present(self, card):
        """Lays a card in the field."""
        if any(picc.card is card for picc in self.piccs):
            return
        picc = Picc(card)
        self.piccs.append(picc)
        if self.field:
            picc.power(True)
        if self._seek and self._seek[0] is self._busy:
            token, begun_us = self._seek[:2]
            late_us = (self.world.now - begun_us) % self.try_us
            self.world.after(self.try_us - late_us if late_us else 0, self._poll, token)

    def remove(self, card):
        """Takes a card away, in the middle of whatever it does."""
        for picc in [picc for picc in self.piccs if picc.card is card]:
            picc.power(False)
            self.piccs.remove(picc)

    def abort(self):
        """Whatever was under way has no end any more."""
        self._busy = object()

    # --- finding cards

    def seek(self, most, last_us, uid, done):
        """Activate up to `most` cards of type A at 106 kbit/s: `done([Target])` when there are some, or with none after `last_us`.

        `last_us` None: it never gives up. `uid`: only that card, b"" for any."""
        self.release(self.targets)
        self.field_on()
        self.abort()
        first_us = max(self.world.now, self._since_us + self.guard_us)
        self._seek = (self._busy, first_us, most, uid, done)
        self.world.at(first_us, self._poll, self._busy)
        if last_us is not None:
            self.world.at(first_us + last_us, self._give_up, self._busy)

    def _give_up(self, token):
        if token is self._busy:
            done, self._seek = self._seek[4], None
            self.abort()
            done([])

    def _poll(self, token):
        if token is not self._busy or self._seek is None:
            return
        _, _, most, uid, done = self._seek
        answering = [picc for picc in self.piccs if picc.request(self.wakes_halted)]
        wanted = [picc for picc in answering if not uid or bytes(picc.card.uid) == uid]
        for picc in answering:
            if picc not in wanted[:most]:
                picc.state = State.IDLE
        if not wanted:
            return
        self._seek = None
        self.abort()
        found, took_us = [], 0
        for picc in wanted[:most]:
            picc.select()
            ats = picc.rats(_RATS_FSD) if self.auto_rats and picc.iso_dep else b""
            took_us += self._activation_us(picc.card.uid, ats)
            found.append(Target(picc, ats))
        self.world.after(took_us, self._found, self._busy, found, done)

    def _found(self, token, found, done):
        if token is self._busy:
            still = [target for target in found if target.picc.life == target.life]
            self.targets = {i + 1: target for i, target in enumerate(still)}
            done(still)

    def _activation_us(self, uid, ats):
        """REQA and ATQA, two rounds a cascade level, RATS and ATS (ISO 14443-3 6.5, -4 5.6)."""
        sizes = [1, 2] + [2, 5, 9, 3] * (1 if len(uid) == 4 else 2) + ([4, len(ats) + 2] if ats else [])
        self.rf_bytes += sum(sizes)
        return sum(frame_us(size) + self.fdt_us for size in sizes)

    def select(self, number):
        """InSelect: a target that was deselected is woken and activated again. Returns a status."""
        target = self.targets[number]
        if target.picc.life != target.life:
            return TIMEOUT
        if target.picc.state is not State.PROTOCOL and target.picc.request(True):
            target.picc.select()
            target.number = 0
            if target.ats:
                target.picc.rats(_RATS_FSD)
        return OK

    def deselect(self, numbers):
        for number in numbers:
            target = self.targets[number]
            if target.picc.life == target.life:
                target.picc.deselect()
            target.number, target.outgoing, target.rest = 0, False, b""

    def release(self, numbers):
        numbers = list(numbers)
        self.deselect(numbers)
        for number in numbers:
            del self.targets[number]

    # --- one frame there, one frame back

    def transact(self, picc, life, frame, timeout_us, done):
        """Send a frame (its CRC counted, not carried); `done(answer)`, or `done(None)` when the time-out has passed."""
        if picc.quiet:
            picc.begin(self.world.now)
        self.rf_bytes += len(frame) + 2
        self.world.after(frame_us(len(frame) + 2), self._at_card, self._busy, picc, life, frame, timeout_us, done)

    def _at_card(self, token, picc, life, frame, timeout_us, done):
        if token is not self._busy:
            return
        limit_us = self.world.now + timeout_us
        answer, took_us = picc.receive(frame) if picc.life == life else (None, 0)
        if answer is None or self.fdt_us + took_us > timeout_us:
            self.world.at(limit_us, self._lost, token, picc, done)
            return
        self.rf_bytes += len(answer) + 2
        self.world.after(self.fdt_us + took_us + frame_us(len(answer) + 2), self._heard, token, picc, life, answer, limit_us, done)

    def _heard(self, token, picc, life, answer, limit_us, done):
        if token is not self._busy:
            return
        if picc.life != life:
            self.world.at(limit_us, self._lost, token, picc, done)
            return
        if picc.finished and self.on_apdu:
            self.on_apdu(*picc.finished, picc.began_us, self.world.now - picc.began_us)
            picc.finished = None
        done(answer)

    def _lost(self, token, picc, done):
        if token is not self._busy:
            return
        command = picc.pending or picc.finished and picc.finished[0]
        if command and self.on_apdu:
            self.on_apdu(command, None, picc.began_us, self.world.now - picc.began_us)
        picc.begin(self.world.now)
        done(None)

    # --- ISO 14443-4, the reader's side

    def exchange(self, target, data, more, done):
        """One APDU, or a piece of one where `more` follows: `done(status, response)`."""
        room = fsc(target.ats) - 3
        chunks = [data[i:i + room] for i in range(0, len(data), room)] or [b""]
        self._send_chunk(target, chunks, more, done)

    def _send_chunk(self, target, chunks, more, done):
        chunk = chunks.pop(0)
        block = bytes((0x02 | target.number | (0x10 if chunks or more else 0),)) + chunk
        self.transact(target.picc, target.life, block, target.timeout_us,
                      lambda answer: self._block(target, chunks, more, b"", done, answer))

    def _block(self, target, chunks, more, response, done, answer):
        if answer is None:
            done(TIMEOUT, b"")
            return
        pcb = answer[0]
        if pcb & 0xF7 == 0xF2:                  # the card asks for time, and gets it
            times = answer[1] & 0x3F
            self.transact(target.picc, target.life, bytes((0xF2, times)), target.timeout_us * times,
                          lambda later: self._block(target, chunks, more, response, done, later))
        elif pcb & 0xF6 == 0xA2 and pcb & 1 == target.number:
            target.number ^= 1
            if chunks:
                self._send_chunk(target, chunks, more, done)
            else:
                done(OK, b"")
        elif pcb & 0xE2 == 0x02 and pcb & 1 == target.number and not chunks:
            target.number ^= 1
            if not pcb & 0x10:
                done(OK, response + answer[1:])
                return
            self.transact(target.picc, target.life, bytes((0xA2 | target.number,)), target.timeout_us,
                          lambda later: self._block(target, [], False, response + answer[1:], done, later))
        else:
            done(PROTOCOL_ERROR, b"")

    def is_there(self, target, done):
        """R(NAK), as a presence check (Diagnose 06): `done(True or False)`."""
        self.transact(target.picc, target.life, bytes((0xB2 | target.number,)), target.timeout_us, lambda answer: done(answer is not None))

    # --- raw frames

    def raw(self, frame, tx_crc, rx_crc, last_bits, timeout_us, done):
        """InCommunicateThru: `done(status, answer)`. With `tx_crc` the chip appends the CRC, with `rx_crc` it checks and strips it."""
        anticollision = len(frame) == 2 and frame[0] in (0x93, 0x95) and frame[1] == 0x20
        if not tx_crc and not anticollision and last_bits == 0:
            if len(frame) < 3 or crc_a(frame[:-2]) != frame[-2:]:
                self._silence(timeout_us, done)
                return
            frame = frame[:-2]
        if last_bits == 7 and len(frame) == 1:
            answers = [answer for picc in self.piccs if (answer := picc.short(frame[0])) is not None]
            self._bare(answers[:1], 3, timeout_us, done)
        elif anticollision:
            answers = [answer for picc in self.piccs if (answer := picc.receive(frame)[0]) is not None]
            self._bare(answers, 7, timeout_us, done)
        else:
            listeners = [picc for picc in self.piccs if picc.state in (State.READY, State.ACTIVE, State.PROTOCOL)]
            if not listeners or not frame:
                self._silence(timeout_us, done)
                return
            picc = next((picc for picc in listeners if picc.state is State.PROTOCOL), listeners[0])
            self.transact(picc, picc.life, frame, timeout_us, lambda answer: self._raw_answer(answer, rx_crc, done))

    def _silence(self, timeout_us, done):
        self.world.after(timeout_us, self._if_busy, self._busy, done, TIMEOUT, b"")

    def _bare(self, answers, size, timeout_us, done):
        """Frames without a CRC: ATQA and anticollision."""
        if not answers:
            self._silence(timeout_us, done)
        else:
            status, answer = (OK, answers[0]) if len(set(answers)) == 1 else (COLLISION, b"")
            self.world.after(frame_us(size) + self.fdt_us, self._if_busy, self._busy, done, status, answer)

    def _if_busy(self, token, done, *args):
        if token is self._busy:
            done(*args)

    def _raw_answer(self, answer, rx_crc, done):
        if answer is None:
            done(TIMEOUT, b"")
        else:
            done(OK, answer if rx_crc else answer + crc_a(answer))


def plain_uid(data):
    """A UID as InListPassiveTarget takes it, with its cascade tags, as the UID alone."""
    return data[1:] if len(data) > 4 and data[0] == CASCADE_TAG else data
