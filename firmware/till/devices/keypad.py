# keypad.py: the owner of the keys: presses become triggers, or go to the PIN entry while the keypad is lent to it.
from till.core.flag import Flag
from till.ui import keys

_OPERATOR = ("menu",)


class Keypad:
    """`chip.index()` waits for a press; `offer` takes the trigger. The data of a digit's trigger is the digit: amounts are no secret."""

    def __init__(self, chip, offer, sounder):
        self._chip, self._offer, self._sounder = chip, offer, sounder
        chip.on_stuck = self._stuck
        self._lent, self._index, self._flag = False, -1, Flag()

    async def run(self):
        while True:
            index = await self._chip.index()
            if self._lent:
                self._index = index
                self._flag.set()
                continue
            name = keys.name(index)
            self._sounder.play("digit" if name == "digit" else "function")
            self._offer("operator" if name in _OPERATOR else "customer", name, keys.digit(index))

    def _stuck(self, index):
        """A key has been down for ten seconds, or is up again. Which one is told: it is no secret of anybody."""
        if index is None:
            return self._offer("health", "key_free")
        return self._offer("health", "key_stuck", keys.LEGEND[index] if index >= 0 else "several")

    def lend(self, on):
        """While lent, no press becomes a trigger, and none is kept."""
        self._lent, self._index = on, -1
        self._flag.clear()

    async def lent_key(self):
        """The index of the next press, while lent."""
        await self._flag.wait()
        index, self._index = self._index, -1
        return index
