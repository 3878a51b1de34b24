# surroundings.py: what is around the terminal and what feeds it: mains, cell, heat, light, an open case. Acts of nature and of people.
# A cell that runs empty without mains raises PowerLost out of the world's calendar, as the supply goes.
from microtill.bench.chips.power import PowerLost
from microtill.bench.chips.thermal_head import ThermalHead

_HOUR_US = 3_600_000_000


class Surroundings:
    """Plain attributes; whoever sets one tells the wires. `battery_percent` holds its value unless `drain_per_hour` (without mains) or
    `charge_per_hour` (with) say otherwise, in percent. `charging` None: as the charger does by itself, on mains, until the cell is full.
    `cell_mv` None: as the cell does by itself. `hole_lux`: light that falls into the closed case."""

    def __init__(self, world):
        self.world, self.wires, self.running = world, None, True
        self._mains, self._charging, self._case_open = True, None, False
        self._percent, self._since_us, self._drain, self._charge, self._job = 80.0, 0, 0.0, 0.0, None
        self.case_c, self.lux, self._ambient_c, self.cell_mv, self.hole_lux = 24.0, 300.0, None, None, 0.0
        self.head = ThermalHead(world, lambda: self.ambient_c)

    def power_on(self):
        """The calendar was emptied: what is to come is entered anew."""
        self._rate_changed()

    def _tell(self):
        if self.wires:
            self.wires.changed()

    @property
    def ambient_c(self):
        """Of the air around the head: as warm as the case, unless it is set."""
        return self.case_c if self._ambient_c is None else self._ambient_c

    @ambient_c.setter
    def ambient_c(self, celsius):
        self._ambient_c = celsius

    @property
    def inside_lux(self):
        """In the case: what is around it while it is open."""
        return self.lux if self._case_open else self.hole_lux

    @property
    def mains(self):
        return self._mains

    @mains.setter
    def mains(self, on):
        self._settle()
        self._mains = bool(on)
        self._rate_changed()
        self._tell()

    @property
    def charging(self):
        if self._charging is not None:
            return self._charging and self._mains
        return self._mains and self.battery_percent < 100

    @charging.setter
    def charging(self, on):
        self._charging = on
        self._tell()

    @property
    def case_open(self):
        return self._case_open

    @case_open.setter
    def case_open(self, is_open):
        self._case_open = bool(is_open)
        self._tell()

    # --- the cell

    @property
    def percent_per_hour(self):
        """Positive while it fills."""
        if self._mains:
            return self._charge
        return -self._drain if self.running else 0.0

    @property
    def battery_percent(self):
        gone = (self.world.now - self._since_us) / _HOUR_US
        return min(100.0, max(0.0, self._percent + self.percent_per_hour * gone))

    @battery_percent.setter
    def battery_percent(self, percent):
        self._percent, self._since_us = percent, self.world.now
        self._rate_changed()
        self._tell()

    def _settle(self):
        """What it holds now is where the next stretch begins."""
        self._percent, self._since_us = self.battery_percent, self.world.now

    @property
    def drain_per_hour(self):
        return self._drain

    @drain_per_hour.setter
    def drain_per_hour(self, percent):
        self._settle()
        self._drain = percent
        self._rate_changed()

    @property
    def charge_per_hour(self):
        return self._charge

    @charge_per_hour.setter
    def charge_per_hour(self, percent):
        self._settle()
        self._charge = percent
        self._rate_changed()

    def run(self, on):
        """The terminal draws from the cell, or is dark."""
        self._settle()
        self.running = on
        self._rate_changed()

    def _rate_changed(self):
        """Enter the moment at which the cell is empty, or full."""
        self._job = object()
        rate, percent = self.percent_per_hour, self.battery_percent
        if not self._mains and self.running and (rate < 0 or percent <= 0):
            self.world.after(round(percent / -rate * _HOUR_US) if rate < 0 else 0, self._empty, self._job)
        elif rate > 0 and percent < 100:
            self.world.after(round((100 - percent) / rate * _HOUR_US) + 1, self._full, self._job)

    def _empty(self, job):
        if job is self._job:
            raise PowerLost("battery empty")

    def _full(self, job):
        if job is self._job:
            self._tell()
