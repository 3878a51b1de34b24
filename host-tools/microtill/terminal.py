# terminal.py: a terminal at the end of a bench, asked over its admin line, in service mode on a copy of its flash. Raises NoAnswer, Refused.
from pathlib import Path

from microtill import demo
from microtill.bench.acquirer import tdes
from microtill.bench.acquirer.bank import Bank
from microtill.bench.bench import Bench
from microtill.keys import opened

_WITHIN_MS = 60_000
SERIAL, INITIAL_KEY, KEY_ID, CA_CERTIFICATE, LABEL = 1, 2, 3, 4, 5      # slots of the device's vault


class NoAnswer(Exception):
    """The terminal did not answer within a minute of its own time."""
    code = "T90"


class Refused(Exception):
    """The terminal refused the request; args: its code and word."""
    code = "T91"


class Service:
    """`with Service(state) as terminal: terminal.ask("journal")`. `keep`: what is installed stays in the state folder."""

    def __init__(self, state=None, keep=False, seed=1):
        self.bench = Bench(state, seed=seed, bank=False, service=True, keep=keep)

    def __enter__(self):
        self.start()
        return self

    def start(self):
        self.bench.start()
        if not self.bench.run(lambda: self.bench.console.ready, _WITHIN_MS):
            raise NoAnswer("console")

    def __exit__(self, *error):
        self.bench.close()

    def ask(self, op, **more):
        """The rows of the answer."""
        return ask(self.bench, op=op, **more)


def ask(bench, within_ms=_WITHIN_MS, **request):
    """The rows that a running terminal answers with. Raises NoAnswer, Refused."""
    bench.console.ask(request)
    if not bench.run(bench.console.answered, within_ms):
        raise NoAnswer(request["op"])
    if not bench.console.last["ok"]:
        raise Refused(bench.console.last["code"], bench.console.last["word"])
    return bench.console.rows


def beside(bench):
    """A Service on a copy of this bench's flash as it stands, with the key of its admin line; its `with` block begins with a start."""
    service = Service(None)
    service.bench.console.key = bench.console.key
    service.bench.flash.data[:] = bench.flash.data
    return service


def provision_demo(state, seed=1):
    """Key a blank terminal from the demonstration store. A keyed one is left alone, and so is one that has a key store of its own beside it:
    `microtill provision` keys that. One whose settings want PINs under TDES gets the key for that. Returns whether it was blank."""
    if opened.exists(state):
        return False
    with Service(state, keep=True, seed=seed) as terminal:
        row = terminal.ask("identity")[0]
        if row["keyed"] and not row["pin_keyed"]:
            install_demo_tdes(terminal, state)
        elif not row["keyed"]:
            install_demo(terminal)
        return not row["keyed"]


def install_demo(terminal):
    """The same slots that a real provisioning fills; the initial key last, so that a terminal cut here is still blank."""
    ikid, key = demo.initial_key(demo.SERIAL)
    for slot, value in ((SERIAL, demo.SERIAL.encode()), (KEY_ID, ikid), (LABEL, b"test keys"), (CA_CERTIFICATE, demo.CA_DER.read_bytes()),
                        (INITIAL_KEY, key)):
        terminal.ask("install", slot=slot, hex=value.hex())


def install_demo_tdes(terminal, state):
    """The demonstration's key for PINs under TDES; the bank of the state folder takes such PINs from now on."""
    ikid, _key = demo.initial_key(demo.SERIAL)
    terminal.ask("tdes_key", hex=tdes.under(demo.TDES_BDK)(ikid + bytes(2)).hex())
    bank = Bank(str(Path(state) / "bank.sqlite") if state else ":memory:")
    try:
        bank.allow_tdes(demo.SERIAL)
    finally:
        bank.close()
