# matrix_keypad: bare contacts between rows and columns. At rest every row is low and a falling column wakes the task: no scan while idle.
# It cannot fail: chords and ghosts are ignored, a key that stays down is told by `stuck` and set aside: the other fifteen go on.
import asyncio
import time
from micropython import const

NONE, SEVERAL = const(-1), const(-2)        # what a sample can find besides one key
_SETTLE_MS = const(12)                      # longer than the worst bounce of foil and dome contacts
_WATCH_MS = const(16)                       # between samples while a key is down
_LAZY_MS = const(50)                        # the same, once it is clearly being held
_HELD_MS = const(500)
_STUCK_MS = const(10_000)
_REST_MS = const(500)                       # between samples of a chord that does not end
_ASIDE_MS = const(30)                       # between looks past a stuck key, whose column hides the others on it from the interrupt


class MatrixKeypad:
    """`row_pins`: machine.Pin objects made as Pin(n, Pin.OPEN_DRAIN, value=0); `column_pins`: as Pin(n, Pin.IN, Pin.PULL_UP).

    Keys count from the upper left, row by row; `legend` has one character for each. `stuck` is the index of a key that has been down
    for 10 s (SEVERAL: a chord), or None; `on_stuck(index or None)` hears of each change. A key that is down when this is made counts as
    held, not pressed."""

    def __init__(self, row_pins, column_pins, legend):
        self._rows, self._columns, self._legend = tuple(row_pins), tuple(column_pins), legend
        self.stuck, self.on_stuck = None, None
        self._touched = asyncio.ThreadSafeFlag()
        self._down_ms = time.ticks_ms()
        self._held = NONE
        self._held = self._sample()         # the key that was told, or SEVERAL: the next one counts once this is up
        self._pending = False               # a touch was heard and not looked at yet
        for column in self._columns:
            column.irq(self._touch, column.IRQ_FALLING)

    def _touch(self, pin):
        self._touched.set()

    async def key(self):
        """Wait for a press; its character in the legend."""
        return self._legend[await self.index()]

    async def index(self):
        """Wait for a press; its index. A held key counts once. Safe to cancel: a press that was not told yet is found by the next call."""
        while True:
            if self._held != NONE:
                if await self._released() == NONE:
                    continue
            elif not self._pending:
                await (self._touched.wait() if self.stuck is None else self._stirred())
                self._pending = True
            await asyncio.sleep_ms(_SETTLE_MS)
            self._pending = False
            found = self._sample()
            if found != NONE and found != self._held:
                self._held, self._down_ms = found, time.ticks_ms()
                if found != SEVERAL:
                    return found

    async def _released(self):
        """Until the held key is up for the time of a bounce (NONE), or another one alone has taken its place (its index)."""
        while True:
            age = time.ticks_diff(time.ticks_ms(), self._down_ms)
            if age > _STUCK_MS and self.stuck is None:
                self._tell_stuck(self._held)
                if self._held != SEVERAL:
                    self._held = NONE           # set aside
                    return NONE
            await asyncio.sleep_ms(_WATCH_MS if age < _HELD_MS else _REST_MS if self.stuck == SEVERAL else _LAZY_MS)
            found = self._sample()
            if found == self._held or found == SEVERAL:
                continue
            if found == NONE:
                await asyncio.sleep_ms(_SETTLE_MS)
                self._touched.clear()       # before the sample: a press after it sets the flag again
                found = self._sample()
                if found == self._held:
                    continue
            if found == NONE or self._held != SEVERAL and found != SEVERAL:     # up, or rolled over; of a chord, nothing counts
                if self.stuck == SEVERAL:
                    self._tell_stuck(None)
                if found == NONE:
                    self._held = NONE
                return found

    async def _stirred(self):
        """Beside a stuck key: until another one is down, or the stuck one has come up, which is told."""
        while self.stuck is not None:
            if self._beside() != NONE:
                return
            await asyncio.sleep_ms(_ASIDE_MS)
            if not self._is_down(self.stuck):
                await asyncio.sleep_ms(_SETTLE_MS)
                if not self._is_down(self.stuck):
                    self._tell_stuck(None)
        self._touched.clear()

    def _tell_stuck(self, index):
        if index != self.stuck:
            self.stuck = index
            if self.on_stuck:
                self.on_stuck(index)

    def _is_down(self, index):
        row, column = divmod(index, len(self._columns))
        return not self._columns[column]() and index in self._down(row)

    def _down(self, row):
        """The keys of one row that are down. Ends with every row low."""
        rows, columns = self._rows, self._columns
        for r in range(len(rows)):
            rows[r](0 if r == row else 1)
        found = [row * len(columns) + c for c in range(len(columns)) if not columns[c]()]
        for r in range(len(rows)):
            rows[r](0)
        return found

    def _beside(self):
        """The one key that is down beside the stuck one."""
        columns, stuck = self._columns, self.stuck or 0
        mine = stuck % len(columns)
        at, quiet = NONE, all(columns[c]() for c in range(len(columns)) if c != mine)
        row = self._rows[stuck // len(columns)]
        row(1)
        quiet = quiet and columns[mine]()       # nobody else holds the stuck one's column
        row(0)
        for r in range(0 if quiet else len(self._rows)):
            for index in self._down(r):
                if index != stuck:
                    if at != NONE:
                        return SEVERAL
                    at = index
        return at

    def _sample(self):
        """The one key that is down: the column that is low, and the row without which it is not. Ends with every row low."""
        if self.stuck is not None and self.stuck != SEVERAL:
            return self._beside()
        columns, rows = self._columns, self._rows
        at = NONE
        for c in range(len(columns)):
            if not columns[c]():
                if at != NONE:
                    return SEVERAL
                at = c
        if at == NONE:
            return NONE
        column = columns[at]
        row = self._held // len(columns) if self._held >= 0 else 0      # the likeliest first
        for _ in range(len(rows)):
            rows[row](1)
            alone = column()
            rows[row](0)
            if alone:
                return row * len(columns) + at
            row = (row + 1) % len(rows)
        return NONE if column() else SEVERAL
