# bq24074: the two status pins of a charger with power path (TI SLUS810): mains good, charging. Open drain, low for yes; nothing is polled.
# Fails with ChargerError("nonsense"): it cannot charge without mains, so a pin or its wire is wrong.


class ChargerError(Exception):
    """`code`: "nonsense"."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


class BQ24074:
    """`good`, `charge`: machine.Pin objects of /PGOOD and /CHG, with pull-ups."""

    def __init__(self, good, charge):
        self._good, self._charge = good, charge

    def mains(self):
        """The supply outside is good."""
        return not self._good.value()

    def charging(self):
        """The cell is being charged; not so when it is full, or there is none. Raises ChargerError."""
        charging = not self._charge.value()
        if charging and not self.mains():
            raise ChargerError("nonsense")
        return charging

    def on_change(self, handler):
        """handler(pin) on every edge of either pin; None ends it."""
        for pin in (self._good, self._charge):
            pin.irq(handler, pin.IRQ_RISING | pin.IRQ_FALLING)
