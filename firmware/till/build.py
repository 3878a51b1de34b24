# build.py: composition: who is handed what. It alone knows all the rooms. A part that will not start is an event, not an end.
import asyncio
import gc
import sys

from till.acquirer.link import Link
from till.acquirer.messages import Messages
from till.acquirer.outbox import Outbox
from till.admin.console import Console
from till.admin.ops import table
from till.cards.emv import c2, c3, entry  # noqa: F401 (at boot, so that a sale finds them loaded)
from till.cards.emv.data import Room
from till.cards.emv.settings import DEFAULTS as EMV
from till.core import log
from till.core.errors import Interrupted, TillError, TimedOut
from till.core.supervisor import Supervisor, survive
from till.devices.keypad import Keypad
from till.devices.lights import Lights
from till.devices.printer import Printer
from till.devices.reader import Reader
from till.devices.screen import Screen
from till.facts import Facts
from till.flows import common  # noqa: F401 (at boot as well: every flow leans on it)
from till.money.ledger import Ledger
from till.secure import pin  # noqa: F401
from till.secure.vault import CA_CERTIFICATE, PARAMETERS, Vault
from till.store import counters, parameters
from till.store.counters import Counters
from till.store.ring import Ring
from till.store.slots import Slots
from till.triggers.engine import Engine
from till.triggers.rules import RULES
from till.ui.words import Words

# The flash, in sectors of 4 KiB: counters 2, slots 4, the journal all the rest.
_COUNTERS, _SLOTS, _JOURNAL = 0, 2 * 4096, 8 * 4096
_JOURNAL_SECTORS = 64


class Till:
    """The terminal: what flows are handed. `board` gives the chips' drivers, random_into, device_key and connect."""

    def __init__(self, board):
        self.firmware, self.random_is_true = board.firmware, board.random_is_true
        nor = board.flash()
        self.counters = Counters(nor, _COUNTERS).mount()
        self.ring = Ring(nor, _JOURNAL, _JOURNAL_SECTORS).mount()
        self.vault = Vault(Slots(nor, _SLOTS).mount(), self.counters, board.device_key(), board.random_into)
        self.parameters = parameters.load(self._stored_parameters(), EMV)
        self.console = Console(board.admin_uart(), table(self))
        log.listen(self.console.event)

    def _stored_parameters(self):
        try:
            return self.vault.public(PARAMETERS)
        except TillError:
            return None

    def assemble(self, board):
        """Everything beyond the console: engine, devices, host."""
        self.boot = self.counters.spend(counters.BOOT)
        self.ledger = Ledger(self.ring).mount()
        self.facts = Facts(self.parameters)
        self.engine = Engine(RULES, self.facts, self.boot, self.launch, self.refused)
        self.offer = self.engine.offer
        self.words = Words()
        self.screen = Screen(board.screen(), board.screen_error)
        self.lights = Lights(*board.lights())
        self.keypad = Keypad(board.keypad(), self.offer)
        self.reader = Reader(board.reader(), self.offer, self.facts, board.reader_error)
        self.printer = Printer(board.printer(), self.offer, board.printer_error)
        self.facts.ask("keyed", self.vault.keyed)
        self.facts.ask("room_on_record", self.ledger.has_room)
        shop = self.parameters["shop"]
        self.messages = Messages(shop["terminal"], shop["merchant"])
        self.link = Link(board.connect, self.parameters["host"], self.parameters["port"], self._certificate(), self._from_link)
        self.outbox = Outbox(self.ledger, self.link, self.messages, self.vault, self, self.offer)
        self.link.greet = self.outbox.sign_on
        self.facts.ask("owes", self.outbox.owes)
        self.room = Room()              # store and buffers of a tap, made once
        self._quiet = asyncio.ThreadSafeFlag()
        return self

    def _certificate(self):
        return self.vault.public(CA_CERTIFICATE) if self.vault.keyed() else b""

    def _from_link(self, name):
        self.offer("network", name)
        self._quiet.set()               # a handshake leaves much behind

    async def run(self):
        """Every task of a terminal in service, for ever."""
        keep = Supervisor(self.died, lambda name: self.offer("health", "safe_stop", name)).keep
        keep("engine", self.engine.run)
        keep("console", self.console.run)
        keep("screen", self.screen.run)
        keep("keypad", self.keypad.run)
        keep("quiet", self.quiet)
        cause = "after a cut" if self.ledger.order else "cold" if self.boot == 1 else "again"
        self.ledger.started(self.boot, cause)
        self.show("starting")
        await self.reader.start()
        self.offer("health", "started", cause)
        self.idle()
        while True:
            await asyncio.sleep(3600)

    async def serve(self):
        """The console alone: a terminal in service mode takes no payment."""
        keep = Supervisor(lambda name, code: None, lambda name: None).keep
        keep("console", self.console.run)
        while True:
            await asyncio.sleep(3600)

    # what flows call
    def show(self, name, *values):
        self.screen.show(self.words.screen(name, *values))
        log.event("screen", self.engine.front.id if self.engine.front else "", name)

    def next_stan(self):
        """STAN: six digits, never 000000, 999999 is followed by 000001."""
        return (self.counters.spend(counters.STAN) - 1) % 999_999 + 1

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
                self.idle()

    async def _flow(self, name, session):
        try:
            return await __import__(name, None, None, ("run",)).run(self, session)
        except (Interrupted, TimedOut) as error:
            log.event("flow", session.id, name, error.code)

    def idle(self):
        """Nothing is going on with a person: the ready screen, and the quiet moment begins."""
        if not self.facts.locked:
            if self.vault.keyed():
                self.show("ready", "", self.vault.label())
            else:
                self.show("not_keyed")
        self._quiet.set()

    def refused(self, trigger):
        """Tell the person who caused it."""
        if trigger.origin in ("customer", "operator") and not self.engine.front:
            self.show("refused", *self.words.refusal(trigger.reason))
            asyncio.create_task(self._after_refusal())

    async def _after_refusal(self):
        await asyncio.sleep_ms(1500)
        if not self.engine.front:
            self.idle()

    def died(self, name, code):
        log.event("died", "", name, code)
        self.offer("health", "task_died", "%s %s" % (name, code))

    async def quiet(self):
        """What is best done while nobody waits: blank the next sectors, turn the counters, collect."""
        while True:
            await self._quiet.wait()
            while not self.engine.front and (await self.ring.erase_ahead() or await self.counters.turn_ahead()):
                pass
            if not self.engine.front:
                gc.collect()
                log.memory("", "idle")
