# trigger.py: one thing that happened to the terminal, with the id that every record of what follows carries.
TAKEN, STARTED, REFUSED = "taken", "started", "refused"
ORIGINS = ("security", "health", "network", "operator", "customer", "settings")     # in the order in which the engine hears them


class Trigger:
    """`id`: "boot.number", for instance "3.17"; `data` is whatever the flow needs, never a PIN digit."""

    __slots__ = ("id", "origin", "name", "data", "at_ms", "end", "reason")

    def __init__(self, ident, origin, name, data, at_ms):
        self.id, self.origin, self.name, self.data, self.at_ms = ident, origin, name, data, at_ms
        self.end = self.reason = ""
