# thermal_head.py: the heat of a print head, and the thermistor in it: 30 kOhm at 25 degrees, B 3950 (Seiko LTP series), under 10 kOhm to 3.3 V.
# A broken wire is an open line, a short one 0 V: neither is a temperature.
import math

REFERENCE_V, DIVIDER_OHM = 3.3, 10_000
_R25_OHM, _B, _T25, _KELVIN = 30_000, 3950, 298, 273       # R = R25 exp(B (1/(273 + T) - 1/298))
_C_A_ROW = 6 / 1800                             # a customer's and a merchant's receipt, some 1,800 rows, warm it by 6 degrees
_TAU_S = 90                                     # it cools to the case's air


class ThermalHead:
    """Printing heats it row by row, in between it cools. `celsius` may be set; `held_c` holds it there. `line`: None, "open", "short"."""

    def __init__(self, world, ambient):
        self.world, self.ambient, self.held_c, self.line = world, ambient, None, None
        self._above, self._at_us = 0.0, world.now

    @property
    def celsius(self):
        if self.held_c is not None:
            return self.held_c
        return self.ambient() + self._above * math.exp(-(self.world.now - self._at_us) / 1e6 / _TAU_S)

    @celsius.setter
    def celsius(self, value):
        self._above, self._at_us = value - self.ambient(), self.world.now

    def heat(self, rows):
        """So many rows of dots were printed."""
        self.celsius = self.celsius + rows * _C_A_ROW

    @property
    def ohm(self):
        return _R25_OHM * math.exp(_B * (1 / (_KELVIN + self.celsius) - 1 / _T25))

    def volts(self):
        """At the analog input, between the divider and the thermistor to ground."""
        if self.line:
            return REFERENCE_V if self.line == "open" else 0.0
        return REFERENCE_V * self.ohm / (self.ohm + DIVIDER_OHM)
