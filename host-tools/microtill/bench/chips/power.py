# power.py: what feeds a terminal: a BQ24074-like charger with its two open-drain pins, and the latch by which firmware switches itself off.
# Fails with PowerLost: the supply goes, now.
class PowerLost(Exception):
    """args[0]: why, in a person's words."""


class BQ24074:
    """/PGOOD and /CHG (TI SLUS810, 6.3.5): low while mains are good, low while the cell is being charged; the pull-ups are the board's."""

    def __init__(self, good_pin, charge_pin, mains, charging):
        self.good_pin, self.pins, self.mains, self.charging = good_pin, (good_pin, charge_pin), mains, charging
        self.wires = None

    def power_on(self):
        """It keeps nothing."""

    def level(self, pin):
        low = self.mains() if pin == self.good_pin else self.mains() and self.charging()
        return 0 if low else 1


class PowerLatch:
    """A pin that firmware holds high. Let go, the supply is switched off: raises PowerLost out of the operation that did it."""

    def __init__(self, hold_pin):
        self.watched, self.wires, self.held = (hold_pin,), None, False

    def power_on(self):
        self.held = False

    def on_out(self, pin, level):
        self.held = bool(level)
        if not level:
            raise PowerLost("switched off")


class CaseSwitch:
    """A contact to ground that a closed case presses: high, by its pull-up, while the case is open."""

    def __init__(self, pin, is_open):
        self.pins, self.is_open, self.wires = (pin,), is_open, None

    def power_on(self):
        """It keeps nothing."""

    def level(self, pin):
        return 1 if self.is_open() else 0
