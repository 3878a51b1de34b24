# terminal.py: what flows are handed: the acts of a terminal as a whole: show, launch, be at rest, save power, switch off. build.py makes its parts.
# A flow that ends early, for whatever reason, leads back to a terminal that is ready and says so.
# pyright: reportAttributeAccessIssue=false
import asyncio
import gc
import sys
import time

from till import idle
from till.core import log
from till.core.errors import Interrupted, TimedOut
from till.core.supervisor import survive
from till.money import transaction
from till.store import counters
from till.triggers import engine
from till.ui import tones

_REFUSED_MS = 1_500             # how long a refusal stands
_ON_RECORD_EACH_MS = 60_000     # a refusal with the same reason is put on record once in so long
_KINDS = {"digit": transaction.SALE, "presented": transaction.SALE, "void": transaction.VOID, "refund": transaction.REFUND}   # what was wanted
_UNREMARKABLE = (engine.BUSY, engine.FULL, engine.NO_RULE, engine.NOT_ASKED)


class Terminal:
    dark = saving_power = throttled = False
    room = None                     # store and buffers of a tap, from the moment that a card is asked for until the terminal is at rest
    _shown = ""                     # name of the screen that stands
    provision = None                # what a blank terminal has been told of its keys, until they are whole
    _recorded = None                # (reason, when) of the last refusal on record

    def show(self, name, *values):
        self.words.training = self.facts.training
        self.screen.show(self.words.screen(name, *values))
        if name != self._shown:
            self._shown = name
            if name in tones.SCREENS:
                self.sounder.play(tones.SCREENS[name])
        log.event("screen", self.engine.front.id if self.engine.front else "", name)

    def speak(self, codes):
        """The customer's language, of the pairs of letters that a card gave (5F2D), most wanted first; until the terminal is at rest."""
        for at in range(0, len(codes) - 1, 2):
            if self.words.use(str(codes[at:at + 2], "ascii")):
                return

    def next_stan(self):
        """STAN: six digits, never 000000, 999999 is followed by 000001."""
        return (self.counters.spend(counters.STAN) - 1) % 999_999 + 1

    # flows
    async def launch(self, flow, session):
        """Import a flow, run it, let it go. What ends it early is told and leads back to a terminal that is ready."""
        name = "till." + flow
        try:
            code, after = await survive(self._flow(name, session))
            if code:
                self.died(flow, code)
            return after
        finally:
            sys.modules.pop(name, None)
            if session is self.engine.front:
                self.engine.front = None
                self.access.acted()
                self.idle()
            elif not self.engine.front and self._shown != "refused":
                self.idle()             # what it changed may change what is possible now

    async def _flow(self, name, session):
        try:
            return await __import__(name, None, None, ("run",)).run(self, session)
        except (Interrupted, TimedOut) as error:
            log.event("flow", session.id, name, error.code)

    def died(self, name, code):
        log.event("died", "", name, code)
        self.offer("health", "task_died", "%s %s" % (name, code))

    def refused(self, trigger):
        """Tell the person who caused it, and put it on record where it was about a payment."""
        if trigger.origin not in ("customer", "operator") or self.engine.front:
            return
        if trigger.reason not in _UNREMARKABLE:
            now = time.ticks_ms()
            if self._recorded is None or self._recorded[0] != trigger.reason or time.ticks_diff(now, self._recorded[1]) > _ON_RECORD_EACH_MS:
                self._recorded = trigger.reason, now
                self.ledger.refuse(_KINDS.get(trigger.name, 0), 0, trigger.reason, trigger.id)
        self.show("refused", *self.words.refusal(trigger.reason))
        asyncio.create_task(self._after_refusal())

    async def _after_refusal(self):
        await asyncio.sleep_ms(_REFUSED_MS)
        if not self.engine.front:
            self.idle()

    # at rest
    def idle(self):
        """Nothing is going on with a person: the screen says what is possible now, and the quiet moment begins."""
        self.words.home()
        self.room = None
        name, values, wants_card = idle.screen(self)
        if (name, values) != self._idle or name != self._shown:
            self._idle = name, values
            self.show(name, *values)
        self.reader.want_card(wants_card, idle=True)
        self._quiet.set()

    _idle = None

    def settings_changed(self):
        """New settings are in force: tell the parts that keep something of them."""
        shop, host, wifi = self.parameters["shop"], self.parameters["host"], self.parameters["wifi"]
        self.words.codes, self.words.large = shop["languages"], self.parameters["people"]["large_text"]
        self.letters.clear()
        self.letters.update(self.parameters["tools"]["letters"])
        self.ledger.offset_min = shop["offset_min"]
        self.messages.terminal, self.messages.merchant = shop["terminal"], shop["merchant"]
        self.join(wifi["network"], wifi["password"])
        self.link.move(host["name"], host["port"])
        self._idle = None

    async def quiet(self):
        """What is best done while nobody waits: blank the next sectors, turn the counters, collect."""
        while True:
            await self._quiet.wait()
            while not self.engine.front and (await self.ring.erase_ahead() or await self.counters.turn_ahead()):
                pass
            if not self.engine.front:
                self.messages.rest()
                gc.collect()
                log.memory("", "idle")

    # power and climate
    def saving(self, on):
        self.saving_power = on
        self._pace()
        self.dim()

    def throttle(self, on):
        self.throttled = on
        self._pace()

    def _pace(self):
        self.senses.slow = self.reader.slow = self.saving_power or self.throttled

    def dim(self):
        self.screen.dim(self.dark or self.saving_power)

    def alarms_changed(self, began):
        """An alarm began (its level) or ended (""): the light says whether one is active, a tone that one began."""
        self.lights.alert(self.alarms.level() in ("warning", "critical"))
        if began:
            self.sounder.play("alarm" if began == "critical" else "warning" if began == "warning" else "attention")

    def alarm_on_record(self, source, code, trigger_id):
        self.ledger.alarm(source, code, trigger_id)
