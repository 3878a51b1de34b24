# bench.py: the whole rig on one table: chips, wires, cards, network and bank around one terminal, and what of them outlives a power cut.
# A person's acts (press, tap, tear) are methods here; verbs, tests and pages call the same ones.
import datetime
import importlib.util
import json
import random
from collections import deque
from pathlib import Path

from microtill import demo
from microtill.bench import firmware, ocr, targets
from microtill.bench.acquirer.bank import Bank
from microtill.bench.acquirer.tls import TlsBank
from microtill.bench.cards.wallet import Wallet
from microtill.bench.chips.escpos import Escpos
from microtill.bench.chips.esp_at import EspAt
from microtill.bench.chips.keypad import Keypad
from microtill.bench.chips.lights import Lights
from microtill.bench.chips.nor import Nor, PowerCut
from microtill.bench.chips.pn532 import PN532
from microtill.bench.chips.power import PowerLost
from microtill.bench.chips.ssd1306 import SSD1306
from microtill.bench.console import Console
from microtill.bench.network import Network
from microtill.bench.rig import Ended, Rig
from microtill.bench.senses import Senses
from microtill.bench.story import Story
from microtill.bench.wires import I2cBus, Pins, SpiBus, UartLine
from microtill.bench.world import World
from microtill.keys import opened

FIRST_DAY = datetime.datetime(2026, 1, 5, 9, 0, tzinfo=datetime.UTC)      # where a stepped clock starts
HOST, SECOND = "bank.test:8583", "bank.test:8584"      # the bank by its first way, and by a second one, where the owner's settings name it
_TAIL = 1 << 18                         # bytes of a story's end, of which one line is whole
BETWEEN_RUNS_S = 60                     # a stepped clock goes on from the last run's end
KEY_HOLD_US, KEY_GAP_US = 90_000, 90_000
_STILL_US = 15_000                      # a picture that has stood this long can be read


def pins(board="sim"):
    """The board's own table of pins and buses."""
    path = firmware.ROOT / "boards" / board / "pins.py"
    spec = importlib.util.spec_from_file_location("microtill_pins_" + board, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def last_moment(state):
    """When the last run in a state folder ended; of one that was killed, when it last told something. None where there was none."""
    found, clock, story = [], state / "clock.json", state / "story.jsonl"
    if clock.exists():
        found.append(datetime.datetime.fromtimestamp(json.loads(clock.read_text())["unix"], datetime.UTC))
    if story.exists():
        with open(story, "rb") as file:
            file.seek(max(0, story.stat().st_size - _TAIL))
            for line in reversed(file.read().splitlines()):
                try:
                    found.append(datetime.datetime.fromisoformat(json.loads(line)["at"]).replace(microsecond=0))
                    break
                except (ValueError, KeyError, TypeError):
                    pass                # torn by whatever killed it, or half of it lies before the tail
    return max(found, default=None)


class Bench:
    """`state`: a folder that keeps flash, bank, cards and story, or None for a bench that forgets. `host`: a real (host, port) for the
    terminal to reach instead of the bench's own bank. `service`: boot to the console alone. `keep`: False leaves the folder untouched.
    `began`: the world's first date and time, where it is not for the clocks to say. `rig`: another end of the bus."""

    def __init__(self, state=None, seed=1, real=False, host=None, bank=True, service=False, target=None, keep=True, began=None, rig=Rig):
        self.state = Path(state) if state else None
        self.seed, self.real, self.service, self.keep, self.firmware = seed, real, service, keep, ""
        if self.state:
            self.state.mkdir(parents=True, exist_ok=True)
        self.world, self.edges = World(), deque()
        self.began = self._epoch = began or self._start_of_time()
        self.random, self.fuse = random.Random(seed << 40 ^ self.unix_time()), demo.DEVICE_KEY[:16]    # another run, other numbers
        self._drawn_at = 0
        self.board = pins()
        self.target = target or targets.chosen()
        self._chips()
        self._wire()
        self.wallet = Wallet(self.state / "cards.json" if self.state else None)
        self.bank = Bank(str(self.state / "bank.sqlite") if self.state else ":memory:", now=self.now, **self._bank_keys()) if bank else None
        reach = {HOST: host, SECOND: host} if host else None
        self.network = Network(self.world, TlsBank(self.bank) if self.bank else None, (HOST, SECOND), reach)
        if self.modem:
            self.modem.network = self.network
        self.rig = rig(self.world, self, real)
        self.story = Story(self, self.state / "story.jsonl" if self.state and keep and not service else None)
        self.reader.on_apdu = self._apdu
        self.channel, self.lives, self.alive = None, 0, True
        self.gauges, self.on_memory = 0, None       # rig.HELLO: what a board is asked to tell; on_memory(free, largest, stack) hears of its memory
        self.dark, self._plans = False, []

    def _chips(self):
        world, board, seed = self.world, self.board, self.seed
        self.reader = PN532(world)
        self.printer = Escpos(world)
        self.console, self._admin = Console(world), None
        self.console.key = self._admin_key
        self.keypad = Keypad(world, board.KEYPAD_ROWS, board.KEYPAD_COLUMNS, random.Random(seed + 1))
        self.screen = SSD1306(world, board.SCREEN_ADDRESS)
        self.flash = Nor(world, random.Random(seed + 2), board.FLASH_SIZE)
        self.lights = Lights(world, {"power": board.LIGHT_POWER, "link": board.LIGHT_LINK, "alert": board.LIGHT_ALERT})
        self.senses = Senses(world, board, self.now, seed)
        self.surroundings = self.senses.around
        self.printer.on_rows = self.surroundings.head.heat
        if self.state and self.keep:
            self.flash.live_in(str(self.state / "flash.bin"))
        elif self.state:
            self.flash.load(str(self.state / "flash.bin"))
        self.modem = EspAt(world, rng=random.Random(seed + 3)) if self.target.has_modem else None
        self.screen.on_change = self._screen_changed
        self.screens, self.shown, self._looking, self.on_screen, self.on_drawn = [], "", False, None, None

    def _wire(self):
        board = self.board
        self.lines = {number: UartLine(self.world, number, self.edges, chip) for number, chip in (
            (board.ADMIN_UART, self.console), (board.READER_UART, self.reader), (board.PRINTER_UART, self.printer))}
        if self.modem:
            self.lines[board.MODEM_UART] = UartLine(self.world, board.MODEM_UART, self.edges, self.modem)
        self.pins = Pins(self.edges)
        self.pins.attach(self.keypad)
        self.pins.attach(self.lights, watches=self.lights.watched)
        self.reader.watch(self.pins, board.READER_RESET, board.READER_SUPPLY)
        self.senses.wire(self.pins)
        if self.modem:
            self.modem.watch(self.pins, board.MODEM_ENABLE)
        self.i2c, self.analog = {board.SCREEN_I2C: I2cBus(self.screen), **self.senses.i2c}, self.senses.analog
        self.spi = {board.FLASH_SPI: SpiBus(self.flash)}
        self.pins.attach(self.spi[board.FLASH_SPI], watches=(board.FLASH_SELECT,))

    def _bank_keys(self):
        """Of the key store beside the terminal, where there is one; the bank opens the same."""
        if not self.state or not opened.exists(self.state):
            return {}
        from microtill.provisioning import bank_keys
        return bank_keys(self.state, opened.open_store(self.state))

    def _admin_key(self, serial):
        """Out of the key store beside the terminal, where there is one; looked for once."""
        if self._admin is None and self.state and opened.exists(self.state):
            from microtill.provisioning import admin_key
            self._admin = admin_key(self.state, serial)
        return self._admin

    def _start_of_time(self):
        """Of the wall's clock, or of a stepped one; but time in a state folder never goes back, whatever runs there after whatever."""
        first = datetime.datetime.now(datetime.UTC).replace(microsecond=0) if self.real else FIRST_DAY
        last = last_moment(self.state) if self.state else None
        return first if last is None else max(first, last + datetime.timedelta(seconds=BETWEEN_RUNS_S))

    def begin_at(self, when):
        """Before power comes on: the date and time at which this bench begins (a naive one is UTC)."""
        self.began = self._epoch = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)

    def now(self):
        """The world's date and time, UTC."""
        return self._epoch + datetime.timedelta(microseconds=self.world.now)

    def unix_time(self):
        return int(self.now().timestamp())

    def on_note(self, text):
        self.story.note(text)

    # power
    def power_on(self):
        """Chips forget what power kept. The rig calls it; flash, paper, cards and bank stay."""
        self.world.clear()
        for plan in self._plans:
            self.world.at(plan[0], self._act, plan)
        self.shown, self._looking = "", False
        for line in self.lines.values():
            line.power_on()
        for part in (self.pins, self.reader, self.printer, self.console, self.keypad, self.screen, self.flash, self.lights, self.network,
                     self.senses, self.modem):
            if part:
                part.power_on()

    def start(self):
        """Power comes on."""
        self.target.cut()
        self.lives += 1
        self.alive, self.dark = True, False
        self.surroundings.run(True)
        self.rig.power_on()
        self.story.life(self.lives)
        self.channel = self.target.start()

    def cut(self):
        """Power goes, now."""
        self.target.cut()
        self.channel = None
        self.story.act("power cut")

    def _go_dark(self, why):
        """The supply went by itself. Time goes on, and mains bring the terminal back."""
        self.target.cut()
        self.channel, self.dark = None, True
        self.story.act(why)
        self.rig.power_on()
        self.surroundings.run(False)

    def later(self, us, act, *args):
        """Do it in so many microseconds from now, whatever becomes of the terminal's supply until then."""
        plan = (self.world.now + us, act, args)
        self._plans.append(plan)
        self.world.at(plan[0], self._act, plan)

    def _act(self, plan):
        self._plans.remove(plan)
        plan[1](*plan[2])

    def run(self, until, within_ms=600_000):
        """Serve the terminal until `until()` is true, or `within_ms` of its time have passed. Returns True where it came true.
        A cut that the flash was told of restarts the terminal, as mains that come back do; one that switched itself off, or whose
        cell is empty, stays dark until then."""
        end = self.world.now + within_ms * 1000
        self.world.at(end, _reached)
        self.rig.alive = lambda: not until() and self.world.now < end
        while self.rig.alive():
            if self.dark and not self.surroundings.mains:
                self.rig.rest(end)
                continue
            if self.dark:
                self.start()
                self.world.at(end, _reached)
            try:
                self.rig.serve(self.channel)
            except PowerLost as lost:
                self._go_dark(str(lost))
            except PowerCut:
                self.flash.cut = None
                self.story.act("power cut in a flash operation")
                self.start()
                self.world.at(end, _reached)
            except Ended as ended:
                self.story.act("ended %s" % ended)
                self.start()
                self.world.at(end, _reached)
        return until()

    def close(self):
        """End the run, and keep what outlives it."""
        self.target.close()
        self.rig.pace.close()
        if self.state and self.keep:
            (self.state / "clock.json").write_text(json.dumps({"unix": self.unix_time()}))
        self.story.close()
        if self.bank:
            self.bank.close()

    # a person's acts
    def press(self, label, hold_us=KEY_HOLD_US):
        """Press the key with this legend now; the contacts bounce."""
        self.keypad.press(self.board.KEYPAD_LEGEND.index(label), hold_us)

    def tap(self, card):
        """Bring a card object into the field."""
        self.reader.present(card)

    def pull(self, card):
        self.reader.remove(card)

    def tear(self):
        """Tear off what hangs out of the printer. Returns it, or None where nothing does."""
        return self.printer.tear()

    def _apdu(self, command, response, at_us, took_us):
        """One command at the card. A card that has left is not in the field any more."""
        self.story.apdu(command, response, took_us)
        for card in [card for card in self.reader.cards if getattr(card, "gone", False)]:
            self.world.after(0, self.pull, card)

    def _screen_changed(self):
        self._drawn_at = self.world.now
        if self.on_drawn:
            self.on_drawn()
        if not self._looking:
            self._looking = True
            self.world.after(_STILL_US, self._look)

    def _look(self):
        """Read the display as a person would, once it has stood still for a moment."""
        if self.world.now - self._drawn_at < _STILL_US:
            self.world.at(self._drawn_at + _STILL_US, self._look)
            return
        self._looking = False
        text = self.shown = self.screen_text()
        if text.strip() and (not self.screens or self.screens[-1] != text):
            self.screens.append(text)
            self.story.screen(text)
            if self.on_screen:
                self.on_screen(text)

    def screen_text(self):
        return ocr.text(self.screen.pixels()) if self.screen.lit else ""


def _reached():
    """An event with no act of its own: the calendar stops here."""
