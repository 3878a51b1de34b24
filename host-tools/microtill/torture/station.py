# station.py: the station of the torture: a key store by chance, a blank terminal, one that this store has keyed, and signed packages. Made once in
# a process and its forks.
import asyncio
import functools
import tempfile
from pathlib import Path

from microtill import demo, packages, provisioning
from microtill.bench.bench import Bench, pins
from microtill.keys import terminals
from microtill.keys.file_store import FileStore
from microtill.terminal import Service
from microtill.torture.journal import Image
from microtill.verbs.update import told
from till.crypto import dukpt
from till.crypto.cmac import cmac
from till.secure import registers, vault
from till.store.counters import DUKPT, SECTOR, Counters
from till.store.slots import Slots

SERIAL = "MT-TORTURE"
OLD, NEW = "signing/1", "signing/2"
COUNTERS, SLOTS, REGISTERS = 0, 2 * 4096, 6 * 4096          # as firmware/till/build.py lays the flash out
_SPREAD = 14                            # values that are put until a sector is full
_SLOT = 16                              # bytes of a counter's place


@functools.cache
def store():
    """With two signing keys, of which terminals are given the first."""
    made = FileStore(Path(tempfile.mkdtemp(prefix="torture-keys-")) / "demonstration.json", "torture", create=True)
    for name in ("bdk", "kbpk", "station", "signing", "signing"):
        made.make(name)
    return made


class First:
    """The store as a station sees it that knows of no second signing key."""

    def __init__(self, held):
        self._held = held

    def __getattr__(self, name):
        return getattr(self._held, name)

    def rows(self):
        return [row for row in self._held.rows() if row.label != NEW]


def provision(ask):
    return provisioning.through(First(store()), SERIAL, ask)


def secrets():
    """What of this terminal's keys may lie nowhere: the initial key and the transport key."""
    made = First(store())
    station = provisioning.Station(made, SERIAL, None)
    return [terminals.initial_key(made, station.ikid, station.bdk), terminals.transport_key(made, SERIAL, station.kbpk)]


@functools.cache
def admin_key(serial):
    made = First(store())
    return terminals.admin_key(terminals.transport_key(made, serial, provisioning.Station(made, serial, None).kbpk))


def bank_keys(ikid):
    return terminals.BankKeys(First(store()), {}).initial_key(ikid)


class KeyedBench(Bench):
    """Its bank opens the same store."""

    def _bank_keys(self):
        return {"keys": functools.cache(bank_keys)}

    def _admin_key(self, serial):
        return admin_key(serial)


def blank():
    return b"\xff" * pins().FLASH_SIZE


@functools.cache
def keyed():
    """Flash of a terminal that was provisioned here, and has been in use: its newest keys lie in another sector than what else it needs."""
    with Service(None) as service:
        provision(service.ask)
        flash = Image(service.bench.flash.data)
    slots = Slots(flash, SLOTS).mount()
    for number in range(_SPREAD):
        slots.put(vault.CONDITIONS, b"{}" + b" " * (300 + number))
    for slot in (vault.TRANSPORT_KEY, vault.INITIAL_KEY):
        slots.put(slot, slots.get(slot))
    return bytes(flash.data)


def sealed(image):
    """The keys as they lie on flash, sealed: in the slots, and in the registers."""
    slots = [bytes(image[at:at + registers.SLOT]) for at in range(REGISTERS, REGISTERS + 2 * SECTOR, registers.SLOT)]
    held = [slot[4:20] for number, slot in enumerate(slots) if number % registers.SLOTS >= registers.KEYS and len(set(slot)) > 1]
    return [Slots(Image(image), SLOTS).mount().get(vault.TRANSPORT_KEY)] + held


def _registers(flash):
    """Of a terminal of the bench, whose device key is known here."""
    key = demo.DEVICE_KEY[:16]
    return registers.Registers(flash, REGISTERS, cmac(key, b"microtill seal"), cmac(key, b"microtill mark")).mount()


def reached(image, counters):
    """Those of whose keys this flash has one, or one above it, for who knows the device key."""
    held = _registers(Image(image))
    return [counter for counter in counters if held.above(counter)]


@functools.cache
def registers_full():
    """Flash of a keyed terminal after so many requests that the sector of its registers takes one key more."""
    flash = Image(keyed())
    counted, held = Counters(flash, COUNTERS).mount(), _registers(flash)
    keys = dukpt.Dukpt(Slots(flash, SLOTS).mount().get(vault.KEY_ID), held.find)
    while held.room() > 1:
        counted.spend(DUKPT, dukpt.next_counter(counted.value(DUKPT)))
        asyncio.run(held.advance(dukpt.next_counter(counted.value(DUKPT)), keys))
    return bytes(flash.data)


def with_room(image, left):
    """The same flash after many payments, with so many places left in the counters' sector."""
    flash = Image(image)
    counted = Counters(flash, COUNTERS).mount()
    while counted._offset < SECTOR - left * _SLOT:
        counted.spend(DUKPT)
    return bytes(flash.data)


def count(image, name):
    """What stands on flash of a counter."""
    return Counters(Image(image), COUNTERS).mount().value(name)


@functools.cache
def package(name, version, floor=0, label=OLD, **more):
    """A request that hands over settings: the shop's name, and a role's PIN where there is one."""
    owner = {"shop": {"name": name}, **({"pins": {"operator": more["pin"]}} if more else {})}
    return packages.request(packages.sign(store(), packages.build(packages.PARAMETERS, told(owner), version, floor), label))


@functools.cache
def next_key():
    return packages.request(packages.next_key(store()))
