# chip.py: offers one chip model on a pseudo-terminal or a serial adapter until interrupted. Ends 2 where the name, card or place is wrong.
import json
import os
import signal
import sys

from microtill.bench.chips.pty import Host, Port, Pty
from microtill.bench.world import World

NAMES = ("pn532", "escpos", "esp_at")


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


def _escpos(world, out):
    from microtill.bench.chips.escpos import Escpos
    chip = Escpos(world)
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


def _esp_at(world):
    from microtill.bench.chips.esp_at import EspAt
    from microtill.bench.network import Network
    return EspAt(world, Network(world, reach=_Anywhere()))


def chip(name, link, card=None, out=None, port=None, as_json=False):
    """Serve the model `name` at `link` (or on the serial port `port`) until SIGINT or SIGTERM.

    `card`: name of a card in the field (pn532). `out`: folder for a PNG at each cut (escpos). A modem (esp_at) has this machine's network
    behind an access point of its own: docs/modem.md.
    Returns the exit status: 0, or 2 for wrong use."""
    if name not in NAMES:
        return _wrong(f"no chip named {name}; there are: {', '.join(NAMES)}")
    world = World()
    try:
        model = _esp_at(world) if name == "esp_at" else _pn532(world, card) if name == "pn532" else _escpos(world, out)
    except KeyError:
        return _wrong(f"no card named {card}; `microtill cards` lists them")
    try:
        end = Port(port) if port else Pty(link)
    except OSError as error:
        return _wrong(f"cannot offer the chip at {port or link}: {error.strerror or error}")
    stops = []
    before = {number: signal.signal(number, lambda number, frame: stops.append(number)) for number in (signal.SIGINT, signal.SIGTERM)}
    print(json.dumps({"link": end.link}) if as_json else f"{name} at {end.link}; stop with Ctrl-C", flush=True)
    try:
        Host(world, model, end).run(lambda: bool(stops))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0
