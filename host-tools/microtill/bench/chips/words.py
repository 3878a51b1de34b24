# words.py: I2C chips with a pointer byte and registers of 16 bits, high byte first. A register that is not there reads 0 and takes nothing.
class WordRegisters:
    """A sub-class gives `word(pointer)` and `store(pointer, value)`. `step`: how far the pointer goes after each word that is read."""

    step = 0
    fault = None                            # what the wire does with it: wires.py

    def power_on(self):
        self._pointer = 0

    def write(self, data):
        """One transaction: the pointer, and words for it and what follows."""
        if not data:
            return
        self._pointer = data[0]
        for at in range(1, len(data) - 1, 2):
            self.store(self._pointer, data[at] << 8 | data[at + 1])
            if self.step:
                self._pointer = (self._pointer + self.step) & 0xFF

    def read(self, size):
        got = b""
        while len(got) < size:
            got += self.word(self._pointer).to_bytes(2, "big")
            self._pointer = (self._pointer + self.step) & 0xFF
        return got[:size]
