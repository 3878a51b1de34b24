# tmp117: a precise thermometer on I2C (TI SNOSD82D). One conversion a reading, asleep in between, so that a frozen converter is seen.
# Fails with ThermometerError: "absent", "nonsense" (another chip, a repeating bus, beyond -55 to 150 degrees), "stale" (no conversion came).
import asyncio
from micropython import const

_RESULT, _CONFIG, _ID = const(0x00), const(0x01), const(0x0F)       # table 7-3
_ID_MASK, _IS = const(0x0FFF), const(0x0117)            # the upper four bits are the revision
_ONE_SHOT = const(0x0C00)                               # MOD 11, no averaging
_READY, _BUSY = const(0x2000), const(0x1000)
_CONVERT_MS = const(18)                                 # 15.5 ms, 17.5 at most: 6.6
_NONE_YET = const(-32768)
_LEAST, _MOST = const(-5500), const(15000)


class ThermometerError(Exception):
    """`code`: "absent", "nonsense", "stale"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class TMP117:
    """`i2c`: a machine.I2C of up to 400 kHz."""

    def __init__(self, i2c, address=0x48):
        self._i2c, self._address, self._two = i2c, address, bytearray(2)

    async def read(self):
        """One conversion, 18 ms; hundredths of a degree Celsius. Raises ThermometerError."""
        if self._word(_ID) & _ID_MASK != _IS:
            raise ThermometerError("nonsense")
        try:
            self._i2c.writeto(self._address, bytes((_CONFIG, _ONE_SHOT >> 8, _ONE_SHOT & 0xFF)))
        except OSError:
            raise ThermometerError("absent") from None
        await asyncio.sleep_ms(_CONVERT_MS)
        if not self._word(_CONFIG) & _READY:
            await asyncio.sleep_ms(_CONVERT_MS)
            if not self._word(_CONFIG) & _READY:
                raise ThermometerError("stale")
        word = self._word(_RESULT)
        steps = word - 0x10000 if word & 0x8000 else word
        centi = steps * 25 // 32                        # 7.8125 thousandths a step
        if steps == _NONE_YET or not _LEAST <= centi <= _MOST or self._word(_ID) & _ID_MASK != _IS:
            raise ThermometerError("nonsense")
        return centi

    def _word(self, register):
        try:
            self._i2c.readfrom_mem_into(self._address, register, self._two)
        except OSError:
            raise ThermometerError("absent") from None
        return self._two[0] << 8 | self._two[1]
