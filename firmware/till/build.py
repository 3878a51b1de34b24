# build.py: composition: who is handed what. It alone knows all the rooms. A part that will not start is an event, not an end.
import asyncio
import time

from till import shop
from till.acquirer.link import Link
from till.acquirer.messages import Messages
from till.acquirer.outbox import Outbox
from till.admin.console import Console
from till.admin.ops import OPS, lock
from till.alarms import Alarms
from till.cards.emv import c2, c3, entry  # noqa: F401 (at boot, so that a sale finds them loaded)
from till.cards.emv.settings import DEFAULTS as EMV
from till.core import heap, log
from till.core.errors import StorageFault
from till.core.flag import Flag
from till.core.supervisor import Supervisor
from till.devices.fan import Fan
from till.devices.keypad import Keypad
from till.devices.lights import Lights
from till.devices.printer import Printer
from till.devices.reader import Reader
from till.devices.screen import Screen
from till.devices.senses import Senses
from till.devices.sounder import Sounder
from till.devices.switches import Switches
from till.devices.watch import Watch
from till.facts import Facts
from till.flows import asking, common, tapping  # noqa: F401 (at boot as well: every payment leans on them)
from till.money.ledger import Ledger
from till.secure import pin  # noqa: F401
from till.secure.access import Access
from till.secure.audit import Audit
from till.secure.vault import CA_CERTIFICATE, Vault, journal_mac
from till.shop import Shop
from till.store import counters
from till.store.counters import Counters
from till.store.sealed import SealedRing
from till.store.slots import Slots
from till.terminal import Terminal
from till.triggers.engine import Engine
from till.triggers.rules import BY_TRIGGER
from till.ui import words

# The flash, in sectors of 4 KiB: counters 2, slots 4, registers 2, the journal 64, settings 4, audit 8; then, on a board that
# takes application images, their record 2 and two places of 85 (update/images.py).
_COUNTERS, _SLOTS, _REGISTERS, _JOURNAL = 0, 2 * 4096, 6 * 4096, 8 * 4096
_JOURNAL_SECTORS = 64
_SETTINGS = _JOURNAL + _JOURNAL_SECTORS * 4096
_AUDIT = _SETTINGS + 4 * 4096
_SEEN_MS = 300                  # how long a development build says that it is one


class Till(Terminal):
    """The terminal: what flows are handed. `board` gives the chips' drivers, random_into, device_key and connect."""

    def __init__(self, board):
        self.firmware, self.random_is_true, self.development = board.firmware, board.random_is_true, board.development
        nor = board.flash()
        self.flash, self.takes_images = nor, board.images
        heap.begin()
        nor.error = StorageFault        # of a chip that is mute or never done, as of one that does not hold what it is given
        self.counters = Counters(nor, _COUNTERS).mount()
        device_key = board.device_key()
        self.ring = SealedRing(nor, _JOURNAL, _JOURNAL_SECTORS, journal_mac(device_key)).mount()
        self.vault = Vault(Slots(nor, _SLOTS).mount(), nor, _REGISTERS, self.counters, device_key, board.random_into)
        self.shop = Shop(Slots(nor, _SETTINGS, shop.MOST_BYTES).mount(), self.vault, EMV, words.here)
        self.parameters = self.shop.values
        self.audit = Audit(nor, _AUDIT, device_key)
        self.console = Console(board.admin_uart(), self, OPS, lock)
        log.listen(self.console.event)

    def assemble(self, board):
        """Everything beyond the console: engine, devices, host."""
        fault = None
        try:
            self.boot = self.counters.spend(counters.BOOT)
        except StorageFault as error:
            self.boot, fault = self.counters.value(counters.BOOT) + 1, error    # nothing of this life is on record until a start that counts
        self.ledger = Ledger(self.ring, self.parameters["shop"]["offset_min"]).mount()
        self.access = Access(self.vault, self.counters, self.parameters)
        self._quiet = Flag()
        self.facts = Facts(self.parameters)
        self.engine = Engine(BY_TRIGGER, self.facts, self.boot, self.launch, self.refused)
        self.offer = self.engine.offer
        self.alarms = Alarms(self.alarm_on_record, self.alarms_changed)
        self.words, self.letters = words.Words(self.parameters["shop"]["languages"]), {}
        self._devices(board)
        self._host(board)
        self._owners_of_facts()
        self.settings_changed()
        self.restart, self.began_ms = board.restart, time.ticks_ms()
        if fault:
            self.flash_failed(fault)
        return self

    def _devices(self, board):
        self.screen = Screen(board.screen(), board.screen_error, self.letters, self.offer)
        self.lights = Lights(*board.lights())
        self.sounder = Sounder(board.piezo(), board.motor(), self.parameters)
        self.keypad = Keypad(board.keypad(), self.offer, self.sounder)
        self.reader = Reader(board.reader(), self.offer, self.facts, board.reader_error, board.reader_reset(), board.reader_supply(),
                             self.reader_step)
        self.printer = Printer(board.printer(), self.offer, board.printer_error, self.letters, self.facts)
        self.fan = Fan(board.fan(), self.facts, self.offer, board.sense_errors)
        chips = {"battery": board.gauge(), "case": board.case_thermometer(), "head": board.head_thermometer(), "light": board.light(),
                 "rtc": board.rtc()}
        self.senses = Senses(chips, board.sense_errors, self.facts, self.offer, self.parameters)
        watch = Watch(chips["battery"], board.inside_light, board.sense_errors, self.facts, self.offer, self.parameters)
        self.senses.watch = watch.look              # pyright: ignore[reportAttributeAccessIssue]
        self.switches = Switches(board.charger(), board.case_switch(), self.facts, self.offer, board.sense_errors)
        self._hold = board.hold()
        self.printer.watched = self._printing       # pyright: ignore[reportAttributeAccessIssue]

    def _host(self, board):
        shop = self.parameters["shop"]
        self.join = board.network
        self.messages = Messages(shop["terminal"], shop["merchant"])
        self.link = Link(board.connect, self.ways(), self._certificate, self._from_link)
        self.outbox = Outbox(self.ledger, self.link, self.messages, self.vault, self, self.offer)
        self.link.greet = self.outbox.sign_on
        self.senses.beside = self._look_beside      # pyright: ignore[reportAttributeAccessIssue]

    def _look_beside(self):
        """A line that ends at rest is told, and nobody who pays has to find out."""
        if not self.engine.front:
            self.link.look()

    def _owners_of_facts(self):
        ask = self.facts.ask
        ask("keyed", self.vault.keyed)
        ask("room_on_record", self.ledger.has_room)
        ask("record_sound", self.record_sound)
        ask("owes", self.outbox.owes)
        ask("owed", self.ledger.owing)
        ask("screen_shows", lambda: self.screen.works)
        ask("sums", lambda: self.ledger.sums)
        ask("newest", lambda: self.ledger.newest)
        ask("local", self.shop.local)
        ask("conditions", self.shop.conditions)
        ask("role_reaches", lambda: self.access.reaches)

    def _certificate(self):
        return self.vault.public(CA_CERTIFICATE) if self.vault.keyed() else b""

    def _from_link(self, name):
        self.offer("network", name)
        self._quiet.set()               # a handshake leaves much behind

    def reader_step(self, step):
        """How the card reader was brought back, a step at a time."""
        self.alarm_on_record("reader", step)

    def _printing(self, on):
        self.senses.printing = on       # the head is looked at more often

    def switch_off(self):
        """Let go of the supply. Where a board has no such switch, it stays dark and locked."""
        self._hold.value(0)

    async def run(self):
        """Every task of a terminal in service, for ever."""
        keep = Supervisor(self.died, lambda name: self.engine.decide("health", "safe_stop", name)).keep
        keep("engine", self.engine.run)
        keep("console", self.console.run)
        keep("screen", self.screen.run)
        keep("keypad", self.keypad.run)
        keep("sounder", self.sounder.run)
        keep("quiet", self.quiet)
        self.facts.locked = not self.shop.sound
        cause = "after a cut" if self.ledger.open.first else "cold" if self.boot == 1 else "again"
        self.on_record(self.ledger.started, self.boot, cause, self.shop.mark())
        self.show("starting", self.words.of("OTHER", "development") if self.development else "")
        await self.reader.start()
        if self.development:
            await asyncio.sleep_ms(_SEEN_MS)
        self.offer("health", "started", cause)
        self.look_at_record()
        keep("switches", self.switches.run)
        keep("senses", self.senses.run)
        keep("fan", self.fan.run)
        keep("shop", lambda: self.shop.run(self.offer, lambda: self.ledger.sums["batch"]))
        self.idle()
        if self.image and self.image[1]:
            self.offer("health", "image", self.image[1])
        while True:
            await asyncio.sleep(3600)

    async def serve(self):
        """The console alone: a terminal in service mode takes no payment."""
        keep = Supervisor(lambda name, code: None, lambda name: None).keep
        keep("console", self.console.run)
        while True:
            await asyncio.sleep(3600)
