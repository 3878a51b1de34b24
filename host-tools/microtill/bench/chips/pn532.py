# pn532.py: an NXP PN532 at its serial wire, from UM0701-02: every command a reader needs. The unknown gets an error frame.
from microtill.bench.chips.pn532_hsu import HsuLink, Syntax
from microtill.bench.chips.pn532_radio import OK, TIMEOUT, WRONG_CONTEXT, Radio, plain_uid

_VERSION = b"\x32\x01\x06\x07"                  # PN532, 1.6, type A, B and 18092: 7.2.2
_MORE = 0x40                                    # MI of Tg and of a status: 7.3.8
_DATA_MOST = 262                                # DataIn and DataOut of InDataExchange: 7.3.8
_FOREVER = 0xFF
_AUTO_POLL_UNIT_US = 150_000                    # 7.3.13
_TX_MODE, _RX_MODE, _TX_CONTROL, _FIFO, _BIT_FRAMING = 0x6302, 0x6303, 0x6304, 0x6339, 0x633D
_CRC_ON, _NOT_106A = 0x80, 0x73                 # CIU_TxMode: CRC, speed and framing
_RESET_REGISTERS = {_TX_CONTROL: 0x80, 0x6305: 0x40, 0x6338: 0x00, 0x633C: 0x10}
_RF_ITEMS = {0x01: 1, 0x02: 3, 0x04: 1, 0x05: 3, 0x0A: 11, 0x0B: 8, 0x0C: 3, 0x0D: 9}       # lengths, 7.3.1
_SUPPLY_OFF_US = 50_000                         # so long without a supply empties the last capacitor
_TYPE_A = (0x00, 0x10, 0x20)                    # InAutoPoll: any, Mifare, ISO 14443-4


class PN532(HsuLink):
    """The chip. `present` and `remove` lay cards in its field; `on_apdu(command, response, at_us, took_us)` tells of each exchange."""

    def __init__(self, world, line=None, ack_us=150, work_us=700, wake_us=300, gap_us=50_000,
                 fdt_us=90, guard_us=5_000, try_us=5_000, wakes_halted=True):
        HsuLink.__init__(self, world, ack_us, work_us, wake_us, gap_us)
        self.radio = Radio(world, fdt_us, guard_us, try_us, wakes_halted)
        self._table = {
            0x00: self._diagnose, 0x02: self._version, 0x04: self._status, 0x06: self._read_register, 0x08: self._write_register,
            0x0C: self._read_gpio, 0x0E: self._nothing, 0x10: self._baud, 0x12: self._parameters, 0x14: self._sam, 0x16: self._power_down,
            0x32: self._rf_configuration, 0x40: self._data_exchange, 0x42: self._communicate_thru, 0x44: self._deselect,
            0x46: self._no_peer, 0x4A: self._list, 0x4E: self._psl, 0x50: self._atr, 0x52: self._release, 0x54: self._select,
            0x56: self._no_peer, 0x60: self._auto_poll,
        }
        self.reset_pin = self.supply_pin = self._off_us = None
        if line is not None:
            self.line, line.chip = line, self
        self.power_on()

    def power_on(self):
        self.radio.power_on()
        self.commands, self._off, self._off_us = 0, False, None
        self._reset()

    def _reset(self):
        """Everything forgotten but what was counted."""
        HsuLink.power_on(self)
        self.radio.reset()
        self._error, self._sam_mode, self._registers = 0, 0, dict(_RESET_REGISTERS)
        self._passive_retries, self._timeout_code = _FOREVER, 0x0A

    def watch(self, pins, reset_pin, supply_pin):
        """Its RSTPDN (low: held in reset) and the switch of its supply (high: on); pins that nobody drives are high."""
        self.reset_pin, self.supply_pin = reset_pin, supply_pin
        pins.attach(self, watches=(reset_pin, supply_pin))

    def on_out(self, pin, level):
        out, was_off = self.wires.out, self._off
        self._off = not (out.get(self.reset_pin, 1) and out.get(self.supply_pin, 1))
        if pin == self.supply_pin and not level:
            self._off_us = self.world.now
        elif pin == self.supply_pin and self._off_us is not None:
            if self.world.now - self._off_us >= _SUPPLY_OFF_US:
                self.cure("power")
            self._off_us = None
        elif pin == self.reset_pin and level and was_off and self._off_us is None:
            self.cure("reset")
        if self._off or was_off:
            self._reset()

    @property
    def cards(self):
        """The cards that lie in the field, in the order they came."""
        return [picc.card for picc in self.radio.piccs]

    @property
    def rf_on_us(self):
        return self.radio.on_us

    @property
    def on_apdu(self):
        return self.radio.on_apdu

    @on_apdu.setter
    def on_apdu(self, hook):
        self.radio.on_apdu = hook

    def present(self, card):
        self.radio.present(card)

    def remove(self, card):
        self.radio.remove(card)

    def abort(self):
        self.radio.abort()

    def execute(self, job, code, data):
        """Run one command. A handler returns the answer, or None when it will come by itself."""
        handler = self._table.get(code)
        if handler is None:
            raise Syntax
        answer = handler(data, lambda answer, after_us=None: self.reply(job, code, answer, after_us))
        if answer is not None:
            self.reply(job, code, answer)

    # --- the chip itself (7.2)

    def _diagnose(self, data, reply):
        test = _first(data)
        if test == 0x00:
            return data                         # communication line: comes back whole
        if test in (0x01, 0x02, 0x07):
            return b"\x00"                      # ROM, RAM, antenna
        if test != 0x06:
            raise Syntax
        target = next(iter(self.radio.targets.values()), None)
        if target is None or not target.ats:
            return bytes((WRONG_CONTEXT,))
        self.radio.is_there(target, lambda there: reply(bytes((OK if there else TIMEOUT,)), self.work_us))

    def _version(self, data, reply):
        return _VERSION

    def _status(self, data, reply):
        body = bytes((self._error, self.radio.field, len(self.radio.targets)))
        for number in self.radio.targets:
            body += bytes((number, 0, 0, 0))    # 106 kbit/s both ways, type A
        return body + b"\x00"

    def _read_register(self, data, reply):
        if not data or len(data) % 2:
            raise Syntax
        return bytes(self._register(data[i] << 8 | data[i + 1]) for i in range(0, len(data), 2))

    def _register(self, address):
        value = self._registers.get(address, 0)
        if address == _TX_CONTROL:
            value = value & 0xFC | (3 if self.radio.field else 0)
        return value

    def _write_register(self, data, reply):
        if not data or len(data) % 3:
            raise Syntax
        for i in range(0, len(data), 3):
            address, value = data[i] << 8 | data[i + 1], data[i + 2]
            self._registers[address] = value
            if address == _TX_CONTROL:
                (self.radio.field_on if value & 3 else self.radio.field_off)()
        return b""

    def _read_gpio(self, data, reply):
        return b"\x3f\x07\x01"                  # pulled up; I0 and I1 say HSU

    def _nothing(self, data, reply):
        return b""

    def _baud(self, data, reply):
        self.rate_after_ack(_first(data))
        return b""

    def _parameters(self, data, reply):
        self.radio.auto_rats = bool(_first(data) & 0x10)
        return b""

    def _sam(self, data, reply):
        if not 1 <= _first(data) <= 4:
            raise Syntax
        self._sam_mode = data[0]
        return b""

    def _power_down(self, data, reply):
        wakes_by_hsu = bool(_first(data) & 0x10)
        reply(b"\x00")
        job = self.job
        self.world.after(self.work_us + 1, self._fall_asleep, job, wakes_by_hsu)

    def _fall_asleep(self, job, wakes_by_hsu):
        if job == self.job:
            self.radio.field_off()
            self.radio.targets = {}
            self.sleep(wakes_by_hsu)

    # --- the radio (7.3)

    def _rf_configuration(self, data, reply):
        item = _first(data)
        if _RF_ITEMS.get(item) != len(data) - 1:
            raise Syntax
        if item == 0x01:
            (self.radio.field_on if data[1] & 1 else self.radio.field_off)()
        elif item == 0x02:
            self._timeout_code = data[3]
        elif item == 0x05:
            self._passive_retries = data[3]
        return b""

    def _timeout_us(self):
        """Time-out of raw frames: 100 us doubled a step; code 0, none at all, is an hour here."""
        return 100 << min(self._timeout_code, 16) - 1 if self._timeout_code else 3_600_000_000

    def _list(self, data, reply):
        if len(data) < 2 or not 1 <= data[0] <= 2 or data[1] > 4:
            raise Syntax
        if data[1] != 0:                        # FeliCa, type B, Jewel: nothing of the kind lies here
            self._registers[_FIFO] = 0
            self.radio.field_on()
            if self._passive_retries != _FOREVER:
                reply(b"\x00", self.work_us + (self._passive_retries + 1) * self.radio.try_us)
            return
        self._registers.update({_TX_MODE: _CRC_ON, _RX_MODE: _CRC_ON, _BIT_FRAMING: 0})
        last_us = None if self._passive_retries == _FOREVER else (self._passive_retries + 1) * self.radio.try_us
        self.radio.seek(data[0], last_us, plain_uid(data[2:]), lambda found: reply(self._listed(found)))

    def _listed(self, found):
        self._registers[_FIFO] = 0 if found else 0x26       # the request nobody answered is still in the FIFO
        return bytes((len(found),)) + b"".join(target.described(i + 1) for i, target in enumerate(found))

    def _auto_poll(self, data, reply):
        if len(data) < 3 or data[0] == 0 or not 1 <= data[1] <= 15 or len(data) > 17:
            raise Syntax
        last_us = None if data[0] == _FOREVER else data[0] * data[1] * _AUTO_POLL_UNIT_US * (len(data) - 2)
        if any(kind in _TYPE_A for kind in data[2:]):
            self._registers.update({_TX_MODE: _CRC_ON, _RX_MODE: _CRC_ON, _BIT_FRAMING: 0})
            self.radio.seek(1, last_us, b"", lambda found: reply(self._polled(found)))
        elif last_us is not None:
            reply(b"\x00", last_us)

    def _polled(self, found):
        body = bytes((len(found),))
        for i, target in enumerate(found):
            described = target.described(i + 1)
            body += bytes((0x20 if target.picc.iso_dep else 0x10, len(described))) + described
        return body

    def _target(self, byte):
        return self.radio.targets.get(byte & 0x3F)

    def _data_exchange(self, data, reply):
        target = self._target(_first(data))
        if target is None:
            return self._failed(WRONG_CONTEXT)
        more, data = bool(data[0] & _MORE), data[1:]
        if not data and not more and target.rest:
            return self._piece(target)
        if target.ats:
            target.rest = b""
            self.radio.exchange(target, data, more, lambda status, response: self._exchanged(target, status, response, reply))
        else:
            self.radio.transact(target.picc, target.life, data, self._timeout_us(),
                                lambda answer: self._exchanged(target, OK if answer is not None else TIMEOUT, answer or b"", reply))

    def _exchanged(self, target, status, response, reply):
        if status:
            reply(self._failed(status))
            return
        target.rest = response
        reply(self._piece(target))

    def _piece(self, target):
        """Status and up to 262 bytes; MI where more is left, which the host fetches with an empty command."""
        piece, target.rest = target.rest[:_DATA_MOST], target.rest[_DATA_MOST:]
        self._error = OK
        return bytes((_MORE if target.rest else OK,)) + piece

    def _failed(self, status):
        self._error = status
        return bytes((status,))

    def _communicate_thru(self, data, reply):
        def done(status, answer):
            self._error = status
            reply(bytes((status,)) + answer)
        self._registers[_FIFO] = data[0] if data else 0
        if self._register(_TX_MODE) & _NOT_106A:
            data = b""                          # a tongue that no card here speaks: silence
        self.radio.raw(data, self._register(_TX_MODE) & _CRC_ON, self._register(_RX_MODE) & _CRC_ON,
                       self._register(_BIT_FRAMING) & 7, self._timeout_us(), done)

    def _chosen(self, data):
        """The targets that Tg names: all for 0. None where there is no such one."""
        number = _first(data)
        if number == 0:
            return list(self.radio.targets)
        return [number] if number in self.radio.targets else None

    def _deselect(self, data, reply):
        numbers = self._chosen(data)
        if numbers is None:
            return self._failed(WRONG_CONTEXT)
        self.radio.deselect(numbers)
        return b"\x00"

    def _release(self, data, reply):
        numbers = self._chosen(data)
        if numbers is None:
            return self._failed(WRONG_CONTEXT)
        self.radio.release(numbers)
        return b"\x00"

    def _select(self, data, reply):
        number = _first(data)
        if number not in self.radio.targets:
            return self._failed(WRONG_CONTEXT)
        return self._failed(self.radio.select(number))

    def _psl(self, data, reply):
        if len(data) != 3:
            raise Syntax
        return self._failed(OK if self._target(data[0]) and data[1:] == b"\x00\x00" else WRONG_CONTEXT)

    def _atr(self, data, reply):
        return self._failed(WRONG_CONTEXT)

    def _no_peer(self, data, reply):
        """InJumpForDEP and InJumpForPSL: nobody answers in the ATR_RES time-out."""
        self.radio.field_on()
        reply(self._failed(TIMEOUT), 102_400)


def _first(data):
    if not data:
        raise Syntax
    return data[0]
