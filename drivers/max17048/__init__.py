# max17048: a lithium fuel gauge on I2C (Maxim 19-6171). It models the cell by itself; here it is read.
# Fails with GaugeError: "absent" (no acknowledge), "nonsense" (another chip answers, a bus that repeats itself, or a value no cell has).
from micropython import const

_VCELL, _SOC, _VERSION, _CONFIG, _CRATE = const(0x02), const(0x04), const(0x08), const(0x0C), const(0x16)      # table 2
_FAMILY, _FAMILY_MASK = const(0x0010), const(0xFFF0)        # VERSION is 001xh
_ALERT, _THRESHOLD = const(0x0020), const(0x001F)
_LEAST_MV, _MOST_MV = const(2500), const(4500)      # of a single lithium cell; the chip itself measures up to 5 V
_FULL = const(110 * 256)                            # the model may run past 100 % for a moment, never so far


class GaugeError(Exception):
    """`code`: "absent", "nonsense"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class MAX17048:
    """`i2c`: a machine.I2C of up to 400 kHz. Each reading asks who is there first: 3 short transactions, 0.4 ms."""

    def __init__(self, i2c, address=0x36):
        self._i2c, self._address, self._two = i2c, address, bytearray(2)

    def read(self):
        """State of charge in whole percent, 0 to 100. Raises GaugeError."""
        self.millivolts()
        soc = self._word(_SOC)
        if soc > _FULL:
            raise GaugeError("nonsense")
        return min(100, soc >> 8)

    def millivolts(self):
        """Of the cell; 78.125 uV a step. Raises GaugeError."""
        self._who()
        mv = self._word(_VCELL) * 5 // 64
        if not _LEAST_MV <= mv <= _MOST_MV:
            raise GaugeError("nonsense")
        return mv

    def rate(self):
        """Charge (positive) or discharge in thousandths of a percent an hour; 0.208 % a step. Raises GaugeError."""
        self._who()
        word = self._word(_CRATE)
        return (word - 0x10000 if word & 0x8000 else word) * 208

    def alert_below(self, percent):
        """ALRT goes low when the charge falls below 1 to 32 %; an alert that stands is cleared. Raises GaugeError."""
        self._who()
        kept = self._word(_CONFIG) & ~(_ALERT | _THRESHOLD)
        self._store(_CONFIG, kept | 32 - percent)

    def alert(self):
        """Whether it did. Raises GaugeError."""
        self._who()
        return bool(self._word(_CONFIG) & _ALERT)

    def _who(self):
        if self._word(_VERSION) & _FAMILY_MASK != _FAMILY:
            raise GaugeError("nonsense")

    def _word(self, register):
        try:
            self._i2c.readfrom_mem_into(self._address, register, self._two)
        except OSError:
            raise GaugeError("absent") from None
        return self._two[0] << 8 | self._two[1]

    def _store(self, register, word):
        try:
            self._i2c.writeto(self._address, bytes((register, word >> 8, word & 0xFF)))
        except OSError:
            raise GaugeError("absent") from None
