# watch.py: what only somebody with tools does to a terminal: light in its closed case, cold or heat that no shop has, a voltage that no cell
# gives. It rides on the looks of senses.py; two in a row must agree, so that one bad reading is no attack. What is unknown is none either.
from till.core import log

_AGREE = 2
# the look that it rides on, setting of [tamper], least and most by the names of [tamper], their units in a reading's one
_TABLE = {
    "battery": ("voltage", "least_mv", "most_mv", 1),
    "case": ("temperature", "coldest", "hottest", 100),
    "light": ("light", "", "lux", 1),
}


class Watch:
    """`gauge`: drivers/max17048; `inside()` makes the driver of the light sensor in the case. Triggers: ("security", "voltage_odd" | "voltage_fine"
    and so on, what was read)."""

    def __init__(self, gauge, inside, errors, facts, offer, parameters):
        self._gauge, self._inside, self._errors, self._facts, self._offer, self._parameters = gauge, inside, errors, facts, offer, parameters
        self._told = {}                 # setting: (is it odd, how many looks in a row said otherwise)

    async def look(self, name, value):
        """A sense was looked at, and this is believed of it."""
        if name not in _TABLE:
            return
        what, least, most, unit = _TABLE[name]
        bounds = self._parameters["tamper"]
        if bounds[what] == "off":
            return
        if name != "case":
            value = await self._read(name)
        if value is not None:
            self._judge(what, value, (bounds[least] if least else 0) * unit <= value <= bounds[most] * unit)

    async def _read(self, name):
        """Of the cell or of the light inside; None where nothing can be said."""
        try:
            if name == "battery":
                return self._gauge.millivolts()
            if self._facts.case_open is not False:
                return None             # an open case is light, and told by itself
            return await self._inside().read()
        except self._errors as error:
            log.event("device", "", name, error.code)
            return None

    def _judge(self, what, value, fine):
        odd, others = self._told.get(what, (False, 0))
        others = others + 1 if odd is fine else 0
        if others >= _AGREE:
            odd, others = not odd, 0
            self._offer("security", what + ("_odd" if odd else "_fine"), value)
        self._told[what] = odd, others
