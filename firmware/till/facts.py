# facts.py: what the guards may know of the terminal: a read-only view, each field with one writer. Unknown is None, never zero.
class Facts:
    """Fields that change often are asked of their owner when read, so that nothing has to be kept in step."""

    def __init__(self, parameters):
        self._parameters = parameters
        self._owners = {}
        self.locked = False             # written by secure, flows.safe_stop, flows.shut_down
        self.recovered = False          # written by flows.recover
        self.training = False           # written by flows.training
        self.flash_holds = True         # written by terminal.flash_failed: False once flash did not take a record
        self.amount_minor = 0           # written by the front flow
        self.card_minor = 0             # what this card has paid today: written by the front flow
        self.card_count, self.recent = 0, (0, 0, 0)     # payments of this card; of an hour, their sum, and of this amount: by the front flow
        self.pin_keyed = None           # is there a key for PINs as the owner wants them sent? By the front flow
        self.tampered, self.behind, self.wrong_macs = None, 0, 0        # written by secure.latch
        # written by devices.reader, devices.senses, devices.switches, devices.fan
        self.reader_hears = None
        self.battery = self.battery_level = self.mains = self.charging = None
        self.case_c = self.case_level = self.head_c = self.head_level = None
        self.lux = self.light_level = self.clock_good = self.case_open = self.fan = None

    def ask(self, name, owner):
        """`owner()` answers for a field from now on."""
        self._owners[name] = owner

    def __getattr__(self, name):
        """A field that was given an owner by ask(): keyed, room_on_record, record_sound, owes, owed, sums, newest, local, conditions, role."""
        owners = self.__dict__.get("_owners", {})
        if name not in owners:
            raise AttributeError(name)
        return owners[name]()

    @property
    def sale(self):
        return self._parameters["sale"]

    @property
    def limits(self):
        return self._parameters["limits"]

    @property
    def velocity(self):
        return self._parameters["velocity"]

    @property
    def owed_limits(self):
        return self._parameters["owed"]

    @property
    def hours(self):
        return self._parameters["hours"]

    @property
    def closed(self):
        return self._parameters["closed"]

    @property
    def kiosk(self):
        return self._parameters["kiosk"]["mode"]

    @property
    def head_again_c(self):
        """Hundredths of a degree under which a head that was too hot prints again."""
        head = self._parameters["head"]
        return (head["too_hot"] - head["hysteresis"]) * 100

    @property
    def roles(self):
        return self._parameters["roles"]

    @property
    def wanted_conditions(self):
        return self._parameters["outside"]["conditions"]
