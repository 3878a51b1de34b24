# chip.py: offers one chip model on a pseudo-terminal or a serial adapter until interrupted. Ends 2 where the name, card or place is wrong.
import json
import os
import signal
import sys

from microtill.bench.chips.pty import Host, Port, Pty
from microtill.bench.world import World
from microtill.boards import BoardError

NAMES = ("pn532", "escpos", "esp_at")
_BAUD = 115200


def _wrong(words):
    print(words, file=sys.stderr)
    return 2


def _pn532(world, card):
    from microtill.bench.chips.pn532 import PN532
    chip = PN532(world)
    if card:
        from microtill.bench.cards.wallet import Wallet
        chip.present(Wallet(None).card(card))
    return chip


def _escpos(world, out, baud):
    from microtill.bench.chips.escpos import Escpos
    chip = Escpos(world, baud=baud or _BAUD)
    if out:
        os.makedirs(out, exist_ok=True)

        def keep(receipt):
            receipt.png(os.path.join(out, f"receipt-{len(chip.receipts):03d}.png"))
        chip.on_receipt = keep
    return chip


class _Anywhere:
    """Every "host:port" leads to itself."""

    def __contains__(self, where):
        return True

    def __getitem__(self, where):
        host, _, port = where.rpartition(":")
        return host, int(port)


def modem(world):
    """An ESP-AT modem with this machine's network behind its access point."""
    from microtill.bench.chips.esp_at import EspAt
    from microtill.bench.network import Network
    return EspAt(world, Network(world, reach=_Anywhere()))


def chip(name, link=None, card=None, out=None, port=None, baud=None, as_json=False):
    """Serve the model `name` at `link`, a pseudo-terminal, or on the serial port `port`, until SIGINT or SIGTERM.

    `card`: name of a card in the field (pn532). `out`: folder for a PNG at each cut (escpos). `baud`: what the printer is
    set to; the others begin at 115200, and a chip that changes its rate takes the port along. A modem (esp_at) has this machine's network
    behind an access point of its own: docs/modem.md.
    Returns the exit status: 0, or 2 for wrong use and for a port that is not there, not free, or gone."""
    if name not in NAMES:
        return _wrong(f"no chip named {name}; there are: {', '.join(NAMES)}")
    if bool(link) == bool(port):
        return _wrong("where is the chip to be? --link PATH for a pseudo-terminal, or --port PORT for a serial adapter")
    if baud not in (None, _BAUD) and name != "escpos":
        return _wrong(f"a {name} begins at {_BAUD} baud; --baud is for escpos")
    world = World()
    try:
        model = modem(world) if name == "esp_at" else _pn532(world, card) if name == "pn532" else _escpos(world, out, baud)
    except KeyError:
        return _wrong(f"no card named {card}; `microtill cards` lists them")
    try:
        end = Port(port, model.baud) if port else Pty(link)
        return _serve(name, world, model, end, as_json)
    except BoardError as error:
        return _wrong(f"microtill: {error.code} {error}")
    except OSError as error:
        return _wrong(f"cannot offer the chip at {port or link}: {error.strerror or error}")


def _serve(name, world, model, end, as_json):
    stops = []
    before = {number: signal.signal(number, lambda number, frame: stops.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    print(json.dumps({"link": end.link}) if as_json else f"{name} at {end.link}; stop with Ctrl-C", flush=True)
    try:
        Host(world, model, end).run(lambda: bool(stops))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0
