# lights.py: indicator lights on output pins. It cannot fail: it sees levels and keeps what it saw.
class Lights:
    """`pins` by name, for instance {"red": 20}. `state` is name -> bool; `transitions` lists (at_us, name, on)."""

    def __init__(self, world, pins, active=1):
        self.world, self.active = world, active
        self.names = {pin: name for name, pin in dict(pins).items()}
        self.pins, self.watched = (), tuple(self.names)
        self.wires, self.on_change = None, None
        self.transitions = []
        self.power_on()

    def power_on(self):
        """Dark, and what it had seen stays in `transitions`."""
        self.state = {name: False for name in self.names.values()}

    def level(self, pin):
        """It drives no pin."""
        return 1

    def on_out(self, pin, level):
        name, on = self.names[pin], level == self.active
        if self.state[name] != on:
            self.state[name] = on
            self.transitions.append((self.world.now, name, on))
            if self.on_change:
                self.on_change()
