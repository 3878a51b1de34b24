# bh1750: an ambient light sensor on I2C (ROHM BH1750FVI). One measurement a reading, powered down in between.
# Fails with LightError: "absent" (no acknowledge), "stale" (its result cannot be cleared: a bus that repeats itself, or another chip).
import asyncio
from micropython import const

_ON, _RESET, _ONE_TIME = b"\x01", b"\x07", b"\x20"      # high resolution; the chip powers itself down afterwards
_MEASURE_MS = const(180)                                # at most, for 120 ms


class LightError(Exception):
    """`code`: "absent", "stale"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class BH1750:
    """`i2c`: a machine.I2C of up to 400 kHz. The chip has no identity: that its result can be cleared is the proof that it listens."""

    def __init__(self, i2c, address=0x23):
        self._i2c, self._address, self._two = i2c, address, bytearray(2)

    async def read(self):
        """One measurement, 180 ms; whole lux, 0 to 54,612. Raises LightError."""
        self._write(_ON)
        self._write(_RESET)
        if self._result():
            raise LightError("stale")
        self._write(_ONE_TIME)
        await asyncio.sleep_ms(_MEASURE_MS)
        return self._result() * 5 // 6                  # 1.2 counts a lux

    def _write(self, opcode):
        try:
            self._i2c.writeto(self._address, opcode)
        except OSError:
            raise LightError("absent") from None

    def _result(self):
        try:
            self._i2c.readfrom_into(self._address, self._two)
        except OSError:
            raise LightError("absent") from None
        return self._two[0] << 8 | self._two[1]
