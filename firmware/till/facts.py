# facts.py: what the guards may know of the terminal: a read-only view, each field with one writer. Unknown is None, never zero.
class Facts:
    """Fields that change often are asked of their owner when read, so that nothing has to be kept in step."""

    def __init__(self, parameters):
        self._parameters = parameters
        self._owners = {}
        self.locked = False             # written by secure
        self.recovered = False          # written by flows.recover
        self.reader_hears = None        # written by devices.reader
        self.amount_minor = 0           # written by the front flow

    def ask(self, name, owner):
        """`owner()` answers for a field from now on."""
        self._owners[name] = owner

    @property
    def types_allowed(self):
        return self._parameters["types"]

    @property
    def keyed(self):
        return self._owners["keyed"]()

    @property
    def room_on_record(self):
        return self._owners["room_on_record"]()

    @property
    def owes(self):
        return self._owners["owes"]()
