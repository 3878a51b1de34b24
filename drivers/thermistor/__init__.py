# thermistor: an NTC to ground under a fixed resistor to the reference, on an ADC. Values of the thermistor in Seiko's LTP print heads.
# Fails with ThermistorError: "open", "short" (the wire, not a temperature), "nonsense" (readings that do not agree).
from math import log
from micropython import const

_R25_OHM, _B, _T25, _KELVIN = const(30000), const(3950), const(298), const(273)     # R = R25 exp(B (1/(273 + T) - 1/298)): LTP F, 3.6.6
_DIVIDER_OHM = const(10000)
_SHORT, _OPEN = const(1300), const(64700)       # past 165 degrees, and below -40
_SAMPLES, _AGREE = const(3), const(1300)        # 2 % of full scale


class ThermistorError(Exception):
    """`code`: "open", "short", "nonsense"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Thermistor:
    """`adc`: a machine.ADC. `r25`, `b`, `divider`: other parts than the print head's."""

    def __init__(self, adc, r25=_R25_OHM, b=_B, divider=_DIVIDER_OHM):
        self._adc, self._r25, self._b, self._divider = adc, r25, b, divider

    def read(self):
        """Hundredths of a degree Celsius, the median of three conversions. Raises ThermistorError."""
        samples = sorted([self._adc.read_u16() for _ in range(_SAMPLES)])
        level = samples[_SAMPLES // 2]
        if samples[-1] - samples[0] > _AGREE:
            raise ThermistorError("nonsense")
        if level < _SHORT:
            raise ThermistorError("short")
        if level > _OPEN:
            raise ThermistorError("open")
        ohm = self._divider * level / (65535 - level)
        kelvin = 1 / (1 / _T25 + log(ohm / self._r25) / self._b)
        return int(round((kelvin - _KELVIN) * 100))
