# lights.py: three lights with one meaning each: power, link to the host, something wants attention.
class Lights:
    def __init__(self, power, link, alert):
        self._link, self._alert = link, alert
        power.value(1)
        link.value(0)
        alert.value(0)

    def link(self, on):
        self._link.value(1 if on else 0)

    def alert(self, on):
        self._alert.value(1 if on else 0)
