# keypad.py: a matrix of bare contacts at its pins. Contacts bounce, and three closed ones make a ghost of the fourth, as copper does.
class Keypad:
    """Rows are driven by the firmware, columns have pull-ups: a column is low while closed contacts join it to a low row, by any way.

    Keys count from the upper left, row by row. A row whose pin is not driven counts as high and weak: it only passes levels on."""

    def __init__(self, world, rows, columns, random, bounces=(2, 6), bounce_us=(100, 800)):
        self.world, self.rows, self.pins, self.random = world, tuple(rows), tuple(columns), random
        self.bounces, self.bounce_us = bounces, bounce_us
        self.wires, self._stuck, self._press = None, set(), {}
        self.closed = set()

    def power_on(self):
        """Fingers do not know that the power went: contacts stay, a press that bounced settles."""
        self.closed = set(self._stuck)
        self._press = {}

    def level(self, pin):
        """0 or 1 on a column: 0 where it hangs together with a row that the firmware pulls low."""
        reached, todo = set(), [("column", self.pins.index(pin))]
        while todo:
            node = todo.pop()
            if node in reached:
                continue
            reached.add(node)
            kind, index = node
            if kind == "row" and self.wires.out.get(self.rows[index], 1) == 0:
                return 0
            for key in self.closed:
                row, column = divmod(key, len(self.pins))
                if kind == "column" and column == index:
                    todo.append(("row", row))
                elif kind == "row" and row == index:
                    todo.append(("column", column))
        return 1

    def press(self, key, hold_us):
        """Close a contact now, with its bounces, and open it after `hold_us`, with its bounces."""
        mark = self._press[key] = object()
        settled_us = self._bounce(key, True, mark)
        self.world.at(max(self.world.now + hold_us, settled_us), self._let_go, key, mark)

    def _let_go(self, key, mark):
        if self._press.get(key) is mark:
            self._bounce(key, False, mark)

    def _bounce(self, key, closed, mark):
        at_us = self.world.now
        for _ in range(self.random.randrange(*self.bounces)):
            for state in (closed, not closed):
                self.world.at(at_us, self._contact, key, state, mark)
                at_us += self.random.randrange(*self.bounce_us)
        self.world.at(at_us, self._contact, key, closed, mark)
        return at_us

    def _contact(self, key, closed, mark):
        if self._press.get(key) is not mark or key in self._stuck:
            return
        (self.closed.add if closed else self.closed.discard)(key)
        self.wires.changed()

    def release(self, key):
        """A finger that was down on this key goes up, with its bounces; no other one moves."""
        if self._press.get(key) is not None:
            self._bounce(key, False, self._press[key])

    def stuck(self, key):
        """A contact that stays closed until `release_all`, through power cuts too."""
        self._stuck.add(key)
        self.closed.add(key)
        self.wires.changed()

    @property
    def is_stuck(self):
        """Is any contact?"""
        return bool(self._stuck)

    def release_all(self):
        self._stuck.clear()
        self._press.clear()
        self.closed.clear()
        self.wires.changed()
