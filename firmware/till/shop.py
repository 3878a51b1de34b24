# shop.py: the ways of working in force: the owner's settings, the local hour, news from outside. It wakes at the moments when any of it changes.
# Settings change whole or not at all, at a quiet moment, on record with before and after; bad ones raise BadParameters and nothing has changed.
import asyncio
import json
import time
from binascii import crc32

from till.core import calendar, clock
from till.core.errors import Malformed, NotKeyed
from till.core.flag import Flag
from till.secure import vault as slots
from till.store import parameters, settings

SETTINGS = 1                    # in the settings' own flash: what the owner wrote
PROOFS = (2, 3)                 # and by turns what was signed of it: the older one goes with the settings that a cut leaves in force
MOST_BYTES = parameters.MOST_BYTES
_LONGEST_MIN = 15               # asleep, so that a clock that was set is noticed
_ANSWERS_MS = 23 * 3_600_000    # between two looks at the known answers of every algorithm; a start looks too
_MOST_NEWS = 8
_SETTLE_TRIES, _SETTLE_AGAIN_MIN = 7, 10    # a person may be served at the set hour, or the bank be away: an hour in all
_NOTHING = "R03"                # the guard's word for an empty batch


class Shop:
    """`values`: the dict that everybody reads, changed in place. `store`: Slots of its own; `vault` keeps the news; `here(code)`: does this
    firmware speak a language?"""

    def __init__(self, store, vault, emv, here):
        self._store, self._vault, self._emv, self._here = store, vault, emv, here
        self.sound, self.staged = True, None
        self._proof = None              # (text, manifest, signature) of what is staged, where packages are signed here
        try:
            self.owner = parameters.read(self._proven(store.get(SETTINGS)))
            self.values = parameters.in_force(self.owner, emv, here)
        except parameters.BadParameters:        # of another firmware: the defaults, and a terminal that is locked until good ones are loaded
            self.owner, self.sound = {}, False
            self.values = parameters.in_force({}, emv, here)
        self._news = self._stored_news()
        self._changed, self._tries = Flag(), 0

    # settings
    def stage(self, owner, proof=None):
        """Check an owner's settings and keep them for the next quiet moment. Raises BadParameters; then nothing has changed. `proof`: (text,
        manifest, signature), bytes, where packages are signed here."""
        parameters.in_force(owner, self._emv, self._here)
        problem = parameters.too_long(len(proof[0] if proof else json.dumps(owner).encode()))
        if problem:
            raise parameters.BadParameters([problem])
        self.staged, self._proof = owner, proof

    def _proven(self, stored):
        """The same bytes, once their signature holds; a terminal that was given no signing key asks for none. Raises BadParameters."""
        if stored is None or not self._vault.signed():
            return stored
        from till.update import proof
        kept = [self._store.get(slot) for slot in PROOFS]
        if not any(proof.stands(stored, kept, modulus) for modulus in self._vault.signed_with()):
            raise parameters.BadParameters([("", "", "must be signed")])
        return stored

    def apply(self, ledger, trigger):
        """Make the staged settings count, in one piece: on record, on flash, then in force. Returns how many changed. Where the power goes on the
        way, the rows on record are what was wanted, and the mark in the next start's record tells whether it counts."""
        owner, self.staged = self.staged, None
        values = parameters.in_force(owner, self._emv, self._here)
        rows = parameters.changes(self.owner, owner)
        before = self.mark()
        for path, old, new in rows:
            ledger.changed(path, old, new, trigger)
        self._keep(owner)
        self.owner, self.sound = owner, True
        self.values.update(values)
        self._changed.set()
        ledger.changed("settings", before, self.mark(), trigger)
        return len(rows)

    def _keep(self, owner):
        signed, self._proof = self._proof, None
        if signed:
            from till.update import proof
            kept = [self._store.get(slot) for slot in PROOFS]
            self._store.put(PROOFS[proof.spare(self._store.get(SETTINGS), kept)], proof.packed(signed[1], signed[2]))
        self._store.put(SETTINGS, signed[0] if signed else json.dumps(owner).encode())

    def mark(self):
        """Eight hex digits that tell one owner's settings from another's."""
        return "%08x" % (crc32(json.dumps(settings.canonical(self.owner)).encode()) & 0xFFFFFFFF)

    # time
    def local(self):
        return calendar.local(clock.unix(), self.values["shop"]["offset_min"], clock.fields)

    def opens_at(self):
        """"08:00" where the shop opens later today, else ""."""
        local, closed = self.local(), self.values["closed"]
        if calendar.is_holiday(closed["holidays"], local) or calendar.in_period(closed["periods"], local):
            return ""
        return "" if calendar.within(self.values["hours"], local) else calendar.opens_at(self.values["hours"], local)

    def _day(self):
        """(is it open, and all else that a closed door would say)."""
        local, closed = self.local(), self.values["closed"]
        inside, holiday = calendar.within(self.values["hours"], local), calendar.is_holiday(closed["holidays"], local)
        period = calendar.in_period(closed["periods"], local)
        return inside and not holiday and not period, inside, holiday, period, self.opens_at()

    # news from outside
    def _stored_news(self):
        try:
            return json.loads(self._vault.public(slots.CONDITIONS))
        except (NotKeyed, ValueError):
            return {}

    def heard(self, name, word, until_unix):
        """A condition from outside, true until that moment. Raises Malformed."""
        if not (isinstance(name, str) and isinstance(word, str) and isinstance(until_unix, int) and 0 < len(name) <= 16 and 0 < len(word) <= 16):
            raise Malformed("condition")
        if name not in self._news and len(self._news) >= _MOST_NEWS:
            raise Malformed("too many")
        self._news[name] = [word, until_unix]
        self._vault.install(slots.CONDITIONS, json.dumps(self._news).encode())
        self._changed.set()

    def conditions(self):
        """{name: word} of what has not gone stale."""
        now = clock.unix()
        return {name: self._news[name][0] for name in self._news if self._news[name][1] > now}

    # its own task
    async def run(self, offer, batch):
        """Sleep until something changes with time; then say so: ("settings", "shop_hours"), and ("settings", "settle_time") once a day, and
        again for an hour while `batch()`, the number of the open batch, stays what it was."""
        was, answered_ms = None, time.ticks_ms()
        settled_day = self._settle_day()            # not for a time that had passed before the terminal began
        open_batch, asked = 0, None
        while True:
            now = self._day(), sorted(self.conditions().items())
            if was is not None and now != was:
                offer("settings", "shop_hours", "open" if now[0][0] else "closed")
            was = now
            due = self._settle_day()
            if due and due != settled_day:          # at midnight nothing is due yet
                settled_day, open_batch, self._tries = due, batch(), _SETTLE_TRIES
            if self._tries and (batch() != open_batch or asked and asked.reason == _NOTHING):
                self._tries = 0
            if self._tries:
                self._tries -= 1
                asked = offer("settings", "settle_time")
            else:
                asked = None
            if time.ticks_diff(time.ticks_ms(), answered_ms) >= _ANSWERS_MS:
                answered_ms = time.ticks_add(answered_ms, _ANSWERS_MS)
                offer("security", "answers_due")
            await self._sleep()

    def _settle_day(self):
        """The last day whose time for settlement has come, or "" where there is no such time."""
        at = self.values["settlement"]["at"]
        day, _weekday, minute = self.local()
        return "" if at < 0 or minute < at else day

    async def _sleep(self):
        """Until the next minute at which something may change; settings and news that come in end it early."""
        unix, local = clock.unix(), self.local()
        minutes = min(_SETTLE_AGAIN_MIN if self._tries else _LONGEST_MIN, calendar.next_change_min(self.values["hours"], local))
        at = self.values["settlement"]["at"]
        if at > local[2]:
            minutes = min(minutes, at - local[2])
        seconds = minutes * 60 - unix % 60
        for name in self._news:
            if self._news[name][1] > unix:
                seconds = min(seconds, self._news[name][1] - unix)
        bell = asyncio.create_task(self._ring(seconds))
        await self._changed.wait()
        bell.cancel()

    async def _ring(self, seconds):
        await asyncio.sleep_ms(seconds * 1000 + 50)
        self._changed.set()

