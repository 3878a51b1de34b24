# i2c_chip.py (pod): one chip at an I2C bus, played from a table: a read is answered at once with what the host laid there for the register that
# was asked for; what was written and what was read is kept for the host. The handler is a hard interrupt: nothing in it allocates.
from micropython import const

ROOM = const(4096)                  # of what the host has not fetched yet
_HEAD = const(3)                    # of a record: kind, size in two bytes, low first
WRITTEN, READ = const(0x57), const(0x52)
NO_REGISTER = const(0)              # where a chip without registers has its answer


class Chip:
    """`target`: a machine.I2CTarget without memory of its own. `pointed`: the first byte of a write says which register is meant. `heard()` is
    called, in the interrupt, for each record. `lost` counts transactions for which there was no room."""

    def __init__(self, target, pointed, heard):
        self._target, self._pointed, self._heard = target, pointed, heard
        self._answers = [b"\xff"] * 256
        self._pointer = self._at = self._size = self.lost = 0
        self._log, self._end, self._fetched = bytearray(ROOM), 0, 0     # records lie from _fetched to _end, around the ring's end too
        self._byte = bytearray(1)
        kinds = target.IRQ_WRITE_REQ | target.IRQ_READ_REQ | target.IRQ_END_WRITE | target.IRQ_END_READ
        self._write_req, self._read_req = target.IRQ_WRITE_REQ, target.IRQ_READ_REQ
        self._end_write, self._end_read = target.IRQ_END_WRITE, target.IRQ_END_READ
        target.irq(self._event, kinds, True)

    def answer(self, register, data):
        """From now on a read of `register` gets `data`; what goes beyond it gets FFh."""
        self._answers[register] = data

    def fetch(self):
        """The oldest record: kind, then its bytes; None where there is none. READ is the register and how many bytes went."""
        at = self._fetched
        if at == self._end:
            return None
        log = self._log
        size = log[(at + 1) % ROOM] | log[(at + 2) % ROOM] << 8
        found = bytearray(1 + size)
        found[0] = log[at]
        for n in range(size):
            found[1 + n] = log[(at + _HEAD + n) % ROOM]
        self._fetched = (at + _HEAD + size) % ROOM
        return found

    def close(self):
        self._target.deinit()

    # in the interrupt

    def _event(self, target):
        flags = target.irq().flags()
        byte = self._byte
        if flags & self._write_req:
            while target.readinto(byte):
                self._take(byte[0])
        if flags & self._read_req:
            if self._size:                      # a repeated start, where this port does not tell the end of the write
                self._written()
            data = self._answers[self._pointer]
            byte[0] = data[self._at] if self._at < len(data) else 0xFF
            if target.write(byte):
                self._at += 1
        if flags & self._end_write and self._size:
            self._written()
        if flags & self._end_read:
            self._was_read()

    def _take(self, value):
        if self._pointed and self._size == 0:
            self._pointer = value
        self._put(self._size, value)
        self._size += 1

    def _put(self, n, value):
        """Byte n of the record that is being made; out of room, it is counted as lost when it ends."""
        if n + _HEAD < self._free():
            self._log[(self._end + _HEAD + n) % ROOM] = value

    def _free(self):
        return ROOM - (self._end - self._fetched) % ROOM

    def _written(self):
        size, self._size = self._size, 0
        if size > 1 or not self._pointed:
            self._keep(WRITTEN, size)

    def _was_read(self):
        went, self._at = self._at, 0
        if went:
            self._put(0, self._pointer)
            self._put(1, min(went, 255))
            self._keep(READ, 2)

    def _keep(self, kind, size):
        if size + _HEAD >= self._free():
            self.lost += 1
            return
        log, end = self._log, self._end
        log[end] = kind
        log[(end + 1) % ROOM], log[(end + 2) % ROOM] = size & 0xFF, size >> 8
        self._end = (end + _HEAD + size) % ROOM
        self._heard()
