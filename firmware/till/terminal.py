# terminal.py: what flows are handed: the acts of a terminal as a whole: show, launch, be at rest, save power, switch off. build.py makes its parts.
# A flow that ends early, for whatever reason, leads back to a terminal that is ready and says so.
# pyright: reportAttributeAccessIssue=false
import asyncio
import gc
import sys
import time

from till import idle
from till.core import heap, log
from till.core.errors import Interrupted, JournalFull, StorageFault, TimedOut
from till.core.supervisor import survive
from till.money import transaction
from till.store import counters
from till.triggers import engine
from till.ui import tones

_REFUSED_MS = 1_500             # how long a refusal stands
_ON_RECORD_EACH_MS = 60_000     # a refusal with the same reason is put on record once in so long
_KINDS = {"digit": transaction.SALE, "presented": transaction.SALE, "void": transaction.VOID, "refund": transaction.REFUND}   # what was wanted
_SECURITY = "AS"                 # first letters of the reasons of guards that watch over roles and keys
_UNREMARKABLE = (engine.BUSY, engine.FULL, engine.NO_RULE, engine.NOT_ASKED)


class Terminal:
    dark = saving_power = throttled = False
    room = None                     # store and buffers of a tap, from the moment that a card is asked for until the terminal is at rest
    deaths = None                   # {task or flow: how often it died in this life}, once any has
    _shown = ""                     # name of the screen that stands
    image = incoming = None         # the application image that runs (boot.py), and one that is coming in
    provision = None                # what a blank terminal has been told of its keys, until they are whole
    looked = None                   # for what flows.looking counted facts.recent, at rest
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

    def mac_judged(self, right):
        """An answer's MAC was right, or wrong: too many wrong ones in a row, also over a restart, and no new payment begins."""
        if not right or self.facts.wrong_macs:
            from till.secure import latch
            self.on_record(latch.judged, self, right)

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
        except (JournalFull, StorageFault) as error:
            log.event("flow", session.id, name, error.code)
            self.flash_failed(error)
            if session is self.engine.front:
                self.show("refused", *self.words.refusal(error.code))
                log.event("outcome", session.id, "refused", error.code)
                await asyncio.sleep_ms(_REFUSED_MS)

    # flash
    def on_record(self, write, *args):
        """A record that only tells: True where flash has it; where it has not, that is an alarm, and whoever wanted it told goes on."""
        try:
            write(*args)
        except (JournalFull, StorageFault) as error:
            self.flash_failed(error)
            return False
        return True

    def audited(self, kind, *words):
        """Something that an auditor wants to know of (secure/audit.py)."""
        self.on_record(self.audit.note, kind, *words)

    def flash_failed(self, error):
        """A record is not on flash. Where that is more than a lack of room, nothing new is sold until one is taken again."""
        log.event("device", "", "flash", error.code)
        if self.facts.flash_holds and isinstance(error, StorageFault):
            self.facts.flash_holds = False
            self.engine.decide("health", "flash_failed")        # once only, so no full ring may lose it

    async def start_afresh(self, why):
        """As if the power had gone for a moment; not before whoever is served has been."""
        while self.engine.front:
            await asyncio.sleep_ms(250)
        self.on_record(self.ledger.alarm, "restart", why)
        self.restart()

    def died(self, name, code):
        if self.deaths is None:
            self.deaths = {}
        self.deaths[name] = self.deaths.get(name, 0) + 1
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
                self.on_record(self.ledger.refuse, _KINDS.get(trigger.name, 0), 0, trigger.reason, trigger.id)
                if trigger.reason[0] in _SECURITY:
                    self.audited("refused", trigger.name, trigger.reason)
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
        shop, wifi = self.parameters["shop"], self.parameters["wifi"]
        self.words.codes, self.words.large = shop["languages"], self.parameters["people"]["large_text"]
        self.letters.clear()
        self.letters.update(self.parameters["tools"]["letters"])
        self.ledger.offset_min = shop["offset_min"]
        self.messages.terminal, self.messages.merchant = shop["terminal"], shop["merchant"]
        self.join(wifi["network"], wifi["password"])
        self.link.move(self.ways())
        self._idle = None

    def ways(self):
        """((host, port), ...) to the bank, the first one wanted first."""
        host = self.parameters["host"]
        first = (host["name"], host["port"]),
        return first + ((host["second"], host["second_port"]),) if host["second"] else first

    async def quiet(self):
        """What is best done while nobody waits: blank the next sectors, turn the counters, collect."""
        while True:
            await self._quiet.wait()
            try:
                while self.facts.flash_holds and not self.engine.front and (await self.ring.erase_ahead() or await self.counters.turn_ahead()):
                    pass
                if not self.engine.front:
                    self.ring.sure()
                    if self.facts.flash_holds and self.ledger.open.first is None and not self.outbox.turn.locked():
                        await self.vault.forget_used()
                if not self.engine.front and self.parameters["kiosk"]["mode"] == "fixed":
                    from till.flows import looking
                    await looking.ahead(self)
            except StorageFault as error:
                self.flash_failed(error)
            if not self.engine.front:
                self.look_at_record()
                self.messages.rest()
                gc.collect()
                heap.rest()
                log.memory("", "idle")

    # the record
    def altered(self):
        """Number of the newest record that was altered and that nobody has looked at yet; 0 where there is none."""
        newest = max(self.ring.altered) if self.ring.altered else 0
        return newest if newest > self.counters.value(counters.LOOKED_AT) else 0

    def record_sound(self):
        return not self.altered()

    def look_at_record(self):
        """Tell of records that were found altered. Until a person has looked, nothing new may be paid, and nothing is undone by guess."""
        number = self.altered()
        if number > self._doubted:
            self._doubted = number
            self.offer("security", "record_altered", number)

    _doubted = 0

    def record_looked_at(self):
        """A person has seen the number, and takes the journal as it is. Raises StorageFault, JournalFull."""
        number = self.altered()
        self.ledger.alarm("journal", "looked at %d" % number)
        self.counters.spend(counters.LOOKED_AT, max(number, self.ring.number))
        self.offer("security", "record_looked_at", number)

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

    def alarm_on_record(self, source, code, trigger_id=""):
        self.on_record(self.ledger.alarm, source, code, trigger_id)
