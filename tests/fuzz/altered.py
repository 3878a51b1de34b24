# altered.py: key blocks, parameter files, update packages and console frames, each byte made every other one, cut anywhere, two of them mixed; and a
# terminal in this process that is handed them over its console. Taken: something altered was believed. Touched: it left a trace on the terminal.
import asyncio
import collections
import hashlib
import itertools
import json
import sys
import tempfile
import types
from pathlib import Path

from microtill import demo, packages, provisioning
from microtill.device_source import frame
from microtill.keys.file_store import FileStore
from microtill.terminal import Refused
from microtill.torture.journal import Image
from till.admin import ops
from till.admin.console import Console
from till.admin.provision import Provision
from till.cards.emv.settings import DEFAULTS as EMV
from till.secure.audit import Audit
from till.secure.vault import Vault
from till.shop import MOST_BYTES, Shop
from till.store.counters import Counters
from till.store.slots import Slots

SERIAL = "MT-ALTERED"
VERSION, DAYS = 7, 20_000
_SLOTS, _REGISTERS, _SETTINGS, _AUDIT, _SIZE = 2 * 4096, 6 * 4096, 8 * 4096, 12 * 4096, 20 * 4096
_CALM = 300                              # more than what a request here has
PAYLOADS = (b'{"op": "zeroise", "serial": "MT-ALTERED"}', b'{"op": "condition", "name": "net", "word": "down", "until": 1999999999}',
            b'{"op": "install", "slot": 2, "hex": "00112233445566778899AABBCCDDEEFF"}', b'{"op": "ballast", "kib": 4}')
_HEARD = b'{"op": "identity"}'


class Taken(Exception):
    pass


class Touched(Exception):
    pass


class Flash(Image):
    """One that counts what is done to it."""
    acts = 0

    def program(self, address, data):
        self.acts += 1
        super().program(address, data)

    def erase_now(self, address):
        self.acts += 1
        super().erase_now(address)


class Line:
    """The terminal's end of the admin line: `come` is what has arrived, `gone` what it has said."""
    IRQ_RXIDLE = 0

    def __init__(self):
        self.come, self.gone = b"", b""

    def irq(self, *_):
        pass

    def readinto(self, buf):
        size = min(len(buf), len(self.come))
        buf[:size], self.come = self.come[:size], self.come[size:]
        return size

    def write(self, data):
        self.gone += data


class Terminal:
    """The parts of one that its console leads to, on a flash in memory, with true code in each. `owner`: settings that came into force."""
    firmware, random_is_true, provision = "altered", False, None

    def __init__(self, source):
        self.flash = Flash(b"\xff" * _SIZE)
        self.vault = Vault(Slots(self.flash, _SLOTS).mount(), self.flash, _REGISTERS, Counters(self.flash, 0).mount(), demo.DEVICE_KEY[:16],
                           lambda buf: buf.__setitem__(slice(None), source.randbytes(len(buf))))
        self.audit = Audit(self.flash, _AUDIT, demo.DEVICE_KEY[:16])
        self.shop = Shop(Slots(self.flash, _SETTINGS, MOST_BYTES).mount(), self.vault, EMV, lambda code: True)
        self.parameters = self.shop.values
        asyncio.ThreadSafeFlag = lambda: types.SimpleNamespace(set=lambda: None)        # as MicroPython has them
        sys.implementation._machine = "altered"
        self.line = Line()
        self.console = Console(self.line, self, ops.OPS, ops.lock)

    def offer(self, *_):
        pass

    def state(self):
        """All that stays: flash by its hash, what is staged, the floors."""
        return hashlib.sha256(self.flash.data).hexdigest(), self.flash.acts, self.shop.staged, self.vault.keyed()

    def say(self, data):
        """Bytes on the line; [(kind, what)] of the frames that it answers with."""
        self.line.come, self.line.gone = data, b""
        while self.console._read():
            pass
        out, buf = [], bytearray(self.line.gone)
        while buf:
            kind, start, end, used = frame.take(buf, len(buf))
            out.append((kind, json.loads(buf[start:end])))
            del buf[:used]
        return out

    def ask(self, op, **more):
        """As terminal.Service.ask; the code of a refusal is an exception's argument."""
        *rows, (_kind, last) = self.say(frame.encode(frame.REQUEST, json.dumps({"op": op, **more}).encode()))
        if not last["ok"]:
            raise Refused(last["code"])
        return [row for _kind, row in rows]

    def code(self, op, **more):
        """The code with which it refuses. Raises Taken."""
        try:
            rows = self.ask(op, **more)
        except Refused as refused:
            return refused.args[0]
        if rows and rows[0].get("ok") is False:
            return "problems"
        raise Taken("%s %s" % (op, more))


# how a thing is altered: iterators of bytes
def changed(data):
    for at in range(len(data)):
        for byte in range(256):
            if byte != data[at]:
                yield data[:at] + bytes((byte,)) + data[at + 1:]


def cut(data):
    for size in range(len(data)):
        yield data[:size]


def mixed(one, other):
    for at in range(1, max(len(one), len(other))):
        for mix in (one[:at] + other[at:], other[:at] + one[at:]):
            if mix not in (one, other):
                yield mix


def every(one, other):
    yield from changed(one)
    yield from cut(one)
    yield from mixed(one, other)


class Desk:
    """A store, and a terminal that it can key."""

    def __init__(self, source):
        self.source, self.terminal = source, Terminal(source)
        self.store = FileStore(Path(tempfile.mkdtemp(prefix="altered-")) / "demonstration.json", "altered", create=True)
        for name in ("bdk", "kbpk", "station", "signing"):
            self.store.make(name)

    # key blocks: of two sessions of the same terminal, on the way to it
    def _session(self):
        station = provisioning.Station(self.store, SERIAL, self.terminal.ask)
        station.hello()
        station.prove()
        return station

    def key_blocks(self):
        """(name of the part, its block, another good one) without end; each is taken as it is, on this terminal, a moment later."""
        while True:
            station = self._session()
            for part, usage, mode, more in (("initial", "B1", "X", {"IK": station.ikid.hex().upper()}), ("transport", "K1", "D", {})):
                one, other = (station.block(usage, mode, self.source.randbytes(16), **more) for _ in range(2))
                self.terminal.ask("provision", step="load", part=part, value=one)
                self.terminal.ask("provision", step="load", part=part, value=other)
                yield part, one.encode(), other.encode()

    def load(self, part, block):
        """A refusal ends a session of provisioning; here it goes on where it was."""
        told = self.terminal.provision
        kept = {name: bytearray(value) if isinstance(value, bytearray) else value for name, value in vars(told).items()}
        code = self.terminal.code("provision", step="load", part=part, value=block.decode("latin-1"))
        if told._parts or told._next != "hello" or any(told._mark) or any(told._wrap):
            raise Touched("a refusal has left something of its session")
        self.terminal.provision = Provision.__new__(Provision)
        vars(self.terminal.provision).update(kept)
        return code

    # packages
    def provisioned(self):
        provisioning.through(self.store, SERIAL, self.terminal.ask)
        self.store.make("signing")
        return self

    def settings(self, name):
        text = json.dumps({"shop": {"name": name}})
        return packages.sign(self.store, packages.build(packages.PARAMETERS, text, VERSION, VERSION, DAYS), "signing/1")

    def keys(self):
        """Two packages that hand over the next signing key."""
        return [packages.sign(self.store, packages.sign(self.store, packages.build(
            packages.SIGNING_KEY, self.store.public("signing/2").hex(), version, 0, DAYS), "signing/1"), "signing/2", "signature_new")
            for version in (VERSION, VERSION + 1)]


def _parts(package):
    """[(name, its bytes, how they travel)] of what is signed or signs."""
    return [(name, bytes.fromhex(value) if name.startswith("signature") else value.encode(), bytes.hex if name.startswith("signature") else _text)
            for name, value in package.items() if value]


def _text(data):
    return data.decode("latin-1")


def of_packages(op, one, other):
    """(op, request) of every alteration of a package; each of its parts in turn, beside the others as they are, and parts of two good ones."""
    for (name, data, travels), (_name, theirs, _travels) in zip(_parts(one), _parts(other), strict=True):
        for altered in every(data, theirs):
            if travels is _text and altered.decode("latin-1").encode() == data:
                continue                    # the very same text
            yield op, {**one, name: travels(altered)}
        if other[name] != one[name]:
            yield op, {**one, name: other[name]}


def of_frames(payloads):
    """(frame, what follows it on the line) of every alteration of these requests as frames."""
    for payload, next_one in zip(payloads, payloads[1:], strict=False):
        whole, other = frame.encode(frame.REQUEST, payload), frame.encode(frame.REQUEST, next_one)
        for altered in every(whole, other):
            if whole not in altered and other not in altered:
                yield altered


def unchanged(terminal, before):
    if terminal.state() != before:
        raise Touched("state")


class Report:
    """How many were refused, by kind and code."""

    def __init__(self):
        self.kinds = {}

    def add(self, kind, code):
        self.kinds.setdefault(kind, collections.Counter())[code] += 1

    def count(self, kind=None):
        return sum(sum(codes.values()) for name, codes in self.kinds.items() if kind in (None, name))


def key_blocks(desk, report, wanted):
    """Every alteration of one key block, and of others after it until the report has so many."""
    before = desk.terminal.state()
    for part, one, other in desk.key_blocks():
        for altered in every(one, other):
            report.add("key block", desk.load(part, altered))
            if desk.terminal.flash.acts != before[1]:
                raise Touched("flash")
        unchanged(desk.terminal, before)
        if report.count() >= wanted:
            return


def package_kinds(desk, report, step=1, first=0):
    """Every alteration of a parameter file and of an update package as they travel, or each `step`-th from `first` on; then the originals."""
    before = desk.terminal.state()
    for kind, requests in (("parameter file", of_packages("stage_signed", desk.settings("Corner"), desk.settings("Garden"))),
                           ("update package", of_packages("signing_key", *desk.keys()))):
        for op, request in itertools.islice(requests, first, None, step):
            report.add(kind, desk.terminal.code(op, **request))
            if desk.terminal.flash.acts != before[1]:
                raise Touched("%s %s" % (op, request))
        unchanged(desk.terminal, before)
    desk.terminal.ask("stage_signed", **desk.settings("Corner"))
    desk.terminal.ask("signing_key", **desk.keys()[0])
    if desk.terminal.shop.staged != {"shop": {"name": "Corner"}}:
        raise Touched("the original was not taken")


def frames(desk, report, payloads=PAYLOADS, step=1, first=0):
    """Every alteration of these requests on the line, or each `step`-th; the next whole one is heard."""
    terminal, before, heard = desk.terminal, desk.terminal.state(), frame.encode(frame.REQUEST, _HEARD)
    for altered in itertools.islice(of_frames(payloads), first, None, step):
        told = terminal.say(altered + bytes(_CALM) + heard) or terminal.say(bytes(frame.MOST_BYTES))     # a length is believed until so much has come
        if told != [(frame.ANSWER, ops.identity(terminal)), (frame.LAST, {"ok": True})]:
            raise Taken("%r: %s" % (altered, told))
        report.add("console frame", "dropped")
        if terminal.flash.acts != before[1]:
            raise Touched("%r" % altered)
    unchanged(terminal, before)
